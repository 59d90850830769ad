import { describe, expect, it } from 'vitest';
import { hashInt } from '../../../../src/sim/policies/hashing/hash-int.ts';
import { HASHING_DEFAULTS } from '../../../../src/sim/policies/hashing/hashing.ts';
import type { Hashing, MemberSpec } from '../../../../src/sim/policies/hashing/hashing.ts';
import { HASHING_POLICIES } from '../../../../src/sim/policies/hashing/index.ts';
import { jumpBucket } from '../../../../src/sim/policies/hashing/jump.ts';
import { isPrime, maglevHashing } from '../../../../src/sim/policies/hashing/maglev.ts';
import { buildRing, pointOf, ringHashing } from '../../../../src/sim/policies/hashing/ring.ts';
import { clonePlain } from '../../../../src/sim/kernel/clone.ts';

/**
 * Members 10, 20, 30, 40 with weights 1, 1, 0, 2: the owners of the keys 0 to 11, computed by an
 * independent program.
 */
const VECTORS: readonly (readonly [string, readonly number[]])[] = [
  ['modulo', [1, 1, 3, 3, 1, 0, 1, 3, 3, 3, 3, 1]],
  ['ring', [1, 0, 1, 1, 0, 3, 3, 1, 3, 0, 3, 3]],
  ['jump', [3, 3, 0, 1, 1, 1, 3, 3, 3, 0, 1, 1]],
  ['rendezvous', [3, 0, 3, 1, 1, 3, 0, 3, 1, 0, 0, 3]],
  ['maglev', [1, 0, 1, 0, 3, 0, 0, 3, 3, 3, 3, 3]],
];

/** For one member of ten that leaves: the most keys that may move, as a part of all. */
const MOVED_MAX: Readonly<Record<string, number>> = {
  modulo: 0.92,
  ring: 0.125,
  jump: 0.105,
  rendezvous: 0.105,
  maglev: 0.12,
};

const KEYS = 40_000;
const alike = (count: number): MemberSpec[] =>
  Array.from({ length: count }, (_, i) => ({ id: 1_000 + i, weight: 1 }));

/** The identities of the owners of the keys 0 to KEYS-1. */
function ownersOf(policy: Hashing, members: readonly MemberSpec[]): number[] {
  const state = policy.build(members, HASHING_DEFAULTS);
  return Array.from({ length: KEYS }, (_, key) => {
    const at = policy.locate(state, hashInt(key, 7));
    return members[at]?.id ?? -1;
  });
}

function sharesOf(owners: readonly number[], members: readonly MemberSpec[]): number[] {
  const counts = new Map<number, number>();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return members.map(({ id }) => (counts.get(id) ?? 0) / owners.length);
}

describe('hashInt', () => {
  // Published values of MurmurHash3_x86_32 for four bytes.
  it.each([
    [0x00000000, 0, 0x2362f9de],
    [0xffffffff, 0, 0x76293b50],
    [0x87654321, 0, 0xf55b516b],
    [0x87654321, 0x5082edee, 0x2362f9de],
  ])('of %i with seed %i is that of MurmurHash3', (key, seed, expected) => {
    expect(hashInt(key, seed)).toBe(expected);
  });

  it('loses no part of a key above 32 bits', () => {
    const high = Array.from({ length: 1_000 }, (_, i) => hashInt(5 + i * 2 ** 32, 0));
    expect(new Set(high).size).toBeGreaterThan(990);
  });
});

describe('hashing policies', () => {
  it('each has a vector and a bound of movement', () => {
    const names = HASHING_POLICIES.map(({ name }) => name);
    expect(VECTORS.map(([name]) => name)).toEqual(names);
    expect(Object.keys(MOVED_MAX)).toEqual(names);
  });

  it.each(VECTORS)('%s finds the owners of its vector', (name, expected) => {
    const policy = HASHING_POLICIES.find((p) => p.name === name)!;
    const weights = [1, 1, 0, 2];
    const members = weights.map((weight, i) => ({ id: 10 * (i + 1), weight }));
    const state = policy.build(members, { pointsPerWeight: 4, tableSize: 13 });
    const found = Array.from({ length: 12 }, (_, key) => policy.locate(state, hashInt(key, 0)));
    expect(found).toEqual(expected);
  });

  for (const policy of HASHING_POLICIES) {
    describe(policy.name, () => {
      it('has no owner when nobody has a weight', () => {
        for (const members of [[], [{ id: 1, weight: 0 }]]) {
          const state = policy.build(members, HASHING_DEFAULTS);
          expect([0, 1, 0xffffffff].map((key) => policy.locate(state, key))).toEqual([-1, -1, -1]);
        }
      });

      it('builds frozen plain data', () => {
        const state = policy.build(alike(3), HASHING_DEFAULTS);
        expect(clonePlain(state)).toBe(state);
      });

      it('moves few keys when the last of ten leaves, and how few is as published', () => {
        const ten = alike(10);
        const before = ownersOf(policy, ten);
        const after = ownersOf(policy, ten.slice(0, 9));
        const moved = before.filter((owner, key) => owner !== after[key]).length / KEYS;
        const forced = before.filter((owner) => owner === 1_009).length / KEYS;
        expect(moved).toBeGreaterThanOrEqual(forced);
        expect(moved).toBeLessThanOrEqual(MOVED_MAX[policy.name]!);
        if (policy.name === 'modulo') expect(Math.abs(moved - 0.9)).toBeLessThan(0.01);
        else if (policy.name !== 'maglev') expect(moved).toBe(forced);
      });

      it('gives shares by weight', () => {
        const weights = policy.usesWeights ? [1, 2, 3, 4] : [1, 1, 1, 1];
        const members = weights.map((weight, i) => ({ id: 50 + i, weight }));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const shares = sharesOf(ownersOf(policy, members), members);
        // 160 points for each weight leave a ring uneven: 1 / sqrt(160) = 8 %.
        const off = policy.name === 'ring' ? 0.25 : 0.03;
        for (const [i, weight] of weights.entries()) {
          expect(shares[i]! / (weight / total)).toBeGreaterThan(1 - off);
          expect(shares[i]! / (weight / total)).toBeLessThan(1 + off);
        }
      });
    });
  }

  it.each(['ring', 'rendezvous', 'maglev'])('%s heeds identities, not the order', (name) => {
    const policy = HASHING_POLICIES.find((p) => p.name === name)!;
    const members = [5, 2, 9, 1].map((id, i) => ({ id, weight: 1 + (i % 2) }));
    expect(ownersOf(policy, members.toReversed())).toEqual(ownersOf(policy, members));
  });

  it.each(['ring', 'rendezvous'])('%s moves only the keys of whoever leaves the middle', (name) => {
    const policy = HASHING_POLICIES.find((p) => p.name === name)!;
    const ten = alike(10);
    const before = ownersOf(policy, ten);
    const after = ownersOf(
      policy,
      ten.filter(({ id }) => id !== 1_004),
    );
    expect(before.filter((owner, key) => owner !== 1_004 && owner !== after[key])).toEqual([]);
    expect(after).not.toContain(1_004);
  });
});

describe('jump', () => {
  it('only ever moves a key to the new bucket', () => {
    for (let key = 0; key < 300; key++) {
      let before = 0;
      for (let buckets = 2; buckets <= 60; buckets++) {
        const bucket = jumpBucket(key * 7_919, hashInt(key, 1), buckets);
        if (bucket !== before) expect(bucket).toBe(buckets - 1);
        before = bucket;
      }
    }
  });

  it('agrees with the same arithmetic on big integers', () => {
    // Times the multiplier, 0x666313ab gives 0xffffffff in the low word: adding 1 carries.
    const lows = [0x666313ab, ...Array.from({ length: 200 }, (_, i) => hashInt(i, 4))];
    for (const [i, low] of lows.entries()) {
      const high = hashInt(i, 3);
      const buckets = 1 + (hashInt(i, 5) % 100_000);
      let key = (BigInt(high) << 32n) | BigInt(low);
      let bucket = -1;
      for (let next = 0; next < buckets;) {
        bucket = next;
        key = BigInt.asUintN(64, key * 2862933555777941757n + 1n);
        next = Math.floor((bucket + 1) * (2 ** 31 / (Number(key >> 33n) + 1)));
      }
      expect(jumpBucket(high, low, buckets)).toBe(bucket);
    }
  });
});

describe('ring', () => {
  it('is uneven by about 1 / sqrt(points)', () => {
    for (const pointsPerWeight of [16, 100, 256]) {
      let squares = 0;
      const rings = 40;
      for (let ring = 0; ring < rings; ring++) {
        const members = alike(10).map(({ id }) => ({ id: id + ring * 100, weight: 1 }));
        const { points, owners } = ringHashing.build(members, {
          ...HASHING_DEFAULTS,
          pointsPerWeight,
        }) as { points: Uint32Array; owners: Int32Array };
        const arcs = new Array<number>(10).fill(0);
        for (let i = 0; i < points.length; i++) {
          const from = i === 0 ? points.at(-1)! - 2 ** 32 : points[i - 1]!;
          arcs[owners[i]!]! += (points[i]! - from) / 2 ** 32;
        }
        for (const arc of arcs) squares += (arc * 10 - 1) ** 2;
      }
      const spread = Math.sqrt(squares / (rings * 10)) * Math.sqrt(pointsPerWeight);
      expect(spread).toBeGreaterThan(0.8);
      expect(spread).toBeLessThan(1.1);
    }
  });

  it('gives a key to the point at its place, or else to the next', () => {
    const ring = buildRing(alike(5), HASHING_DEFAULTS);
    const { points } = ring;
    for (const [at, point] of points.entries()) {
      expect(pointOf(ring, point)).toBe(points.indexOf(point));
      const next = points.findIndex((p) => p > point);
      if (point < 0xffffffff) expect(pointOf(ring, point + 1)).toBe(next < 0 ? 0 : next);
      expect(points[at]! >= (points[at - 1] ?? 0)).toBe(true);
    }
    expect([pointOf(ring, 0), pointOf(ring, 0xffffffff)]).toEqual([0, 0]);
  });

  it('has at least ringSizeMin points', () => {
    const small = { ...HASHING_DEFAULTS, pointsPerWeight: 10, ringSizeMin: 1_024 };
    const { points } = ringHashing.build(alike(4), small) as { points: Uint32Array };
    expect(points.length).toBe(1_024);
    expect([...points]).toEqual([...points].sort((a, b) => a - b));
  });
});

describe('maglev', () => {
  it('gives equal weights as many entries, to within one', () => {
    const { table } = maglevHashing.build(alike(7), { ...HASHING_DEFAULTS, tableSize: 1_009 }) as {
      table: Int32Array;
    };
    const counts = new Array<number>(7).fill(0);
    for (const owner of table) counts[owner]! += 1;
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_009);
  });

  it('refuses a table whose size is not a prime', () => {
    const build = () => maglevHashing.build(alike(2), { ...HASHING_DEFAULTS, tableSize: 65_536 });
    expect(build).toThrow('prime');
    expect([1, 2, 9, 65_537, 5_000_011].map(isPrime)).toEqual([false, true, false, true, true]);
  });
});
