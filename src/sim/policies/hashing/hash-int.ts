/**
 * A 32-bit hash of an integer: MurmurHash3_x86_32 (Appleby) of its bytes, low byte first.
 *
 * One round for an integer below 2^32, two for a larger one, so that no part of a key is lost.
 */

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;
const TWO_32 = 0x100000000;

function round(hash: number, word: number): number {
  let k = Math.imul(word, C1);
  k = Math.imul((k << 15) | (k >>> 17), C2);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, byteCount: number): number {
  let h = hash ^ byteCount;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * @param key an integer 0..2^53-1
 * @param seed an integer 0..2^32-1: equal keys under two seeds are as good as strangers
 * @returns 0..2^32-1
 */
export function hashInt(key: number, seed: number): number {
  if (key < TWO_32) return finish(round(seed, key), 4);
  return finish(round(round(seed, key | 0), Math.floor(key / TWO_32)), 8);
}
