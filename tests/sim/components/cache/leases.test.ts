import { describe, expect, it } from 'vitest';
import { alone, done, look, remove, set, view } from './support.ts';

describe('the race of a slow reader and a writer', () => {
  /** A reader misses and reads version 1; the row becomes 2, and is deleted; the reader fills. */
  function race(leases: boolean) {
    const b = alone({ leases });
    const { lease } = look(b, 1);
    b.answer('ca1', remove(1, 2));
    const filled = b.answer('ca1', set(1, 1, lease));
    return { b, filled };
  }

  it('leaves the old version in a cache without leases', () => {
    const { b, filled } = race(false);
    expect(filled).toEqual(done(true));
    expect(look(b, 1).is).toBe('hit 1');
  });

  it('is refused where the delete voided the lease', () => {
    const { b, filled } = race(true);
    expect(filled).toEqual(done(false));
    expect(b.told('cache.lease-refused')).toEqual([{ type: 'cache.lease-refused', key: 1 }]);
    expect(look(b, 1).is).toBe('miss -1');
  });
});

describe('a lease', () => {
  it('goes to one caller; the others wait until it is filled', () => {
    const b = alone({ leases: true });
    const { is, lease } = look(b, 1);
    expect(is).toBe('miss -1');
    expect(lease).toBeGreaterThan(0);
    expect(look(b, 1)).toEqual({ is: 'wait -1', lease: 0 });
    expect(view(b).leases).toBe(1);
    expect(b.answer('ca1', set(1, 5, lease))).toEqual(done(true));
    expect(look(b, 1).is).toBe('hit 5');
    expect(view(b).leases).toBe(0);
  });

  it('runs out, and the next one makes it void', () => {
    const b = alone({ leases: true, leaseMs: 100 });
    const first = look(b, 1);
    b.after(100);
    const second = look(b, 1);
    expect(second.lease).not.toBe(0);
    expect(b.answer('ca1', set(1, 1, first.lease))).toEqual(done(false));
    expect(b.answer('ca1', set(1, 2, second.lease))).toEqual(done(true));
  });

  it('does not outlive a crash of the cache', () => {
    const b = alone({ leases: true });
    const { lease } = look(b, 1);
    b.crash('ca1').after(5);
    b.restart('ca1').after(5);
    look(b, 1);
    expect(b.answer('ca1', set(1, 1, lease))).toEqual(done(false));
  });
});

describe('an expired object', () => {
  it('may be used for a while, and one caller at a time refreshes it', () => {
    const b = alone({ ttlMs: 100, staleMs: 50 });
    b.answer('ca1', set(1, 1));
    b.to(110);
    const first = look(b, 1);
    expect(first.is).toBe('stale 1');
    expect(first.lease).toBeGreaterThan(0);
    expect(look(b, 1)).toEqual({ is: 'stale 1', lease: 0 });
    b.answer('ca1', set(1, 2, first.lease));
    expect(look(b, 1).is).toBe('hit 2');
    b.after(200);
    expect(look(b, 1).is).toBe('miss -1');
  });
});

describe('xfetch', () => {
  it('lets one caller refresh before the end, and no one right after a set', () => {
    const b = alone({ ttlMs: 10_000, earlyRefresh: 'xfetch' });
    b.answer('ca1', set(1, 1, 0, 1_000));
    const states: string[] = [];
    for (let i = 0; i < 100; i++) {
      b.to(100 + i * 95);
      const tag = b.ask('ca1', { type: 'cache.get', key: 1, seed: i } as never);
      b.after(2);
      states.push((b.reply(tag) as unknown as { state: string }).state);
    }
    // e^(-gap / 1 s): hardly ever with five seconds to go, surely in the last one.
    expect(states.slice(0, 50).filter((state) => state === 'stale').length).toBeLessThan(3);
    expect(states.filter((state) => state === 'stale')).toHaveLength(1);
    expect(states).not.toContain('miss');
  });
});
