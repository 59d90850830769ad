/**
 * Draws that belong to a request, not to a node: made from the request's own 32 bits and a number
 * that says what is drawn, and from nothing else.
 *
 * Invariant: the same seed and purpose give the same draws, wherever and whenever they are drawn.
 * So two designs under the same requests differ only where the designs differ.
 *
 * Sources: Steele, Lea & Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014
 * (splitmix, with the 32-bit constants of Ettinger's hash prospector); xoshiro128** as in
 * `random.ts`.
 */
import { Stream } from './random.ts';

const GOLDEN = 0x9e3779b9;

/** Mixes 32 bits well: every bit of the input changes about half of the output. */
export function mix32(bits: number): number {
  let x = bits | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

export class SeededDraws {
  readonly #words = { states: new Int32Array(4) };
  readonly #stream = new Stream(this.#words, 0);

  /** One stream for all: it is valid until the next call. */
  of(seed: number, purpose: number): Stream {
    const { states } = this.#words;
    let state = mix32(seed) ^ Math.imul(purpose, 0x85ebca6b);
    for (let word = 0; word < 4; word++) {
      state = (state + GOLDEN) | 0;
      states[word] = mix32(state);
    }
    // xoshiro never leaves the all-zero state.
    if ((states[0]! | states[1]! | states[2]! | states[3]!) === 0) states[0] = 1;
    return this.#stream;
  }
}
