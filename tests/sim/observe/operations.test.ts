/** What became of the operations of clients, by name, from facts that are told by hand. */
import { describe, expect, it } from 'vitest';
import type { ClientCompleted } from '../../../src/sim/contracts/facts.ts';
import { Metrics } from '../../../src/sim/observe/metrics.ts';

const done = (
  f: string,
  outcome: ClientCompleted['outcome'],
  latencyMicros: number,
): ClientCompleted => ({
  type: 'client.completed',
  op: 1,
  client: 'c',
  f,
  outcome,
  output: null,
  retries: 0,
  latencyMicros,
});

function told(): Metrics {
  const metrics = new Metrics(1_000_000);
  const facts = [
    done('POST /order', 'ok', 30_000),
    done('GET /browse', 'ok', 4_000),
    done('GET /browse', 'ok', 6_000),
    done('GET /browse', 'fail', 90_000),
    done('POST /order', 'unknown', 20_000_000),
    done('GET /browse', 'ok', 20_000_000),
  ];
  facts.forEach((fact, at) => metrics.onFact(fact, at));
  return metrics;
}

describe('the operations of clients', () => {
  it('are told apart by name, in the order of the names', () => {
    const totals = told().operations.totals();
    expect(
      totals.map(({ operation, ok, fail, unknown }) => [operation, ok, fail, unknown]),
    ).toEqual([
      ['GET /browse', 3, 1, 0],
      ['POST /order', 1, 0, 1],
    ]);
  });

  it('have the latencies of those that went well, each its own', () => {
    const [browse, order] = told().operations.totals();
    expect(browse!.latencyMicros).toMatchObject({ max: 20_000_000, mean: 20_010_000 / 3 });
    expect(order!.latencyMicros).toMatchObject({ p50: 30_000, p99: 30_000, max: 30_000 });
  });

  it('have a histogram that grows with its bounds, and whose last bucket has all of them', () => {
    const [browse, order] = told().operations.totals();
    const counts = (total: typeof browse) => total!.histogram.map(({ count }) => count);
    expect(counts(browse)).toEqual([1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3]);
    expect(counts(order)).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    const bounds = browse!.histogram.map(({ atMostMicros }) => atMostMicros);
    expect(bounds.slice(0, 2)).toEqual([5_000, 10_000]);
    expect(bounds.slice(-4)).toEqual([10_000_000, 15_000_000, 30_000_000, null]);
  });

  it('are never lost to the histogram, however long they took', () => {
    const metrics = new Metrics(1_000_000);
    for (const micros of [12_000_000, 12_000_000, 90_000_000]) {
      metrics.onFact(done('GET /slow', 'ok', micros), micros);
    }
    const [slow] = metrics.operations.totals();
    const counts = slow!.histogram.map(({ count }) => count);
    expect(counts.slice(-4)).toEqual([0, 2, 2, 3]);
    expect(counts.at(-1)).toBe(slow!.ok);
  });

  it('are saved, and restored without what came after', () => {
    const metrics = told();
    const image = metrics.save();
    const before = metrics.operations.totals();
    metrics.onFact(done('DELETE /order', 'ok', 5), 10);
    metrics.onFact(done('GET /browse', 'ok', 5), 11);
    expect(metrics.operations.totals()).not.toEqual(before);
    metrics.restore(image);
    expect(metrics.operations.totals()).toEqual(before);
    metrics.onFact(done('GET /browse', 'ok', 5), 12);
    expect(metrics.operations.totals()[0]?.ok).toBe(4);
  });
});
