/** The two loops of a client: closed, with its workers and pauses, and open, with its rate. */
import { describe, expect, it } from 'vitest';
import { forSeeds } from '../../../support/seeds.ts';
import { done } from '../support/bench.ts';
import type { Bench } from '../support/bench.ts';
import type { ClientCompleted, ClientInvoked } from '../../../../src/sim/contracts/facts.ts';
import { clientBench, completed, invoked } from './support/client.ts';
import type { KvClientView } from './support/client.ts';

const inFlight = (bench: Bench): number => (bench.view('c1') as KvClientView).inFlight;
const invokedAt = (bench: Bench): number[] =>
  bench.told<ClientInvoked>('client.invoked').map(({ atMicros }) => atMicros);

/** Means over seeds may miss by five standard errors. */
const DEVIATIONS = 5;

describe('a closed loop', () => {
  it('keeps as many operations under way as it has workers, where none thinks', () => {
    const bench = clientBench({
      script: ({ nth }) => ({ reply: done(), afterMs: 1 + (nth % 7) }),
      config: { workers: 5, thinkMs: 0 },
    });
    const seen = new Set<number>();
    for (let at = 1; at < 500; at += 0.37) seen.add(inFlight(bench.ms(at)));
    expect(seen).toEqual(new Set([5]));
    expect(invoked(bench).length).toBeGreaterThan(100);
  });

  it('never has more under way than it has workers, nor one worker two', () => {
    const bench = clientBench({
      script: ({ nth }) => (nth % 5 === 0 ? null : { reply: done(), afterMs: nth % 9 }),
      config: { workers: 3, thinkMs: 4, tryTimeoutMs: 20 },
    }).ms(2_000);
    const open = new Map<string, number>();
    let most = 0;
    for (const { fact } of bench.facts) {
      const { type, client, op } = fact as ClientInvoked | ClientCompleted;
      if (type === 'client.invoked') {
        expect(open.has(client)).toBe(false);
        open.set(client, op);
      } else if (type === 'client.completed') {
        expect(open.get(client)).toBe(op);
        open.delete(client);
      }
      most = Math.max(most, open.size);
    }
    expect(most).toBe(3);
  });

  it('thinks between an answer and the next call, exponentially with the mean told', () => {
    const pauses: number[] = [];
    forSeeds(10, import.meta.url, (seed) => {
      const bench = clientBench({
        seed,
        script: () => ({ reply: done() }),
        config: { thinkMs: 20, stopMs: 4_000 },
      }).ms(5_000);
      const ends = bench.told<ClientCompleted>('client.completed').map((f) => f.atMicros);
      invokedAt(bench)
        .slice(1)
        .forEach((at, i) => pauses.push((at - (ends[i] ?? NaN)) / 1_000));
    });
    const count = pauses.length;
    const mean = pauses.reduce((sum, pause) => sum + pause, 0) / count;
    expect(count).toBeGreaterThan(100);
    // The standard deviation of an exponential is its mean.
    expect(Math.abs(mean - 20)).toBeLessThan((DEVIATIONS * 20) / Math.sqrt(count));
    const above = pauses.filter((pause) => pause > 20).length / count;
    expect(Math.abs(above - Math.exp(-1))).toBeLessThan((DEVIATIONS * 0.49) / Math.sqrt(count));
  });

  it('waits for its answers: a slow store is asked less often', () => {
    const asks = (afterMs: number): number => {
      const script = () => ({ reply: done(), afterMs });
      return invoked(clientBench({ script, config: { thinkMs: 0 } }).ms(999)).length;
    };
    // A round trip of 2 ms and the answer's own time.
    expect(asks(2)).toBeCloseTo(1_000 / 4, -1);
    expect(asks(98)).toBe(10);
  });
});

describe('an open loop', () => {
  const open = (config: object, afterMs: number | null, seed = 1): Bench =>
    clientBench({
      seed,
      script: () => (afterMs === null ? null : { reply: done(), afterMs }),
      config: { mode: 'open', ...config },
    });

  it.each([
    ['at once', 0],
    ['late', 200],
    ['never', null],
  ] as const)('keeps its rate where answers come %s', (_when, afterMs) => {
    const rates: number[] = [];
    forSeeds(10, import.meta.url, (seed) => {
      const bench = open({ ratePerSecond: 100, readShare: 0 }, afterMs, seed).ms(5_000);
      rates.push(invoked(bench).length / 5);
    });
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    // So many arrivals of a Poisson process deviate by the root of their number.
    const error = Math.sqrt(100 * 5 * rates.length) / (5 * rates.length);
    expect(Math.abs(mean - 100)).toBeLessThan(DEVIATIONS * error);
  });

  it('begins the same operations at the same times whatever the answers', () => {
    const config = { ratePerSecond: 200, stopMs: 1_000 };
    const runs = [0, 150, null].map((afterMs) => open(config, afterMs).ms(3_000));
    const of = (bench: Bench): unknown => [
      invokedAt(bench),
      invoked(bench).map(({ f, key }) => [f, key]),
    ];
    expect(invoked(runs[0] as Bench).length).toBeGreaterThan(100);
    expect(of(runs[1] as Bench)).toEqual(of(runs[0] as Bench));
    expect(of(runs[2] as Bench)).toEqual(of(runs[0] as Bench));
  });

  it('adds up its arrivals as they are drawn: rounding each gap would lose the rate', () => {
    // Gaps of 2.4 us in the mean: rounded one by one, a whole arrival time would be many us off.
    const bench = open({ ratePerSecond: 416_000, readShare: 1 }, null);
    const stream = bench.node('c1').context.stream('arrivals');
    const image = bench.parts.kernel.streams.save();
    const expected: number[] = [];
    let at = 0;
    for (let i = 0; i < 5_000; i++) {
      at += stream.exponential(1_000_000 / 416_000);
      expected.push(Math.round(at));
    }
    bench.parts.kernel.streams.restore(image);
    bench.ms((expected.at(-1) ?? 0) / 1_000);
    expect(invokedAt(bench).slice(0, 5_000)).toEqual(expected);
  });

  it('has as many logical clients as operations overlapped, and uses the free ones again', () => {
    const bench = open({ ratePerSecond: 300, readShare: 0, stopMs: 2_000 }, 20).ms(3_000);
    const busy = new Set<string>();
    let most = 0;
    for (const { fact } of bench.facts) {
      const { type, client } = fact as ClientInvoked | ClientCompleted;
      if (type === 'client.invoked') {
        expect(busy.has(client)).toBe(false);
        busy.add(client);
      } else if (type === 'client.completed') busy.delete(client);
      most = Math.max(most, busy.size);
    }
    const clients = new Set(invoked(bench).map(({ client }) => client));
    expect(clients.size).toBe(most);
    expect(invoked(bench).length).toBeGreaterThan(clients.size * 5);
  });
});

describe.each(['closed', 'open'])('a %s loop', (mode) => {
  const loop = (config: object): Bench =>
    clientBench({
      script: () => ({ reply: done() }),
      config: { mode, thinkMs: 5, ratePerSecond: 200, ...config },
    });

  it('begins at startMs and not before', () => {
    const at = invokedAt(loop({ startMs: 700 }).ms(2_000));
    expect(at.length).toBeGreaterThan(50);
    expect(Math.min(...at)).toBeGreaterThanOrEqual(700_000);
    expect(Math.min(...at)).toBeLessThan(800_000);
  });

  it('begins nothing from stopMs on, and ends what is under way', () => {
    const bench = loop({ stopMs: 600 }).ms(5_000);
    const at = invokedAt(bench);
    expect(Math.max(...at)).toBeLessThan(600_000);
    expect(Math.max(...at)).toBeGreaterThan(500_000);
    expect(completed(bench)).toHaveLength(at.length);
    expect(inFlight(bench)).toBe(0);
    // Nothing is armed any more: the node rests.
    expect(bench.parts.kernel.queue.size).toBe(0);
  });

  it('goes on for ever where stopMs is 0', () => {
    const bench = loop({ stopMs: 0 }).ms(60_000);
    expect(Math.max(...invokedAt(bench))).toBeGreaterThan(59_000_000);
  });

  it('begins again at once after a restart, its start time being past', () => {
    const bench = loop({ startMs: 100 }).ms(300);
    bench.inject('crash', { type: 'crash', target: 'c1' }).ms(500);
    const before = invoked(bench).length;
    expect(Math.max(...invokedAt(bench))).toBeLessThanOrEqual(300_000);
    bench.undo('crash').ms(600);
    expect(invoked(bench).length).toBeGreaterThan(before + 5);
    expect(invokedAt(bench)[before]).toBeGreaterThanOrEqual(500_000);
    expect(invokedAt(bench)[before]).toBeLessThan(540_000);
  });

  it('goes on once its servers are there again', () => {
    const bench = loop({}).ms(300);
    const server = bench.index('s1');
    bench.parts.growth.retire(server);
    bench.ms(3_000);
    bench.parts.growth.spawn('s');
    const before = completed(bench).length;
    bench.ms(4_000);
    const later = completed(bench)
      .slice(before)
      .filter(({ outcome }) => outcome === 'ok');
    expect(later.length).toBeGreaterThan(20);
  });
});
