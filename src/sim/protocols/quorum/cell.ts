/**
 * What a key holds and how two replicas' opinions of it merge.
 *
 * Invariant: merging is commutative, associative and idempotent, so replicas that have seen the
 * same writes, in whatever order and however often, hold the same.
 *
 * Last write wins: the higher (timestamp, count, node) stays, as in Cassandra, which has no count.
 * Version vectors: a version stays unless the other side has seen it and does not hold it any more
 * (dotted version vector sets, Preguica et al., 2010; Riak with allow_mult). Otherwise a replicated
 * data type.
 *
 * Differs: Cassandra settles equal timestamps by value, and a tombstone wins; here the node does.
 */
import type { ActorCounts, CrdtElement, CrdtState, CrdtUpdate } from '../../contracts/crdt.ts';
import type { KvValue } from '../../contracts/kv.ts';
import type { QuorumCell, QuorumVersion } from '../../contracts/quorum.ts';
import { InvariantError } from '../../kernel/errors.ts';
import {
  NO_COUNTS,
  combine,
  countOf,
  joinCounts,
  withCount,
} from '../../policies/crdt/actor-counts.ts';
import { emptyCrdt, mergeCrdts, updateCrdt, valuesOfCrdt } from '../../policies/crdt/crdt.ts';
import type { QuorumConfig } from './config.ts';

type Held = QuorumCell | null;

export function cellOf(
  context: ActorCounts,
  versions: readonly QuorumVersion[],
  crdt: CrdtState | null = null,
): QuorumCell {
  return Object.freeze({ context, versions: Object.freeze(versions), crdt });
}

export const versionOf = (
  value: KvValue,
  wallMicros: number,
  actor: number,
  count: number,
): QuorumVersion => Object.freeze({ value, wallMicros, actor, count });

/** The cell that a write makes where the last write wins. */
export const stampedCell = (
  config: QuorumConfig,
  value: KvValue,
  wallMicros: number,
  count: number,
): QuorumCell => cellOf(NO_COUNTS, [versionOf(value, wallMicros, config.actor, count)]);

/** The cell after a write by this node that replaces what the writer had seen. */
export function dottedCell(
  config: QuorumConfig,
  local: Held,
  seen: ActorCounts,
  value: KvValue,
  wallMicros: number,
): QuorumCell {
  const known = joinCounts(local?.context ?? NO_COUNTS, seen);
  const count = countOf(known, config.actor) + 1;
  const kept = (local?.versions ?? []).filter((v) => countOf(seen, v.actor) < v.count);
  const versions = [...kept, versionOf(value, wallMicros, config.actor, count)];
  return cellOf(withCount(known, config.actor, count), versions.sort(byDot));
}

/** The cell after an update of a replicated data type; null where the type knows no such update. */
export function updatedCell(
  config: QuorumConfig,
  local: Held,
  update: CrdtUpdate,
  wallMicros: number,
): QuorumCell | null {
  const { conflicts, actor } = config;
  if (conflicts === 'last-write-wins' || conflicts === 'version-vectors') return null;
  const before = local?.crdt ?? emptyCrdt(conflicts);
  const after = updateCrdt(before, update, actor, wallMicros);
  return after === null ? null : cellOf(NO_COUNTS, [], after);
}

const byDot = (a: QuorumVersion, b: QuorumVersion): number =>
  a.actor - b.actor || a.count - b.count || a.wallMicros - b.wallMicros;

/** Returns `mine` itself where `theirs` brings nothing. */
export function mergeCells(config: QuorumConfig, mine: Held, theirs: Held): Held {
  if (mine === null || theirs === null) return mine ?? theirs;
  const { conflicts, rules } = config;
  if (conflicts === 'last-write-wins') return laterOf(mine, theirs);
  if (conflicts === 'version-vectors') {
    return rules.versionVectors ? mergeSiblings(mine, theirs) : keepIfSame(mine, theirs);
  }
  if (mine.crdt === null || theirs.crdt === null) {
    throw new InvariantError('a cell of a replicated data type holds none');
  }
  const crdt = rules.idempotentMerge
    ? mergeCrdts(mine.crdt, theirs.crdt)
    : addUp(mine.crdt, theirs.crdt);
  return keepIfSame(mine, cellOf(NO_COUNTS, [], crdt));
}

const keepIfSame = (mine: QuorumCell, merged: QuorumCell): QuorumCell =>
  isSameCell(mine, merged) ? mine : merged;

function laterOf(mine: QuorumCell, theirs: QuorumCell): QuorumCell {
  const a = mine.versions[0]!;
  const b = theirs.versions[0]!;
  // A coordinator gives each stamp once.
  const order = a.wallMicros - b.wallMicros || a.count - b.count || a.actor - b.actor;
  return order >= 0 ? mine : theirs;
}

const holds = (cell: QuorumCell, v: QuorumVersion): boolean =>
  cell.versions.some((other) => other.actor === v.actor && other.count === v.count);

const isNews = (v: QuorumVersion, other: QuorumCell): boolean =>
  countOf(other.context, v.actor) < v.count;

function mergeSiblings(mine: QuorumCell, theirs: QuorumCell): QuorumCell {
  const kept = mine.versions.filter((v) => holds(theirs, v) || isNews(v, theirs));
  const news = theirs.versions.filter((v) => !holds(mine, v) && isNews(v, mine));
  const versions = [...kept, ...news].sort(byDot);
  return keepIfSame(mine, cellOf(joinCounts(mine.context, theirs.context), versions));
}

/** What `quorum.idempotent-merge` forbids: counts are added where the higher one is right. */
function addUp(mine: CrdtState, theirs: CrdtState): CrdtState {
  const add = (a: ActorCounts, b: ActorCounts) => combine(a, b, (x, y) => x + y);
  if (mine.kind === 'g-counter' && theirs.kind === 'g-counter') {
    return Object.freeze({ kind: mine.kind, counts: add(mine.counts, theirs.counts) });
  }
  if (mine.kind === 'pn-counter' && theirs.kind === 'pn-counter') {
    const up = add(mine.up, theirs.up);
    return Object.freeze({ kind: mine.kind, up, down: add(mine.down, theirs.down) });
  }
  return mergeCrdts(mine, theirs);
}

const sameCounts = (a: ActorCounts, b: ActorCounts): boolean =>
  a === b ||
  (a.length === b.length && a.every(([who, n], i) => who === b[i]![0] && n === b[i]![1]));

function sameCrdt(a: CrdtState | null, b: CrdtState | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (a.kind === 'g-counter') return sameCounts(a.counts, (b as typeof a).counts);
  if (a.kind === 'pn-counter') {
    return sameCounts(a.up, (b as typeof a).up) && sameCounts(a.down, (b as typeof a).down);
  }
  if (a.kind === 'lww-register') {
    const c = b as typeof a;
    return a.value === c.value && a.wallMicros === c.wallMicros && a.actor === c.actor;
  }
  const { context, elements } = b as typeof a;
  return (
    sameCounts(a.context, context) &&
    a.elements.length === elements.length &&
    a.elements.every(({ element, dots }, i) => {
      const other = elements[i]!;
      return element === other.element && sameCounts(dots, other.dots);
    })
  );
}

export function isSameCell(a: Held, b: Held): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (a.versions.length !== b.versions.length || !sameCounts(a.context, b.context)) return false;
  for (let i = 0; i < a.versions.length; i++) {
    const v = a.versions[i]!;
    const w = b.versions[i]!;
    if (v.actor !== w.actor || v.count !== w.count) return false;
    if (v.wallMicros !== w.wallMicros || v.value !== w.value) return false;
  }
  return sameCrdt(a.crdt, b.crdt);
}

/** What a reader is shown: the values that are not deleted, the latest last. */
export function valuesOf(cell: Held): readonly CrdtElement[] {
  if (cell === null) return [];
  if (cell.crdt !== null) return valuesOfCrdt(cell.crdt);
  const living = cell.versions.filter((v) => v.value !== null);
  return living.sort((a, b) => a.wallMicros - b.wallMicros || byDot(a, b)).map((v) => v.value);
}

export const contextOf = (cell: Held): ActorCounts => cell?.context ?? NO_COUNTS;

/** Whether nothing but tombstones is left. */
export const isDeleted = (cell: QuorumCell): boolean =>
  cell.crdt === null && cell.versions.every((v) => v.value === null);

/** Whether it may be forgotten: only tombstones, all older than gc_grace. */
export function isPurgeable(config: QuorumConfig, cell: QuorumCell, wallMicros: number): boolean {
  const grace = config.rules.gcGrace ? config.gcGraceMicros : 0;
  return isDeleted(cell) && cell.versions.every((v) => v.wallMicros + grace <= wallMicros);
}
