/**
 * Named random streams.
 *
 * Every stochastic decision draws from the stream of its own name, so that adding a node never
 * shifts another's draws. alea seeds each stream from `seed/name` (seedrandom's default ARC4
 * repeats short keys: 'ab' and 'abab' would be one stream); draws come from xoshiro128**, whose
 * states lie in one typed array: saving all streams is a copy.
 *
 * Invariant: a stream's draws depend on the seed, its name and how often it was drawn from, and on
 * nothing else - not on when it was created or which streams exist beside it.
 *
 * Sources: Baagoe's alea, by way of seedrandom; Blackman & Vigna, "Scrambled Linear Pseudorandom
 * Number Generators", 2021 (xoshiro128**); Wichura, "Algorithm AS 241", 1988 (normal quantile).
 */
// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- it has no import form
/// <reference path="./alea.d.ts" />
import alea from 'seedrandom/lib/alea.js';
import { InvariantError } from './errors.ts';
import { ln } from './maths.ts';
import { normalQuantile } from './normal-quantile.ts';

/** The states of the streams that existed, in the order of their creation. */
export interface StreamImage {
  readonly names: readonly string[];
  readonly states: Int32Array;
}

const STATE_WORDS = 4;
const TWO_32 = 0x100000000;
/** 2^-53 and 2^53. */
const ULP = 1.1102230246251565e-16;
const TWO_53 = 9007199254740992;

export class StreamBank {
  /** All states, four words a stream. Replaced when it grows: never keep a reference. */
  states: Int32Array = new Int32Array(16 * STATE_WORDS);
  private readonly seed: string;
  private readonly streams = new Map<string, Stream>();
  private readonly names: string[] = [];

  constructor(seed: number | string) {
    this.seed = String(seed);
  }

  /** The stream of that name; always the same object for the same name. */
  stream(name: string): Stream {
    const known = this.streams.get(name);
    if (known !== undefined) return known;
    const offset = this.names.length * STATE_WORDS;
    if (offset === this.states.length) {
      const grown = new Int32Array(offset * 2);
      grown.set(this.states);
      this.states = grown;
    }
    const stream = new Stream(this, offset);
    this.streams.set(name, stream);
    this.names.push(name);
    this.plant(name, offset);
    return stream;
  }

  save(): StreamImage {
    return {
      names: this.names.slice(),
      states: this.states.slice(0, this.names.length * STATE_WORDS),
    };
  }

  /**
   * Goes back to an image, by name. Streams that were created after it keep their objects, since
   * someone may hold them, and return to their first state: a run from here finds them as new.
   */
  restore(image: StreamImage): void {
    for (let index = 0; index < this.names.length; index++) {
      this.plant(this.names[index]!, index * STATE_WORDS);
    }
    for (let index = 0; index < image.names.length; index++) {
      const { offset } = this.stream(image.names[index]!);
      const from = index * STATE_WORDS;
      this.states.set(image.states.subarray(from, from + STATE_WORDS), offset);
    }
  }

  private plant(name: string, offset: number): void {
    const generator = alea(`${this.seed}/${name}`);
    const states = this.states;
    let bits = 0;
    for (let word = 0; word < STATE_WORDS; word++) {
      const drawn = generator.int32();
      states[offset + word] = drawn;
      bits |= drawn;
    }
    // xoshiro never leaves the all-zero state.
    if (bits === 0) states[offset] = 1;
  }
}

/** Where a stream keeps its state. The array may be replaced, so it is read through this. */
interface StateWords {
  readonly states: Int32Array;
}

export class Stream {
  private readonly bank: StateWords;
  /** Where this stream's state begins in the bank. */
  readonly offset: number;

  constructor(bank: StateWords, offset: number) {
    this.bank = bank;
    this.offset = offset;
  }

  /** 32 random bits as an integer 0..2^32-1. */
  uint32(): number {
    return this.next() >>> 0;
  }

  /** 53 bits, in the open interval (0, 1). */
  open01(): number {
    for (;;) {
      const high = this.next() >>> 5;
      const low = this.next() >>> 6;
      if ((high | low) !== 0) return (high * 67108864 + low) * ULP;
    }
  }

  /** An integer 0..n-1, each equally likely. */
  below(n: number): number {
    if (!(n >= 1 && n <= Number.MAX_SAFE_INTEGER && Math.floor(n) === n)) {
      throw new InvariantError(`cannot draw an integer below ${n}`);
    }
    if (n === TWO_32) return this.next() >>> 0;
    if (n > TWO_32) return this.belowWide(n);
    // Draws past the last whole multiple of n would favour the small results. In unsigned words,
    // whose remainders are integer divisions: those of doubles take several times as long.
    const size = n >>> 0;
    const end = TWO_32 - ((-size >>> 0) % size);
    for (;;) {
      const draw = this.next() >>> 0;
      if (draw < end) return draw % size;
    }
  }

  /** An integer low..high, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with probability p. Certainties draw nothing: a switched-off fault shifts no draw. */
  chance(p: number): boolean {
    if (!(p >= 0 && p <= 1)) throw new InvariantError(`${p} is not a probability`);
    if (p === 0) return false;
    if (p === 1) return true;
    return this.open01() < p;
  }

  exponential(mean: number): number {
    return -mean * ln(this.open01());
  }

  /** Standard normal. By the quantile: one uniform draw for each, so that twins stay in step. */
  normal(): number {
    return normalQuantile(this.open01());
  }

  /** Fisher-Yates, in place. */
  shuffle<T>(items: T[]): void {
    for (let end = items.length - 1; end > 0; end--) {
      const index = this.below(end + 1);
      const moved = items[end]!;
      items[end] = items[index]!;
      items[index] = moved;
    }
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new InvariantError('cannot pick from an empty list');
    return items[this.below(items.length)]!;
  }

  /** xoshiro128**: 32 bits, signed. */
  private next(): number {
    const states = this.bank.states;
    const offset = this.offset;
    let s0 = states[offset]!;
    const s1 = states[offset + 1]!;
    let s2 = states[offset + 2]!;
    let s3 = states[offset + 3]!;
    const product = Math.imul(s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    s2 ^= s0;
    s3 ^= s1;
    states[offset + 1] = s1 ^ s2;
    s0 ^= s3;
    states[offset] = s0;
    states[offset + 2] = s2 ^ (s1 << 9);
    states[offset + 3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  private belowWide(n: number): number {
    const end = TWO_53 - (TWO_53 % n);
    for (;;) {
      const draw = (this.next() >>> 5) * 67108864 + (this.next() >>> 6);
      if (draw < end) return draw % n;
    }
  }
}
