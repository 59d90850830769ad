/**
 * A hash ring (Karger and others, 1997; ketama, 2007): each member has many points on a circle of
 * 2^32, and a key belongs to the member of the first point at or after it.
 *
 * Invariant: the points of a member depend on its identity and weight alone, so a member that
 * leaves moves only its own keys. The spread of shares falls with 1 / sqrt(points).
 *
 * Differs: nginx and ketama hash names with CRC32 and MD5; the points here are hashed integers.
 */
import { hashInt } from './hash-int.ts';
import type { Hashing, HashingSettings, MemberSpec } from './hashing.ts';
import { ownersById } from './owners.ts';

export interface Ring {
  /** Rising. */
  readonly points: Uint32Array;
  /** By point: the index of its member. */
  readonly owners: Int32Array;
  /** The circle in slices of 2^sliceBits, about one for each point: by slice, its first point. */
  readonly sliceStarts: Uint32Array;
  readonly sliceBits: number;
}

const SEED = 0x52494e47;
/** A point and the rank of its owner share one double: ranks have 53 - 32 bits. */
const RANKS = 0x200000;

/** No ring has more points: Envoy's default of maximum_ring_size. */
export const RING_POINTS_MAX = 8_388_608;

/** A member with any weight has a point. */
export function pointCount(weight: number, pointsPerWeight: number): number {
  return Math.max(1, Math.floor(weight * pointsPerWeight));
}

export function buildRing(members: readonly MemberSpec[], settings: HashingSettings): Ring {
  const ranked = ownersById(members);
  let weights = 0;
  for (const index of ranked) weights += members[index]!.weight;
  const perWeight = Math.max(settings.pointsPerWeight, (settings.ringSizeMin ?? 0) / weights);
  let size = 0;
  for (const index of ranked) size += pointCount(members[index]!.weight, perWeight);
  // Points of one place are in the order of their owners' identities.
  const packed = new Float64Array(size);
  let at = 0;
  for (let rank = 0; rank < ranked.length; rank++) {
    const { id, weight } = members[ranked[rank]!]!;
    const seed = hashInt(id, SEED);
    const count = pointCount(weight, perWeight);
    for (let i = 0; i < count; i++) packed[at++] = hashInt(i, seed) * RANKS + rank;
  }
  const sliceBits = Math.max(1, Math.min(31, Math.clz32(size) + 1));
  const sliceStarts = sortBySlices(packed, sliceBits);
  const points = new Uint32Array(size);
  const owners = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const point = Math.floor(packed[i]! / RANKS);
    points[i] = point;
    owners[i] = ranked[packed[i]! - point * RANKS]!;
  }
  return Object.freeze({ points, owners, sliceStarts, sliceBits });
}

/**
 * Sorts the packed points and returns where each slice of the circle starts. Points are hashes, so
 * a slice has one or two: sorting costs no more than reading them.
 */
function sortBySlices(packed: Float64Array, sliceBits: number): Uint32Array {
  const sliceOf = (value: number): number => Math.floor(value / RANKS) >>> sliceBits;
  const starts = new Uint32Array((0xffffffff >>> sliceBits) + 2);
  for (const value of packed) starts[sliceOf(value) + 1]! += 1;
  for (let slice = 1; slice < starts.length; slice++) starts[slice]! += starts[slice - 1]!;
  const unsorted = packed.slice();
  const filled = new Uint32Array(starts.length);
  for (const value of unsorted) {
    const slice = sliceOf(value);
    const start = starts[slice]!;
    let at = start + filled[slice]!++;
    while (at > start && packed[at - 1]! > value) {
      packed[at] = packed[at - 1]!;
      at--;
    }
    packed[at] = value;
  }
  return starts;
}

/** The first point at or after the key, around the end: a position in the ring's arrays. */
export function pointOf(ring: Ring, keyHash: number): number {
  const { points } = ring;
  let at = ring.sliceStarts[keyHash >>> ring.sliceBits]!;
  while (at < points.length && points[at]! < keyHash) at++;
  return at === points.length ? 0 : at;
}

export const ringHashing: Hashing<Ring> = {
  name: 'ring',
  about: 'Many points of each member on a circle; a key belongs to the next point.',
  source: 'Karger et al., Consistent Hashing and Random Trees (1997); nginx hash consistent',
  usesWeights: true,
  build: buildRing,
  locate(ring, keyHash) {
    return ring.points.length === 0 ? -1 : ring.owners[pointOf(ring, keyHash)]!;
  },
};
