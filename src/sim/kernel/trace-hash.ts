/**
 * The trace hash: a 64-bit rolling hash of integer words per executed event.
 *
 * It is always on, so it is cheap: a word enters each of two 32-bit lanes by one multiplication
 * with an odd constant of its own (the second lane takes it with its halves swapped), the sums are
 * mixed into the lanes, and only `hex` avalanches.
 * Invariant: a state depends on every word ever given and on their order; nothing is allocated.
 * It tells runs apart; it is not a defence against someone who looks for collisions.
 */
import { highWord, lowWord } from './bits.ts';

export interface TraceHashImage {
  readonly lo: number;
  readonly hi: number;
}

const INVERSE_2_32 = 1 / 0x100000000;

export class TraceHash {
  private readonly lanes = new Int32Array(2);

  constructor() {
    this.lanes[0] = 0x6a09e667;
    this.lanes[1] = 0x3c6ef372;
  }

  get lo(): number {
    return this.lanes[0]!;
  }

  get hi(): number {
    return this.lanes[1]!;
  }

  /** Mixes one executed event. `time` is a safe integer, the other words are 32-bit. */
  event(
    time: number,
    kind: number,
    target: number,
    source: number,
    type: number,
    word: number,
  ): void {
    const early = time | 0;
    const late = (time * INVERSE_2_32) | 0;
    const x =
      Math.imul(early, 0x9e3779b1) +
      Math.imul(late, 0x85ebca77) +
      Math.imul(kind, 0xc2b2ae3d) +
      Math.imul(target, 0x27d4eb2f) +
      Math.imul(source, 0x165667b1) +
      Math.imul(type, 0x2c1b3c6d) +
      Math.imul(word, 0x297a2d39);
    const y =
      Math.imul(turn(early), 0xcc9e2d51) +
      Math.imul(turn(late), 0x1b873593) +
      Math.imul(turn(kind), 0xe6546b65) +
      Math.imul(turn(target), 0x7feb352d) +
      Math.imul(turn(source), 0x846ca68b) +
      Math.imul(turn(type), 0x9e3779bb) +
      Math.imul(turn(word), 0xd35a2d97);
    this.stir(x | 0, y | 0);
  }

  /** Mixes one 32-bit word. */
  mix(word: number): void {
    this.stir(Math.imul(word, 0x9e3779b1), Math.imul(turn(word), 0xcc9e2d51));
  }

  /** The hash of what came so far: 16 hex digits. */
  hex(): string {
    const lo = avalanche(this.lanes[0]! ^ Math.imul(this.lanes[1]!, 0x2c1b3c6d));
    const hi = avalanche(this.lanes[1]! ^ Math.imul(lo, 0x297a2d39));
    return hexWord(hi) + hexWord(lo);
  }

  save(): TraceHashImage {
    return { lo: this.lo, hi: this.hi };
  }

  restore(image: TraceHashImage): void {
    this.lanes[0] = image.lo;
    this.lanes[1] = image.hi;
  }

  /**
   * Each lane takes its word, turns and multiplies; the second also takes what the first became.
   */
  private stir(x: number, y: number): void {
    const lanes = this.lanes;
    let lo = lanes[0]! ^ x;
    lo = Math.imul((lo << 13) | (lo >>> 19), 5) + 0x6b64e654;
    let hi = lanes[1]! ^ y;
    hi = Math.imul((hi << 17) | (hi >>> 15), 0x85ebca6b) + lo;
    lanes[0] = lo ^ (hi >>> 15);
    lanes[1] = hi;
  }
}

/**
 * Swaps the halves of a word. A product keeps the high bits of its factor high, so that without
 * this two events that differ in the top bits of two words would look alike to both lanes.
 */
function turn(word: number): number {
  return (word << 16) | (word >>> 16);
}

/** FNV-1a over the UTF-16 code units, 32 bits, signed: for message types and digests. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}

/** The 64 bits of a double folded into 32, signed. 0 and -0 differ; every NaN is the same. */
export function hashDouble(x: number): number {
  return avalanche(lowWord(x) ^ Math.imul(highWord(x), 0x9e3779b1));
}

/** Spreads each bit over the whole word (Mueller's 32-bit finaliser). */
function avalanche(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return hash ^ (hash >>> 16);
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
