/** What holds for every rate limiter, over random sequences of requests. */
import { describe, expect, it } from 'vitest';
import { clonePlain } from '../../../../src/sim/kernel/clone.ts';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import { gcra } from '../../../../src/sim/policies/limiting/gcra.ts';
import { RATE_LIMITERS } from '../../../../src/sim/policies/limiting/index.ts';
import { leakyBucket } from '../../../../src/sim/policies/limiting/leaky-bucket.ts';
import type { RateLimitSettings } from '../../../../src/sim/policies/limiting/rate-limiter.ts';
import { slidingLog } from '../../../../src/sim/policies/limiting/sliding-log.ts';
import { tokenBucket } from '../../../../src/sim/policies/limiting/token-bucket.ts';

const SEEDS = Array.from({ length: 16 }, (_, seed) => seed);
const RATES = [1, 2, 3, 7, 10, 48, 100, 333, 1_000, 0.5, 0.3];

interface Trial {
  readonly settings: RateLimitSettings;
  readonly requests: readonly { readonly at: number; readonly cost: number }[];
}

/** Requests around the limit: bunches, lone ones, and now and then a long silence. */
function trial(seed: number): Trial {
  const stream = new StreamBank(seed).stream('trial');
  const ratePerSecond = stream.pick(RATES);
  const burst = stream.between(1, 12);
  const windowMicros = Math.ceil((stream.between(1, 12) / ratePerSecond) * 1e6);
  const gap = 1e6 / ratePerSecond;
  let at = 0;
  const requests = Array.from({ length: 200 }, () => {
    const kind = stream.below(10);
    if (kind < 4) at += Math.round(gap * stream.below(3));
    else if (kind < 9) at += Math.round(stream.exponential(gap));
    else at += Math.round(gap * stream.between(0, 25));
    return { at, cost: stream.below(4) === 0 ? stream.between(1, 4) : 1 };
  });
  return { settings: { ratePerSecond, burst, windowMicros }, requests };
}

describe.each(RATE_LIMITERS)('$name', (limiter) => {
  it.each(SEEDS)('seed %i: a refusal changes nothing, and its wait is exact', (seed) => {
    const { settings, requests } = trial(seed);
    const state = limiter.start(settings);
    let refusals = 0;
    for (const { at, cost } of requests) {
      const before = clonePlain(state);
      const wait = limiter.retryAfterMicros(state, settings, at, cost);
      const remaining = limiter.remaining(state, settings, at);
      const level = limiter.level(state, settings, at);
      expect(state).toEqual(before);
      expect(level).toBeGreaterThanOrEqual(0);
      expect(level).toBeLessThanOrEqual(1);
      const passes = limiter.decide(state, settings, at, cost);
      expect(passes, `at ${at}: remaining ${remaining}, cost ${cost}`).toBe(remaining >= cost);
      expect(passes).toBe(wait === 0);
      if (passes) continue;
      refusals++;
      expect(state).toEqual(before);
      if (wait === Infinity) {
        expect(cost).toBeGreaterThan(limiter.limit(settings));
        continue;
      }
      expect(limiter.decide(clonePlain(state), settings, at + wait - 1, cost)).toBe(false);
      expect(limiter.decide(clonePlain(state), settings, at + wait, cost)).toBe(true);
    }
    expect(refusals).toBeGreaterThan(0);
  });

  it.each(SEEDS)('seed %i: it is at rest again exactly after its reset time', (seed) => {
    const { settings, requests } = trial(seed);
    const state = limiter.start(settings);
    const limit = limiter.limit(settings);
    for (const { at, cost } of requests) {
      limiter.decide(state, settings, at, cost);
      const reset = limiter.resetAfterMicros(state, settings, at);
      expect(limiter.remaining(state, settings, at + reset)).toBe(limit);
      expect(limiter.level(state, settings, at + reset)).toBeLessThan(1e-6);
      if (reset > 0) {
        expect(limiter.resetAfterMicros(state, settings, at + reset - 1)).toBe(1);
      }
    }
  });
});

describe('limiters that are one automaton in other words', () => {
  it.each(SEEDS)('seed %i: GCRA is a token bucket, and a leaky bucket, of burst + 1', (seed) => {
    const { settings, requests } = trial(seed);
    const larger = { ...settings, burst: settings.burst + 1 };
    const cells = gcra.start(settings);
    const tokens = tokenBucket.start(larger);
    const water = leakyBucket.start(larger);
    for (const { at, cost } of requests) {
      const passes = gcra.decide(cells, settings, at, cost);
      expect(tokenBucket.decide(tokens, larger, at, cost), `at ${at}`).toBe(passes);
      expect(leakyBucket.decide(water, larger, at, cost), `at ${at}`).toBe(passes);
      for (const [limiter, state] of [
        [tokenBucket, tokens],
        [leakyBucket, water],
      ] as const) {
        const rest = state as typeof tokens & typeof water;
        const left = gcra.remaining(cells, settings, at);
        expect(limiter.remaining(rest, larger, at)).toBe(left);
        const wait = gcra.retryAfterMicros(cells, settings, at, 1);
        expect(limiter.retryAfterMicros(rest, larger, at, 1)).toBe(wait);
        const reset = gcra.resetAfterMicros(cells, settings, at);
        expect(limiter.resetAfterMicros(rest, larger, at)).toBe(reset);
      }
    }
  });
});

describe('the sliding log', () => {
  it.each(SEEDS)('seed %i: decides as counting every request of the last window does', (seed) => {
    const { settings, requests } = trial(seed);
    const limit = slidingLog.limit(settings);
    const state = slidingLog.start(settings);
    const passed: { readonly at: number; readonly cost: number }[] = [];
    for (const { at, cost } of requests) {
      let used = 0;
      for (const p of passed) if (p.at > at - settings.windowMicros) used += p.cost;
      const passes = used + cost <= limit;
      expect(slidingLog.decide(state, settings, at, cost)).toBe(passes);
      if (passes) passed.push({ at, cost });
    }
  });
});
