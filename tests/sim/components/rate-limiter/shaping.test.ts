/** A leaky bucket whose requests flow out one by one, and what it may not be joined with. */
import { ScenarioError, Value } from 'faultline';
import type { Static } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkDelay } from '../../../../src/sim/components/rate-limiter/check-delay.ts';
import { rateLimiterConfig } from '../../../../src/sim/components/rate-limiter/config.ts';
import { GAUGES } from '../../../../src/sim/components/rate-limiter/view.ts';
import { request } from '../support/traffic-bench.ts';
import { limited } from './support/limited.ts';

const NO_CORES = { count: 1, busy: 0, waiting: 0 };

describe('a limiter that shapes', () => {
  const shaping = { policy: 'leaky-bucket', ratePerSecond: 100, burst: 5, delay: true };
  const heldBack = (bench: ReturnType<typeof limited>): number =>
    GAUGES.find(({ title }) => title === 'Held back')?.of(bench.limiter(), NO_CORES) ?? -1;

  const passedOn = (bench: ReturnType<typeof limited>): number[] =>
    bench
      .sent('http.request')
      .filter(({ to }) => bench.nameOf(to) === 'b1')
      .map(({ atMicros }) => atMicros / 1_000);

  it('sends on what it took in one by one, and refuses at once what overflows', () => {
    const bench = limited({ config: shaping });
    const tags = Array.from({ length: 8 }, () => bench.requestAt(9, request(), 'r1'));
    bench.ms(20);
    expect(bench.ended(tags, 'rate-limited')).toBe(3);
    expect(heldBack(bench)).toBe(3);
    bench.ms(60);
    expect(passedOn(bench)).toEqual([10, 20, 30, 40, 50]);
    expect(bench.ended(tags, 'ok')).toBe(5);
    expect(heldBack(bench)).toBe(0);
  });

  it('delays nobody who keeps to the rate', () => {
    const bench = limited({ config: shaping });
    for (const at of [9, 19, 29]) bench.requestAt(at, request(), 'r1');
    bench.ms(50);
    expect(passedOn(bench)).toEqual([10, 20, 30]);
  });
});

describe('a delay is refused with', () => {
  const told = (config: object): ScenarioError | null => {
    const full = Value.Default(rateLimiterConfig, { ...config, delay: true });
    try {
      checkDelay(full as Static<typeof rateLimiterConfig>, 'delay');
      return null;
    } catch (error) {
      if (error instanceof ScenarioError) return error;
      throw error;
    }
  };

  it.each<[string, object]>([
    ['a bucket that knows no time', { policy: 'token-bucket' }],
    ['a bucket elsewhere', { policy: 'leaky-bucket', where: 'store-atomic' }],
    ['refusals that are only counted', { policy: 'leaky-bucket', enforce: false }],
  ])('%s', (_, config) => {
    expect(told(config)?.path).toBe('delay');
    expect(told(config)?.hint).not.toBe('');
  });

  it('nothing else', () => {
    expect(told({ policy: 'leaky-bucket' })).toBeNull();
  });
});
