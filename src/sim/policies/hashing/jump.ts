/**
 * Jump consistent hash (Lamping & Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm",
 * 2014): no table; the bucket of a key follows from a 64-bit generator seeded by the key.
 *
 * Invariant: from n to n + 1 buckets a key stays or goes to the new bucket. So members may only
 * come and go at the end of the list; one that leaves the middle shifts all behind it.
 */
import type { Hashing } from './hashing.ts';
import { ownersOf } from './owners.ts';
import type { Owners } from './owners.ts';

// The multiplier 2862933555777941757 in words, the low one in halves: products stay exact.
const HIGH = 0x27bb2ee6;
const LOW = 0x87b0b0fd;
const LOW_HIGH_HALF = 0x87b0;
const LOW_LOW_HALF = 0xb0fd;
const TWO_31 = 0x80000000;

/**
 * The bucket 0..buckets-1 of a 64-bit key.
 *
 * @param high the key's upper 32 bits
 * @param low its lower 32 bits
 */
export function jumpBucket(high: number, low: number, buckets: number): number {
  let upper = high >>> 0;
  let lower = low >>> 0;
  let bucket = -1;
  let next = 0;
  while (next < buckets) {
    bucket = next;
    // key = key * multiplier + 1, modulo 2^64.
    const lowHalf = lower & 0xffff;
    const highHalf = lower >>> 16;
    const cross = lowHalf * LOW_HIGH_HALF + ((lowHalf * LOW_LOW_HALF) >>> 16);
    const middle = highHalf * LOW_LOW_HALF + (cross & 0xffff);
    const carried = highHalf * LOW_HIGH_HALF + (cross >>> 16) + (middle >>> 16);
    const product = (Math.imul(lower, LOW) + 1) >>> 0;
    const one = product === 0 ? 1 : 0;
    upper = (carried + one + Math.imul(upper, LOW) + Math.imul(lower, HIGH)) >>> 0;
    lower = product;
    next = Math.floor((bucket + 1) * (TWO_31 / ((upper >>> 1) + 1)));
  }
  return bucket;
}

export const jumpHashing: Hashing<Owners> = {
  name: 'jump',
  about: 'No table at all; members may only come and go at the end of the list.',
  source: 'Lamping & Veach, A Fast, Minimal Memory, Consistent Hash Algorithm (2014)',
  usesWeights: false,
  build: ownersOf,
  locate({ owners }, keyHash) {
    return owners.length === 0 ? -1 : owners[jumpBucket(0, keyHash, owners.length)]!;
  },
};
