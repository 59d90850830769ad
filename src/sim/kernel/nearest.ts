/**
 * The nearest valid word: what an error message offers when a name is wrong.
 *
 * The distance is the optimal string alignment of Damerau and Levenshtein: insertions, deletions,
 * substitutions and swaps of two neighbours cost 1 each, and no part is edited twice. Ties go to
 * the earlier choice, so that a message is the same in every host.
 *
 * Source: Damerau 1964, "A technique for computer detection and correction of spelling errors".
 */

/** How many single edits lead from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  let older = new Uint32Array(width);
  let previous = new Uint32Array(width);
  let current = new Uint32Array(width);
  for (let j = 0; j < width; j += 1) previous[j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    current[0] = i;
    for (let j = 1; j < width; j += 1) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      const swapped =
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (swapped) best = Math.min(best, older[j - 2]! + 1);
      current[j] = best;
    }
    [older, previous, current] = [previous, current, older];
  }
  return previous[b.length]!;
}

/** Longer words are cut before they are compared: a stranger's text may be of any length. */
const LENGTH_MAX = 80;

/**
 * The choice that `word` was most likely meant to be, or null when none resembles it: letter case
 * does not count, and a choice that contains the word, or whose last part is it, is near.
 */
export function nearest(word: string, choices: readonly string[]): string | null {
  const wanted = word.slice(0, LENGTH_MAX).toLowerCase();
  if (wanted === '') return null;
  let best: string | null = null;
  let bestCost = Infinity;
  for (const choice of choices) {
    const offered = choice.slice(0, LENGTH_MAX).toLowerCase();
    const cost = costOf(wanted, offered);
    if (cost < bestCost) {
      bestCost = cost;
      best = choice;
    }
  }
  return best;
}

/** Edits, or Infinity when the two do not resemble each other. */
function costOf(wanted: string, offered: string): number {
  if (wanted === offered) return 0;
  const edits = Math.min(
    editDistance(wanted, offered),
    editDistance(wanted, lastPart(offered)) + 0.5,
  );
  const allowed = Math.max(1, Math.floor(Math.max(wanted.length, 3) * 0.4));
  if (edits <= allowed) return edits;
  const contained = wanted.length >= 3 && (offered.includes(wanted) || wanted.includes(offered));
  return contained && offered.length >= 3
    ? 1_000 + Math.abs(offered.length - wanted.length)
    : Infinity;
}

/** `cap/cp-partition` and `raft.pre-vote` are often remembered by their last part. */
function lastPart(name: string): string {
  const at = Math.max(name.lastIndexOf('/'), name.lastIndexOf('.'));
  return name.slice(at + 1);
}

/** How many choices are listed beside the nearest one. */
const LISTED_MAX = 20;

/** `didYouMean`, and behind it all choices, if not too many: for names seen nowhere else. */
export function nearestAndAll(word: string, choices: readonly string[]): string {
  const all = `The choices are ${choices.join(', ')}.`;
  const hint = didYouMean(word, choices);
  if (choices.length === 0 || choices.length > LISTED_MAX || hint === all) return hint;
  return nearest(word, choices) === null ? all : `${hint} ${all}`;
}

/** "Did you mean x?", or the list of choices when it is short, or ''. For hints of errors. */
export function didYouMean(word: string, choices: readonly string[]): string {
  const near = nearest(word, choices);
  if (near !== null) return `Did you mean ${near}?`;
  if (choices.length === 0) return '';
  return choices.length <= 12
    ? `The choices are ${choices.join(', ')}.`
    : `Among the ${choices.length} choices are ${choices.slice(0, 8).join(', ')}.`;
}
