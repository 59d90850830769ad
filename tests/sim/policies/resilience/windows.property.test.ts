/** The windows of constant cost beside plain lists that remember everything. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import {
  hedgeDelayMicros,
  newHedge,
  onLatency,
} from '../../../../src/sim/policies/resilience/hedge.ts';
import {
  failureRate,
  newOutcomeWindow,
  recordOutcome,
  slowCallRate,
} from '../../../../src/sim/policies/resilience/outcome-window.ts';
import {
  count,
  roll,
  startCounts,
  sumAt,
} from '../../../../src/sim/policies/resilience/rolling-counts.ts';

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed);
const SECOND = 1_000_000;

describe.each(SEEDS)('seed %i', (seed) => {
  it('rolling counts are the sums of the slices that the window still holds', () => {
    const stream = new StreamBank(seed).stream('counts');
    const slices = stream.between(1, 12);
    const sliceMicros = stream.pick([1, 7, 1_000, 333.25]);
    const rolling = startCounts(2, slices, sliceMicros);
    const all: { slice: number; kind: number; amount: number }[] = [];
    let now = 0;
    for (let i = 0; i < 400; i++) {
      now += stream.below(10) === 0 ? stream.below(20_000) : stream.below(900);
      const slice = Math.floor(now / sliceMicros);
      const sum = (kind: number) => {
        let total = 0;
        for (const e of all) if (e.kind === kind && e.slice > slice - slices) total += e.amount;
        return total;
      };
      expect([sumAt(rolling, 0, now), sumAt(rolling, 1, now)]).toEqual([sum(0), sum(1)]);
      const kind = stream.below(2);
      const amount = stream.between(-5, 5);
      roll(rolling, now);
      count(rolling, kind, amount);
      all.push({ slice, kind, amount });
      expect([...rolling.totals]).toEqual([sum(0), sum(1)]);
    }
  });

  it.each(['count-based', 'time-based'] as const)('a %s window has the plain rates', (type) => {
    const stream = new StreamBank(seed).stream(type);
    const size = stream.between(1, 15);
    const minimum = stream.between(1, size);
    const window = newOutcomeWindow(type, size, minimum);
    const all: { second: number; isOk: boolean; isSlow: boolean }[] = [];
    let now = 0;
    for (let i = 0; i < 300; i++) {
      now += stream.below(12) === 0 ? stream.below(20 * SECOND) : stream.below(SECOND);
      const isOk = stream.chance(0.6);
      const isSlow = stream.chance(0.3);
      const second = Math.floor(now / SECOND);
      all.push({ second, isOk, isSlow });
      recordOutcome(window, isOk, isSlow, now);
      const held =
        type === 'count-based' ? all.slice(-size) : all.filter((c) => c.second > second - size);
      const share = (bad: number) => (held.length < minimum ? -1 : (bad * 100) / held.length);
      expect(failureRate(window)).toBe(share(held.filter((c) => !c.isOk).length));
      expect(slowCallRate(window)).toBe(share(held.filter((c) => c.isSlow).length));
    }
  });

  it('a hedge waits for the nearest-rank percentile of the last latencies', () => {
    const stream = new StreamBank(seed).stream('hedge');
    const settings = {
      delayMicros: 77,
      percentile: stream.pick([0.5, 0.9, 0.95, 0.99, 1]),
      windowSize: stream.between(1, 40),
      minimumSamples: 5,
    };
    const state = newHedge(settings);
    const all: number[] = [];
    for (let i = 0; i < 200; i++) {
      const recent = all.slice(-settings.windowSize).sort((a, b) => a - b);
      const rank = Math.ceil((settings.percentile * 100 * recent.length) / 100 - 1e-9);
      const expected = recent.length < 5 ? 77 : recent[Math.max(1, rank) - 1];
      expect(hedgeDelayMicros(state, settings)).toBe(expected);
      const latency = stream.below(30);
      all.push(latency);
      onLatency(state, latency);
    }
  });
});
