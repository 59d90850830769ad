/** The hashing parts of lb_cases.json and vectors.json: jump, Maglev, the ring's size. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HASHING_DEFAULTS } from '../../../src/sim/policies/hashing/hashing.ts';
import type { MemberSpec } from '../../../src/sim/policies/hashing/hashing.ts';
import { jumpBucket } from '../../../src/sim/policies/hashing/jump.ts';
import { buildFromPermutations, maglevHashing } from '../../../src/sim/policies/hashing/maglev.ts';
import type { Maglev } from '../../../src/sim/policies/hashing/maglev.ts';
import { buildRing } from '../../../src/sim/policies/hashing/ring.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

interface Small {
  readonly permutations: readonly (readonly number[])[];
  readonly dead?: readonly number[];
  readonly lookup: readonly number[];
}
interface Disruption {
  readonly backends: number;
  readonly M: number;
  readonly max_over_mean: number;
  readonly min_over_mean: number;
  readonly removed_one_changed: number;
  readonly of_which_forced: number;
  readonly extra_disruption: number;
}
interface LbCases {
  readonly jump_hash: {
    readonly source: string;
    readonly table: readonly { key: string; buckets: number; out: number }[];
    readonly golden100_by_key: Readonly<Record<string, number>>;
    readonly series: readonly { key: string; buckets1toN: readonly number[] }[];
  };
  readonly maglev: {
    readonly source: string;
    readonly small: readonly Small[];
    readonly paperTable1: Small;
    readonly disruption_sha256_one_removed: readonly Disruption[];
  };
  readonly envoy: { readonly ring_min: number };
}
interface Vectors {
  readonly jump_hash: {
    readonly source: string;
    readonly by_buckets_1_to_19: Readonly<Record<string, readonly number[]>>;
    readonly buckets_100_by_key: Readonly<Record<string, number>>;
    readonly key_buckets_out: readonly (readonly [string, number, number])[];
  };
  readonly maglev: Small;
}

const LB = read('lb_cases.json') as LbCases;
const VECTORS = read('vectors.json') as Vectors;

/** A 64-bit key in decimal digits. */
function bucketOf(key: string, buckets: number): number {
  const whole = BigInt(key);
  return jumpBucket(Number(whole >> 32n), Number(whole & 0xffffffffn), buckets);
}

it('every part of vectors.json is run here or belongs to another model', () => {
  const others = ['phi_accrual', 'partial_connectivity'];
  const parts = Object.keys(VECTORS).sort();
  expect(parts).toEqual(['jump_hash', 'maglev', ...others].sort());
  for (const part of others) console.info(`vectors ${part}: not run here: no hashing`);
  expect(Object.keys(LB.jump_hash).sort()).toEqual([
    'golden100_by_key',
    'series',
    'source',
    'table',
  ]);
  expect(Object.keys(VECTORS.jump_hash).sort()).toEqual([
    'buckets_100_by_key',
    'by_buckets_1_to_19',
    'key_buckets_out',
    'source',
  ]);
});

describe('jump hash', () => {
  const rows = [
    ...LB.jump_hash.table.map(({ key, buckets, out }) => [key, buckets, out] as const),
    ...Object.entries(LB.jump_hash.golden100_by_key).map(([key, out]) => [key, 100, out] as const),
    ...LB.jump_hash.series.flatMap(({ key, buckets1toN }) =>
      buckets1toN.map((out, i) => [key, i + 1, out] as const),
    ),
    ...VECTORS.jump_hash.key_buckets_out,
    ...Object.entries(VECTORS.jump_hash.buckets_100_by_key).map(
      ([key, out]) => [key, 100, out] as const,
    ),
    ...Object.entries(VECTORS.jump_hash.by_buckets_1_to_19).flatMap(([key, outs]) =>
      outs.map((out, i) => [key, i + 1, out] as const),
    ),
  ];

  it.each(rows)('key %s of %i buckets is in bucket %i', (key, buckets, out) => {
    expect(bucketOf(key, buckets)).toBe(out);
  });
});

describe('Maglev', () => {
  const small = [...LB.maglev.small, LB.maglev.paperTable1, VECTORS.maglev];

  it.each(small)('fills the table of $permutations', ({ permutations, dead = [], lookup }) => {
    const living = permutations.filter((_, member) => !dead.includes(member));
    expect([...buildFromPermutations(living).table]).toEqual(lookup);
    expect(dead, 'a row with dead members would need its own indices').toEqual([]);
  });

  /** Percentage points. The published rows hash names by SHA-256, so ours differ a little. */
  const TOLERANCE = 0.3;
  const near = (found: number, row: number): void => {
    expect(Math.abs(found - row) * 100).toBeLessThanOrEqual(TOLERANCE);
  };

  it.each(LB.maglev.disruption_sha256_one_removed)('one of $backends leaves', (row) => {
    const { backends, M: tableSize } = row;
    const members = Array.from({ length: backends }, (_, id): MemberSpec => ({ id, weight: 1 }));
    const settings = { ...HASHING_DEFAULTS, tableSize };
    const before = (maglevHashing.build(members, settings) as Maglev).table;
    const counts = new Array<number>(backends).fill(0);
    for (const owner of before) counts[owner]! += 1;
    near(Math.max(...counts) / (tableSize / backends), row.max_over_mean);
    near(Math.min(...counts) / (tableSize / backends), row.min_over_mean);

    // The mean over which one leaves: the published row is one of them.
    let changed = 0;
    let forced = 0;
    const gone = [0, Math.floor(backends / 2), backends - 1];
    for (const leaver of gone) {
      const left = members.map((m) => ({ ...m, weight: m.id === leaver ? 0 : 1 }));
      const after = (maglevHashing.build(left, settings) as Maglev).table;
      for (let entry = 0; entry < tableSize; entry++) {
        if (before[entry] !== after[entry]) changed++;
        if (before[entry] === leaver) forced++;
      }
    }
    const entries = tableSize * gone.length;
    near(changed / entries, row.removed_one_changed);
    near(forced / entries, row.of_which_forced);
    near((changed - forced) / entries, row.extra_disruption);
    console.info(
      `maglev, one of ${backends} leaves: ${((100 * changed) / entries).toFixed(3)} % changed ` +
        `(published ${(100 * row.removed_one_changed).toFixed(3)} %)`,
    );
  });
});

describe('ring', () => {
  it('can have as many points as Envoy asks for at least', () => {
    const members = [1, 2, 3].map((id): MemberSpec => ({ id, weight: 1 }));
    const ringSizeMin = LB.envoy.ring_min;
    const ring = buildRing(members, { ...HASHING_DEFAULTS, pointsPerWeight: 1, ringSizeMin });
    expect(Math.abs(ring.points.length - ringSizeMin)).toBeLessThan(members.length);
  });
});
