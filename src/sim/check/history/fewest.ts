/**
 * What is left of many things when all that can go has gone: delta debugging, for every check that
 * shows of a history only what it takes.
 *
 * `keeps` says whether the rest still shows what is to be shown; undefined: it could not be
 * decided, and then nothing is dropped.
 *
 * Invariant: where `isFewest` is true, of what is left no single one can go. Otherwise the budget
 * of `keeps` ended before that was certain.
 *
 * Source: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002.
 */
export type Keeps<T> = (rest: readonly T[]) => boolean | undefined;

export interface Few<T> {
  readonly kept: readonly T[];
  readonly isFewest: boolean;
}

/** Said where it is not certain that what is shown is the least. */
export const NOT_FEWEST = 'Fewer may show it, too: the budget of the search for those ended.';

/** Drops chunks of halving size, down to single ones of not more than `singlesMax`. */
export function dropChunks<T>(
  from: readonly T[],
  keeps: Keeps<T>,
  singlesMax = Infinity,
): readonly T[] {
  let kept = from;
  for (let size = kept.length; size >= 1; size = size === 1 ? 0 : (size + 1) >> 1) {
    if (size === 1 && kept.length > singlesMax) break;
    for (let start = 0; start < kept.length;) {
      const rest = [...kept.slice(0, start), ...kept.slice(start + size)];
      if (keeps(rest) === true) kept = rest;
      else start += size;
    }
  }
  return kept;
}

/** Drops all of one name at once: of one key, of one process. */
export function dropGroups<T>(
  from: readonly T[],
  nameOf: (one: T) => unknown,
  keeps: Keeps<T>,
): readonly T[] {
  let kept = from;
  for (const name of new Set(from.map(nameOf))) {
    const rest = kept.filter((one) => nameOf(one) !== name);
    if (rest.length < kept.length && keeps(rest) === true) kept = rest;
  }
  return kept;
}

/**
 * Drops two by two, each with the next that belongs to it: of a lock that was taken and given back
 * neither half can go alone.
 */
export function dropPairs<T>(
  from: readonly T[],
  belongs: (next: T, to: T) => boolean,
  keeps: Keeps<T>,
): readonly T[] {
  let kept = from;
  for (let at = 0; at < kept.length;) {
    const first = kept[at] as T;
    const next = kept.findIndex((one, place) => place > at && belongs(one, first));
    const rest = kept.filter((_, place) => place !== at && place !== next);
    if (next > at && keeps(rest) === true) kept = rest;
    else at += 1;
  }
  return kept;
}

/** Drops single ones until none of them can go. */
export function dropEach<T>(from: readonly T[], keeps: Keeps<T>): Few<T> {
  let kept = from;
  for (;;) {
    const before = kept.length;
    let isFewest = true;
    for (let at = 0; at < kept.length;) {
      const rest = kept.filter((_, place) => place !== at);
      const verdict = keeps(rest);
      if (verdict === true) kept = rest;
      else at += 1;
      if (verdict === undefined) isFewest = false;
    }
    if (kept.length === before) return { kept, isFewest };
  }
}
