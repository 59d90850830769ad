/**
 * The key whose 32-bit hash is a given number: MurmurHash3 of one word can be undone step by step,
 * so a test can send the request that a table of hashes speaks of.
 */

/** Of an odd number, modulo 2^32 (Newton): each step doubles the bits that are right. */
function inverse(odd: number): number {
  let x = odd | 0;
  for (let i = 0; i < 5; i++) x = Math.imul(x, (2 - Math.imul(odd, x)) | 0);
  return x;
}

const rotateRight = (x: number, bits: number) => (x >>> bits) | (x << (32 - bits));
/** Undoes x ^ (x >>> bits). */
function unshift(x: number, bits: number): number {
  let y = x;
  for (let known = bits; known < 32; known += bits) y = x ^ (y >>> bits);
  return y;
}

/** The integer below 2^32 that `hashInt(_, 0)` maps to this one. */
export function keyOfHash(hash: number): number {
  let h = unshift(hash | 0, 16);
  h = unshift(Math.imul(h, inverse(0xc2b2ae35)), 13);
  h = unshift(Math.imul(h, inverse(0x85ebca6b)), 16) ^ 4;
  h = rotateRight(Math.imul((h - 0xe6546b64) | 0, inverse(5)), 13);
  h = rotateRight(Math.imul(h, inverse(0x1b873593)), 15);
  return Math.imul(h, inverse(0xcc9e2d51)) >>> 0;
}
