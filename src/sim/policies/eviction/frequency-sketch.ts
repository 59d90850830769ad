/**
 * How often keys were asked for lately, about: a count-min sketch of four rows of 4-bit counters,
 * all halved once so many requests were counted, so that old popularity fades.
 *
 * Source: Einziger, Friedman, Manes, "TinyLFU: a highly efficient cache admission policy", ACM
 * TOS 2017; layout, hashes and aging are those of Caffeine 3.1 (FrequencySketch): 16 counters per
 * key of capacity, the four of one key within one block of 64 bytes, no doorkeeper.
 */

/** The low bit of each counter of a word. */
const ONES = 0x11111111;
/** What a word may hold after its counters are halved. */
const HALVES = 0x77777777;
const COUNTER_MAX = 15;
const WORDS_PER_BLOCK = 16;
const ROWS = 4;
const TWO_32 = 0x100000000;

export interface FrequencySketch {
  /** Eight counters a word. */
  readonly words: Int32Array;
  readonly blockMask: number;
  readonly sampleSize: number;
  /** Requests counted since the counters were halved, less what halving took away. */
  counted: number;
}

export function makeSketch(capacity: number, sampleFactor: number): FrequencySketch {
  let longs = 8;
  while (longs < capacity) longs *= 2;
  return {
    words: new Int32Array(longs * 2),
    blockMask: longs / 8 - 1,
    sampleSize: Math.max(1, Math.floor(capacity * sampleFactor)),
    counted: 0,
  };
}

/** At most 15. Never less than was counted since the last halving, up to that. */
export function frequencyOf(sketch: FrequencySketch, key: number): number {
  const spread = spreadOf(key);
  const hash = rehash(spread);
  const block = (spread & sketch.blockMask) * WORDS_PER_BLOCK;
  let least = COUNTER_MAX;
  for (let row = 0; row < ROWS; row++) {
    const bits = hash >>> (row * 8);
    const word = sketch.words[wordOf(block, row, bits)]!;
    const count = (word >>> (((bits >>> 1) & 7) * 4)) & COUNTER_MAX;
    if (count < least) least = count;
  }
  return least;
}

export function countRequest(sketch: FrequencySketch, key: number): void {
  const { words } = sketch;
  const spread = spreadOf(key);
  const hash = rehash(spread);
  const block = (spread & sketch.blockMask) * WORDS_PER_BLOCK;
  let isCounted = false;
  for (let row = 0; row < ROWS; row++) {
    const bits = hash >>> (row * 8);
    const at = wordOf(block, row, bits);
    const shift = ((bits >>> 1) & 7) * 4;
    const word = words[at]!;
    if (((word >>> shift) & COUNTER_MAX) === COUNTER_MAX) continue;
    words[at] = word + (1 << shift);
    isCounted = true;
  }
  if (!isCounted) return;
  sketch.counted += 1;
  if (sketch.counted === sketch.sampleSize) halve(sketch);
}

/** A row has two longs of each block, a long two words: bit 0 chooses the long, bit 4 the word. */
function wordOf(block: number, row: number, bits: number): number {
  return block + row * 4 + (bits & 1) * 2 + ((bits >>> 4) & 1);
}

function halve(sketch: FrequencySketch): void {
  const { words } = sketch;
  let odd = 0;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    odd += onesOf(word & ONES);
    words[index] = (word >>> 1) & HALVES;
  }
  sketch.counted = (sketch.counted - (odd >>> 2)) >>> 1;
}

/** How many of the bits of ONES are set: the product gathers their sum in its highest counter. */
function onesOf(bits: number): number {
  return Math.imul(bits, ONES) >>> 28;
}

function spreadOf(key: number): number {
  let x = (key | 0) ^ Math.floor(key / TWO_32);
  x = Math.imul(x ^ (x >>> 17), 0xed5ad4bb);
  x = Math.imul(x ^ (x >>> 11), 0xac4c1b51);
  return x ^ (x >>> 15);
}

function rehash(spread: number): number {
  const x = Math.imul(spread, 0x31848bab);
  return x ^ (x >>> 14);
}
