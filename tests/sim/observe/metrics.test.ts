/** Windows of client traffic, from facts that are told by hand. */
import { describe, expect, it } from 'vitest';
import type { ClientCompleted, ClientInvoked } from '../../../src/sim/contracts/facts.ts';
import { Metrics } from '../../../src/sim/observe/metrics.ts';
import { forSeeds } from '../../support/seeds.ts';
import type { Random } from '../../support/seeds.ts';

const invoked: ClientInvoked = {
  type: 'client.invoked',
  op: 1,
  client: 'c',
  f: 'get',
  input: null,
};
const done = (
  outcome: ClientCompleted['outcome'],
  latencyMicros: number,
  rest: { readonly error?: string; readonly retries?: number; readonly hedges?: number } = {},
): ClientCompleted => ({
  type: 'client.completed',
  op: 1,
  client: 'c',
  f: 'get',
  outcome,
  output: null,
  retries: 0,
  latencyMicros,
  ...rest,
});

describe('a window of traffic', () => {
  it('counts what began and what ended in it, and why it ended ill', () => {
    const metrics = new Metrics(100, 300);
    for (let i = 0; i < 4; i++) metrics.onFact(invoked, 10);
    metrics.onFact(done('ok', 20, { retries: 2 }), 30);
    metrics.onFact(done('fail', 20, { error: 'timeout' }), 99);
    // At its very end the next one begins.
    metrics.onFact(done('unknown', 20, { error: 'timeout', retries: 1, hedges: 3 }), 100);
    metrics.onFact(done('fail', 20, { error: 'http-503' }), 110);
    metrics.onFact(invoked, 120);
    expect(metrics.windowsFrom(0, 200)).toEqual([
      {
        fromMicros: 0,
        toMicros: 100,
        offered: 4,
        ok: 1,
        fail: 1,
        unknown: 0,
        retries: 2,
        hedges: 0,
        errors: [{ code: 'timeout', count: 1 }],
        p50Micros: 20,
        p95Micros: 20,
        p99Micros: 20,
        inFlight: 2,
      },
      {
        fromMicros: 100,
        toMicros: 200,
        offered: 1,
        ok: 0,
        fail: 1,
        unknown: 1,
        retries: 1,
        hedges: 3,
        errors: [
          { code: 'http-503', count: 1 },
          { code: 'timeout', count: 1 },
        ],
        p50Micros: 0,
        p95Micros: 0,
        p99Micros: 0,
        inFlight: 1,
      },
    ]);
    expect(metrics.errors).toEqual([
      { code: 'http-503', count: 1 },
      { code: 'timeout', count: 2 },
    ]);
  });

  it('has the percentiles of its own latencies alone', () => {
    const metrics = new Metrics(1_000);
    for (let i = 1; i <= 100; i++) metrics.onFact(done('ok', i), 5);
    for (let i = 1; i <= 100; i++) metrics.onFact(done('ok', 1_000 + i), 1_005);
    metrics.onFact(done('ok', 7), 2_005);
    const points = metrics
      .windowsFrom(0, 3_000)
      .map(({ p50Micros, p95Micros, p99Micros }) => [p50Micros, p95Micros, p99Micros]);
    expect(points).toEqual([
      [50, 95, 99],
      [1_050, 1_095, 1_099],
      [7, 7, 7],
    ]);
  });

  it('names the outcome where the client gives no cause', () => {
    const metrics = new Metrics(100);
    metrics.onFact(done('unknown', 3), 1);
    expect(metrics.errors).toEqual([{ code: 'unknown', count: 1 }]);
  });

  it('ends with the run, the last one early', () => {
    const metrics = new Metrics(100, 250);
    const windows = metrics.windowsFrom(0, 250);
    expect(windows.map(({ fromMicros, toMicros }) => [fromMicros, toMicros])).toEqual([
      [0, 100],
      [100, 200],
      [200, 250],
    ]);
    expect(metrics.windowCount(900)).toBe(3);
  });
});

describe('saving metrics', () => {
  it('at any moment goes on to the same windows', () => {
    forSeeds(20, import.meta.url, (_seed, random) => {
      const facts = Array.from({ length: 200 }, (_, i) => ({ at: i * 13, fact: someFact(random) }));
      const tell = (metrics: Metrics, from: number): unknown => {
        for (const { at, fact } of facts.slice(from)) metrics.onFact(fact, at);
        return [metrics.windowsFrom(0, 2_600), metrics.errors, metrics.latencies.summary()];
      };
      const straight = tell(new Metrics(100, 2_600), 0);
      const metrics = new Metrics(100, 2_600);
      const at = random.int(200);
      for (const one of facts.slice(0, at)) metrics.onFact(one.fact, one.at);
      const image = metrics.save();
      for (let round = 0; round < 2; round++) {
        expect(tell(metrics, at)).toEqual(straight);
        metrics.restore(image);
      }
    });
  });
});

function someFact(random: Random): ClientInvoked | ClientCompleted {
  if (random.chance(40)) return invoked;
  if (random.chance(70)) return done('ok', random.between(1, 100_000));
  const error = `e${random.int(3)}`;
  return done(random.chance(50) ? 'fail' : 'unknown', 5, { error, retries: random.int(3) });
}
