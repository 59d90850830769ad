/**
 * Properties over seeds. Each seed gives a generator of its own; a failure says which seed it was
 * and the command that repeats that one alone.
 */
export interface Random {
  /** An integer from 0 to `below - 1`. */
  int(below: number): number;
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** mulberry32: small, seeded, and not the generator that the simulator uses. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    int,
    between: (low, high) => low + int(high - low + 1),
    chance: (percent) => next() * 100 < percent,
    pick: (from) => from[int(from.length)] as (typeof from)[number],
  };
}

/** Set to one seed to repeat only that one, or to `A..B` for more of them than usual. */
const CHOSEN = process.env['TEST_SEEDS'];

export function seedsOf(count: number): readonly number[] {
  if (CHOSEN === undefined) return Array.from({ length: count }, (_, i) => i + 1);
  const [first = '1', last = first] = CHOSEN.split('..');
  const from = Number(first);
  return Array.from({ length: Number(last) - from + 1 }, (_, i) => from + i);
}

/** Runs a property for `count` seeds. `file` is the test's own address, for the command. */
export function forSeeds(
  count: number,
  file: string,
  property: (seed: number, random: Random) => void,
): void {
  for (const seed of seedsOf(count)) {
    try {
      property(seed, randomOf(seed));
    } catch (error) {
      const at = new URL(file).pathname.split('/tests/').at(-1) ?? '';
      const repeat = `TEST_SEEDS=${seed} npx vitest run tests/${at}`;
      if (error instanceof Error) error.message = `Seed ${seed} (${repeat}): ${error.message}`;
      throw error;
    }
  }
}
