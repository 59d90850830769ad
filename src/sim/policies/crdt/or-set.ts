/**
 * A set in which additions win over concurrent removals, without tombstones.
 *
 * An addition is a new dot (actor, count). An element is in the set while it has a dot; a dot that
 * one side has seen (its context) and no longer holds was removed there, so a merge drops it.
 * Invariant: the dots of one actor are made one after the other, each on a state that holds those
 * before it. Source: Bieniusa et al. (INRIA 8083, 2012), figure 3; riak_dt_orswot.
 */
import type { ActorCounts, ActorId, CrdtElement, OrSet } from '../../contracts/crdt.ts';
import { NO_COUNTS, combine, countOf, joinCounts, withCount } from './actor-counts.ts';

export const EMPTY_OR_SET: OrSet = Object.freeze({
  kind: 'or-set',
  context: NO_COUNTS,
  elements: Object.freeze([]),
});

type Member = OrSet['elements'][number];

/** Numbers before texts, each in their order. */
export function compareElements(a: CrdtElement, b: CrdtElement): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === typeof b) return String(a) < String(b) ? -1 : 1;
  return typeof a < typeof b ? -1 : 1;
}

function setOf(context: ActorCounts, elements: readonly Member[]): OrSet {
  return Object.freeze({ kind: 'or-set', context, elements: Object.freeze(elements) });
}

/** The new dot replaces those that the adder saw. */
export function addTo(set: OrSet, actor: ActorId, element: CrdtElement): OrSet {
  const count = countOf(set.context, actor) + 1;
  const dots: ActorCounts = Object.freeze([Object.freeze([actor, count] as const)]);
  const elements = set.elements.filter((member) => member.element !== element);
  elements.push(Object.freeze({ element, dots }));
  elements.sort((a, b) => compareElements(a.element, b.element));
  return setOf(withCount(set.context, actor, count), elements);
}

/** Takes away what this replica sees of it; an addition it has not seen stays. */
export const removeFrom = (set: OrSet, element: CrdtElement): OrSet =>
  setOf(
    set.context,
    set.elements.filter((member) => member.element !== element),
  );

/** A dot stays that both hold, or that one holds and the other never saw. */
const mergeDots = (a: ActorCounts, aSaw: ActorCounts, b: ActorCounts, bSaw: ActorCounts) =>
  combine(a, b, (x, y, actor) => {
    if (x === y) return x;
    const left = x > countOf(bSaw, actor) ? x : 0;
    const right = y > countOf(aSaw, actor) ? y : 0;
    return Math.max(left, right);
  });

export function mergeOrSets(a: OrSet, b: OrSet): OrSet {
  const elements: Member[] = [];
  let i = 0;
  let j = 0;
  while (i < a.elements.length || j < b.elements.length) {
    const left = a.elements[i];
    const right = b.elements[j];
    const order =
      left === undefined
        ? 1
        : right === undefined
          ? -1
          : compareElements(left.element, right.element);
    const element = (order <= 0 ? left : right)!.element;
    const mine = order <= 0 ? left!.dots : NO_COUNTS;
    const theirs = order >= 0 ? right!.dots : NO_COUNTS;
    if (order <= 0) i++;
    if (order >= 0) j++;
    const dots = mergeDots(mine, a.context, theirs, b.context);
    if (dots.length > 0) elements.push(Object.freeze({ element, dots }));
  }
  return setOf(joinCounts(a.context, b.context), elements);
}

export const valueOfOrSet = (set: OrSet): readonly CrdtElement[] =>
  set.elements.map((member) => member.element);
