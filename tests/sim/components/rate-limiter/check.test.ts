/** What a limiter's and a store's configuration may not say. */
import { ScenarioError, Value } from 'faultline';
import type { GroupSettings } from 'faultline';
import { describe, expect, it } from 'vitest';
import { limitStore } from '../../../../src/sim/components/limit-store/limit-store.ts';
import { rateLimiter } from '../../../../src/sim/components/rate-limiter/rate-limiter.ts';

function refusal(
  component: typeof rateLimiter | typeof limitStore,
  config: object,
  stores = 0,
): ScenarioError | null {
  const roles: string[] = [];
  const target = {
    group: 'b',
    component: 'service',
    count: 2,
    zones: ['zone'],
    serves: ['http'],
    roles,
    config: {},
  };
  const store = {
    group: 'k',
    component: 'limit-store',
    count: stores,
    zones: ['zone'],
    serves: ['limit'],
    roles,
    config: Value.Default(limitStore.config, {}),
  };
  const links: GroupSettings['links'] = new Map(
    stores === 0
      ? [['target', target]]
      : [
          ['target', target],
          ['store', store],
        ],
  );
  try {
    const settings = {
      path: 'groups/1',
      count: 1,
      cores: 1,
      durationMs: 1_000,
      off: [],
      zones: ['zone'],
      links,
      given: config as GroupSettings['given'],
    };
    // Defaults are filled in where it stands.
    component.check?.(Value.Default(component.config, structuredClone(config)), settings);
    return null;
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
}

describe('a rate limiter is refused with', () => {
  it.each(['store-atomic', 'store-read-then-write', 'local-sync'])('%s and no store', (where) => {
    const error = refusal(rateLimiter, { where });
    expect(error?.path).toBe('groups/1/links/store');
    expect(error?.hint).toContain('limit-store');
    expect(refusal(rateLimiter, { where }, 1)).toBeNull();
  });

  it.each<[string, object, string]>([
    ['a rate of 0', { ratePerSecond: 0 }, 'ratePerSecond'],
    ['a bucket of 0', { burst: 0 }, 'burst'],
    ['a bucket of less than 1', { policy: 'leaky-bucket', burst: 0.5 }, 'burst'],
    [
      'a window in which nothing fits',
      { policy: 'fixed-window', ratePerSecond: 1, windowMs: 999 },
      'windowMs',
    ],
    [
      'no window for a count of windows',
      { where: 'local-sync', ratePerSecond: 1, windowMs: 500 },
      'windowMs',
    ],
    ['weights of 0', { call: { balance: { weights: [0, 0] } } }, 'call/balance/weights'],
  ])('%s', (_, config, place) => {
    const error = refusal(rateLimiter, config, 1);
    expect(error?.path).toBe(`groups/1/config/${place}`);
    expect(error?.hint ?? '').not.toBe('');
  });

  it('several stores that are not chosen by the key', () => {
    const config = { where: 'store-atomic' };
    const place = 'groups/1/config/storeCall/balance/policy';
    expect(refusal(rateLimiter, config, 3)?.path).toBe(place);
    const storeCall = { balance: { policy: 'ring-hash' } };
    expect(refusal(rateLimiter, { ...config, storeCall }, 3)).toBeNull();
  });

  it('never what works', () => {
    expect(refusal(rateLimiter, {})).toBeNull();
    expect(refusal(rateLimiter, { policy: 'gcra', burst: 0 })).toBeNull();
  });
});

describe('a store is refused with', () => {
  it('a limit under which nothing passes', () => {
    expect(refusal(limitStore, { ratePerSecond: 0 })?.path).toBe('groups/1/config/ratePerSecond');
    expect(refusal(limitStore, { burst: 0 })?.path).toBe('groups/1/config/burst');
    expect(refusal(limitStore, {})).toBeNull();
  });
});
