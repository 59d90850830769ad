/** The store of counters by itself: each operation, their cost, windows, keys, a crash. */
import type { LimitCount, LimitDecision, LimitMessage } from 'faultline';
import { describe, expect, it } from 'vitest';
import type { LimitStoreView } from '../../../../src/sim/components/limit-store/limit-store.ts';
import { TrafficBench } from '../support/traffic-bench.ts';

const store = (config: object = {}, cores = 1): TrafficBench =>
  new TrafficBench({
    groups: [
      { name: 'b', component: 'scripted-server', count: 1 },
      { name: 'k', component: 'limit-store', count: 1, cores, config: { ...config } },
      { name: 'a', component: 'caller', count: 1, links: { servers: 'b' } },
    ],
  });
const ask = (bench: TrafficBench, at: number, message: LimitMessage): number =>
  bench.requestAt(at, message, 'k1');
const read = (key = 1): LimitMessage => ({ type: 'limit.read', key });
const write = (count: number, key = 1): LimitMessage => ({ type: 'limit.write', key, count });
const report = (admitted: number, key = 1): LimitMessage => ({
  type: 'limit.report',
  key,
  admitted,
});
const take = (key = 1): LimitMessage => ({ type: 'limit.take', key });
const counts = (bench: TrafficBench, tags: readonly number[]) =>
  tags.map((tag) => bench.value<LimitCount>(tag)?.count);

describe('a store of counters', () => {
  it('reads, writes and adds, each key by itself', () => {
    const bench = store({ windowMs: 10_000 });
    const messages = [read(), write(3), report(4), read(), read(2), report(0)];
    const tags = messages.map((message, i) => ask(bench, i + 1, message));
    bench.ms(100);
    expect(counts(bench, tags)).toEqual([0, 3, 7, 7, 0, 7]);
  });

  it('counts anew in each window of its own clock', () => {
    const bench = store({ windowMs: 1_000 });
    const tags = [
      ask(bench, 900, report(5)),
      ask(bench, 998.9, read()),
      ask(bench, 999, read()),
      ask(bench, 1_500, report(2)),
    ];
    bench.ms(3_000);
    expect(counts(bench, tags)).toEqual([5, 5, 0, 2]);
  });

  it('decides by its policy and says after how long to come back', () => {
    const bench = store({ policy: 'token-bucket', ratePerSecond: 4, burst: 2 });
    const tags = [1, 1, 1, 251].map((at) => ask(bench, at, take()));
    bench.ms(500);
    expect(
      tags.map((tag) => {
        const decision = bench.value<LimitDecision>(tag);
        return [decision?.admitted, decision?.retryAfterMs];
      }),
    ).toEqual([
      [true, 0],
      [true, 0],
      [false, 250],
      [true, 0],
    ]);
    expect(bench.view('k1') as LimitStoreView).toMatchObject({ admitted: 3, refused: 1, level: 1 });
  });

  it('does one operation after the other on its core, for as long as each costs', () => {
    const bench = store({ opMicros: 5_000 });
    const tags = [1, 1, 1].map((at) => ask(bench, at, report(1)));
    bench.ms(100);
    expect(tags.map((tag) => bench.at(tag))).toEqual([8, 13, 18]);
    expect(counts(bench, tags)).toEqual([1, 2, 3]);
    expect((bench.view('k1') as LimitStoreView).waiting).toBe(0);
  });

  it('knows how long operations waited for it, in all', () => {
    const bench = store({ opMicros: 5_000 });
    for (const at of [1, 1, 1]) ask(bench, at, report(1));
    bench.ms(100);
    const { behaviour, state } = bench.node('k1');
    const [flow] = behaviour.flows?.(state) ?? [];
    // Three come together and go after 5, 10 and 15 ms.
    expect(flow).toMatchObject({ name: 'operations', arrived: 3, left: 3, inside: 0 });
    expect([flow?.sojournMicros, flow?.areaMicros]).toEqual([30_000, 30_000]);
  });

  it('forgets the key that was idle longest when there are too many', () => {
    const bench = store({ maxKeys: 2, windowMs: 10_000 });
    const tags = [report(1, 1), report(1, 2), read(1), report(1, 3), read(2), read(3)].map(
      (message, i) => ask(bench, i + 1, message),
    );
    bench.ms(100);
    expect(counts(bench, tags)).toEqual([1, 1, 1, 1, 0, 1]);
  });

  it('forgets everything in a crash', () => {
    const bench = store({ windowMs: 10_000 });
    const before = ask(bench, 1, report(5));
    bench.ms(10).inject('crash', { type: 'crash', target: 'k1' });
    bench.ms(20).undo('crash');
    const after = ask(bench, 30, read());
    bench.ms(100);
    expect(counts(bench, [before, after])).toEqual([5, 0]);
  });
});
