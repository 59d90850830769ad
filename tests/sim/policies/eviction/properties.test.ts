/** What holds of every eviction policy, whatever it does. */
import { describe, expect, it } from 'vitest';
import { clonePlain } from '../../../../src/sim/kernel/clone.ts';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import type { Stream } from '../../../../src/sim/kernel/random.ts';
import { EVICTION_POLICIES, optimalHits } from '../../../../src/sim/policies/eviction/index.ts';
import type { EvictionPolicy } from '../../../../src/sim/policies/eviction/index.ts';
import type { Slots } from '../../../../src/sim/policies/eviction/slots.ts';

const each = EVICTION_POLICIES.map((policy) => [policy.name, policy] as const);
const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);
const streamOf = (seed: number): Stream => new StreamBank(seed).stream('trace');

/** Phases of skewed, looping and new keys. */
function traceOf(stream: Stream, length: number, keys: number): number[] {
  return Array.from({ length }, (_, i) => {
    const phase = Math.floor(i / 100) % 3;
    if (phase === 0) return Math.min(stream.below(keys), stream.below(keys));
    return phase === 1 ? i % keys : stream.below(keys * 3);
  });
}

/** One request; a miss puts the key. Returns what came of it, as text that can be compared. */
function request(policy: EvictionPolicy, state: unknown, key: number): string {
  if (policy.touch(state, key)) return '+';
  return String(policy.insert(state, key));
}

describe.each(each)('%s', (_, policy) => {
  it('never holds more than its capacity, hits what it has, and says what went', () => {
    for (const seed of SEEDS) {
      const stream = streamOf(seed);
      const capacity = 1 + stream.below(12);
      const state = policy.start(capacity);
      const held = new Set<number>();
      for (const key of traceOf(stream, 400, 3 + capacity * 2)) {
        const where = `seed ${seed}, capacity ${capacity}, key ${key}`;
        if (policy.has(state, key) !== held.has(key)) expect.fail(`has: ${where}`);
        const isHit = policy.touch(state, key);
        if (isHit !== held.has(key)) expect.fail(`touch: ${where}`);
        if (isHit && policy.insert(state, key) !== -1) expect.fail(`put what is in: ${where}`);
        if (!isHit) {
          const gone = policy.insert(state, key);
          if (gone !== key) held.add(key);
          if (gone !== -1 && gone !== key && !held.delete(gone)) expect.fail(`gone: ${where}`);
        }
        if (policy.size(state) !== held.size || held.size > capacity) expect.fail(`size: ${where}`);
        if (stream.chance(0.02)) {
          const removed = policy.remove(state, key);
          if (removed !== held.delete(key)) expect.fail(`remove: ${where}`);
          if (policy.has(state, key) || policy.remove(state, key)) expect.fail(`stays: ${where}`);
        }
      }
      const order = policy.order(state, capacity + 1);
      expect([...order].sort((a, b) => a - b)).toEqual([...held].sort((a, b) => a - b));
      expect(policy.order(state, 2)).toEqual(order.slice(0, 2));
      for (const key of held) expect(policy.remove(state, key)).toBe(true);
      expect(policy.size(state)).toBe(0);
    }
  });

  it('shows first what goes first', () => {
    for (const seed of SEEDS) {
      const stream = streamOf(seed);
      const capacity = 2 + stream.below(15);
      const state = policy.start(capacity);
      let fresh = 1e6;
      let seen = 0;
      for (const key of traceOf(stream, 300, capacity * 2)) {
        request(policy, state, key);
        if (policy.size(state) < capacity || !stream.chance(0.2)) continue;
        const [first] = policy.order(state, 1);
        expect(policy.insert(state, fresh++), `seed ${seed}, capacity ${capacity}`).toBe(first);
        seen += 1;
      }
      expect(seen).toBeGreaterThan(10);
    }
  });

  it('goes on from a copy as from itself', () => {
    for (const seed of SEEDS) {
      const stream = streamOf(seed);
      const capacity = 1 + stream.below(60);
      const trace = traceOf(stream, 600, capacity * 2);
      const state = policy.start(capacity);
      const at = stream.below(trace.length);
      for (const key of trace.slice(0, at)) request(policy, state, key);
      const copy = clonePlain(state);
      const rest = trace.slice(at);
      // One after the other: what one does must not reach the other.
      const first = rest.map((key) => request(policy, state, key));
      expect(
        rest.map((key) => request(policy, copy, key)),
        `seed ${seed}`,
      ).toEqual(first);
    }
  });

  it('has no more hits than the bound', () => {
    for (const seed of SEEDS) {
      const stream = streamOf(seed);
      const capacity = 1 + stream.below(20);
      const trace = traceOf(stream, 600, capacity * 2);
      const state = policy.start(capacity);
      const hits = trace.filter((key) => request(policy, state, key) === '+').length;
      expect(hits, `seed ${seed}`).toBeLessThanOrEqual(optimalHits(trace, capacity));
    }
  });

  it('refuses a capacity that is none', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN]) {
      expect(() => policy.start(capacity)).toThrow('cannot hold');
    }
  });
});

describe('memory', () => {
  it.each(['arc', '2q', 's3-fifo'])('%s remembers at most one capacity of absent keys', (name) => {
    const policy = EVICTION_POLICIES.find((p) => p.name === name)!;
    const state = policy.start(50) as { readonly slots: Slots };
    const stream = streamOf(1);
    for (let i = 0; i < 20_000; i++) request(policy, state, stream.below(400));
    expect(state.slots.slotOf.size).toBeLessThanOrEqual(100);
    // Slots are used again: a few more than keys, for the ends of lists and the key in hand.
    expect(state.slots.used).toBeLessThanOrEqual(106);
  });

  it('lirs forgets the lowest keys of a stack that has a bound', () => {
    const lirs = EVICTION_POLICIES.find((p) => p.name === 'lirs')!;
    const state = lirs.start(100, { stackFactor: 3 }) as { readonly stack: Slots };
    let longest = 0;
    for (let i = 0; i < 20_000; i++) {
      request(lirs, state, i % 7 === 0 ? i % 90 : 1_000 + i);
      longest = Math.max(longest, state.stack.slotOf.size);
    }
    expect(longest).toBe(300);
    const free = lirs.start(100) as { readonly stack: Slots };
    for (let i = 0; i < 2_000; i++) request(lirs, free, i);
    expect(free.stack.slotOf.size).toBe(2_000);
  });
});

describe('the bound', () => {
  /** Every choice at every miss, by search: what no cache can beat. */
  function bestByOf(trace: readonly number[], capacity: number): number {
    let reachable = new Map<string, number>([['', 0]]);
    for (const key of trace) {
      const next = new Map<string, number>();
      const reach = (held: readonly number[], hits: number) => {
        const name = [...held].sort((a, b) => a - b).join();
        next.set(name, Math.max(next.get(name) ?? 0, hits));
      };
      for (const [name, hits] of reachable) {
        const held = name === '' ? [] : name.split(',').map(Number);
        if (held.includes(key)) reach(held, hits + 1);
        else {
          reach(held, hits);
          if (held.length < capacity) reach([...held, key], hits);
          for (const victim of held) reach([...held.filter((k) => k !== victim), key], hits);
        }
      }
      reachable = next;
    }
    return Math.max(...reachable.values());
  }

  it('is what a search through all choices finds', () => {
    for (const seed of SEEDS) {
      const stream = streamOf(seed);
      const capacity = 1 + stream.below(3);
      const trace = Array.from({ length: 30 }, () => stream.below(6));
      expect(optimalHits(trace, capacity), `seed ${seed}`).toBe(bestByOf(trace, capacity));
    }
  });
});
