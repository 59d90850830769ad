import { describe, expect, it } from 'vitest';
import { EVICTION_POLICY_NAMES } from '../../../../src/sim/policies/eviction/index.ts';
import { alone, done, look, remove, set, view } from './support.ts';

const is = (b: ReturnType<typeof alone>, key: number) => look(b, key).is;

describe('an object', () => {
  it('is missed until it is set, and then hit', () => {
    const b = alone();
    expect(is(b, 1)).toBe('miss -1');
    expect(b.answer('ca1', set(1, 3))).toEqual(done(true));
    expect(is(b, 1)).toBe('hit 3');
    expect(view(b)).toMatchObject({ size: 1, hits: 1, misses: 1, newest: ['miss', 'hit'] });
  });

  it('is deleted at once, or only where it is older than what is said', () => {
    const b = alone();
    b.answer('ca1', set(1, 3));
    expect(b.answer('ca1', remove(1, 3))).toEqual(done(false));
    expect(is(b, 1)).toBe('hit 3');
    expect(b.answer('ca1', remove(1, 4))).toEqual(done(true));
    expect(is(b, 1)).toBe('miss -1');
    b.answer('ca1', set(1, 9));
    expect(b.answer('ca1', remove(1))).toEqual(done(true));
    expect(is(b, 1)).toBe('miss -1');
  });

  it('goes when an event says that it changed', () => {
    const b = alone();
    b.answer('ca1', set(1, 3));
    b.send('ca1', { type: 'cache.invalidate', key: 1, version: 4 } as never);
    b.after(5);
    expect(is(b, 1)).toBe('miss -1');
  });

  it('is replaced by an older version, unless the newest is to be kept', () => {
    const plain = alone();
    plain.answer('ca1', set(1, 3));
    expect(plain.answer('ca1', set(1, 2))).toEqual(done(true));
    expect(is(plain, 1)).toBe('hit 2');
    const b = alone({ keepNewest: true });
    expect(b.answer('ca1', set(1, 3))).toEqual(done(true));
    expect(b.answer('ca1', set(1, 2))).toEqual(done(false));
    expect(b.answer('ca1', set(1, 3))).toEqual(done(true));
    expect(is(b, 1)).toBe('hit 3');
    // What was deleted has no version to compare with.
    b.answer('ca1', remove(1));
    expect(b.answer('ca1', set(1, 2))).toEqual(done(true));
  });

  it('that does not exist is remembered, for its own time', () => {
    const b = alone({ negativeTtlMs: 50, ttlMs: 1_000 });
    b.answer('ca1', set(1, -1));
    expect(is(b, 1)).toBe('hit -1');
    b.after(60);
    expect(is(b, 1)).toBe('miss -1');
    b.answer('ca1', set(1, 0));
    b.after(60);
    expect(is(b, 1)).toBe('hit 0');
  });
});

describe('a full cache', () => {
  it.each(EVICTION_POLICY_NAMES)('holds no more than its capacity under %s', (policy) => {
    const b = alone({ capacity: 5, policy });
    for (let i = 0; i < 200; i++) {
      const key = (i * i) % 23;
      if (is(b, key).startsWith('miss')) b.answer('ca1', set(key, i));
      expect(view(b).size).toBeLessThanOrEqual(5);
    }
    expect(view(b).size).toBe(5);
    expect(view(b).evictions).toBeGreaterThan(0);
    expect(view(b).newest).toHaveLength(24);
  });

  it('lets the one go that its policy names', () => {
    const b = alone({ capacity: 2, policy: 'lru' });
    for (const key of [1, 2]) b.answer('ca1', set(key, 1));
    is(b, 1);
    b.answer('ca1', set(3, 1));
    expect([1, 2, 3].map((key) => is(b, key))).toEqual(['hit 1', 'miss -1', 'hit 1']);
    expect(view(b)).toMatchObject({ size: 2, evictions: 1 });
  });
});

describe('time to live', () => {
  it('ends to the microsecond', () => {
    const b = alone({ ttlMs: 100 });
    b.ask('ca1', set(1, 1));
    // Set at 1 ms, so it ends at 101 ms; a question needs a millisecond.
    b.to(99.999);
    const [last] = [b.ask('ca1', { type: 'cache.get', key: 1, seed: 1 } as never)];
    b.to(100);
    const first = b.ask('ca1', { type: 'cache.get', key: 1, seed: 1 } as never);
    b.to(110);
    expect(b.reply(last)).toMatchObject({ state: 'hit' });
    expect(b.reply(first)).toMatchObject({ state: 'miss' });
  });

  it('spreads by its jitter, and no further', () => {
    const b = alone({ ttlMs: 1_000, ttlJitter: 0.2, capacity: 500 });
    for (let key = 0; key < 500; key++) b.ask('ca1', set(key, 1));
    b.to(10);
    const state = b.node('ca1').state as { entries: Map<number, { expiresMicros: number }> };
    const ends = [...state.entries.values()].map(({ expiresMicros }) => expiresMicros - 1_000);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(800_000);
    expect(Math.max(...ends)).toBeLessThanOrEqual(1_200_000);
    expect(Math.max(...ends) - Math.min(...ends)).toBeGreaterThan(380_000);
  });

  it('goes by the wall clock, which may jump', () => {
    const b = alone({ ttlMs: 1_000 });
    b.answer('ca1', set(1, 1));
    b.inject('jump', { type: 'clock-jump', target: 'ca1', byMs: 5_000 });
    expect(is(b, 1)).toBe('miss -1');
  });
});

describe('an operator', () => {
  it('can empty it', () => {
    const b = alone();
    for (const key of [1, 2, 3]) b.answer('ca1', set(key, 1));
    b.act('ca1', 'flush');
    expect(view(b).size).toBe(0);
    expect(is(b, 1)).toBe('miss -1');
    expect(b.told('cache.flushed')).toEqual([{ type: 'cache.flushed', objects: 3 }]);
  });

  it('can give operations a cost, which takes a core', () => {
    const b = alone({ opMicros: 500 });
    const tags = [1, 2].map((key) => b.ask('ca1', set(key, 1)));
    b.to(20);
    expect(tags.map((tag) => b.end(tag)?.atMs)).toEqual([2.5, 3]);
  });
});
