/** A small generator for tests: the same numbers for the same seed, everywhere. */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca77) >>> 0;
  }

  /** An unsigned 32-bit word (mulberry32). */
  readonly word = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };

  /** An integer in 0 .. count - 1. */
  below(count: number): number {
    return Math.floor((this.word() / 0x1_0000_0000) * count);
  }

  chance(probability: number): boolean {
    return this.word() / 0x1_0000_0000 < probability;
  }
}
