/**
 * The least of a history that still breaks a causal level, and why that does: what is shown of it.
 *
 * A read whose write has gone would be of a value of nobody, which is another story: such a set
 * does not count.
 *
 * Invariants
 *  - The sentences are about the operations shown and no others, and these break the level by
 *    themselves: no single one of them can go, unless it is said that the budget ended.
 *  - The work is bounded in words of bit sets: what a closure of so many operations takes.
 */
import { NOT_FEWEST, dropChunks, dropEach, dropGroups } from '../history/fewest.ts';
import type { Op } from '../../observe/history.ts';
import type { CausalResult } from './result.ts';

const WORDS_MAX = 40_000_000;

export function fewestOf(
  whole: CausalResult,
  all: readonly Op[],
  check: (ops: readonly Op[]) => CausalResult,
): CausalResult {
  if (whole.pattern === 'ThinAirRead') return whole;
  let wordsLeft = WORDS_MAX;
  const keeps = (rest: readonly Op[]): boolean | undefined => {
    wordsLeft -= rest.length + ((rest.length * rest.length) >> 5);
    if (wordsLeft < 0) return undefined;
    const { verdict, pattern } = check(rest);
    return verdict === 'fail' && pattern !== 'ThinAirRead';
  };
  const shown = new Set(whole.explanation?.window);
  const found = all.filter(({ id }) => shown.has(id));
  let kept = all;
  if (keeps(found) === true) kept = found;
  else {
    kept = dropGroups(kept, ({ key }) => key, keeps);
    kept = dropGroups(kept, ({ process }) => process, keeps);
  }
  const few = dropEach(dropChunks(kept, keeps), keeps);
  const { pattern, because, explanation } = check(few.kept);
  if (pattern === undefined || explanation === undefined) return whole;
  const told = few.isFewest ? because : [...because, NOT_FEWEST];
  const byCall = [...few.kept].sort((a, b) => a.call - b.call || a.id - b.id);
  const window = byCall.map(({ id }) => id);
  return {
    ...whole,
    pattern,
    because: told,
    explanation: { ...explanation, because: told, window },
  };
}
