/**
 * Isolation of registers by its definition: is there an order of snapshots and commits, whatever
 * order of versions that makes, that explains every read?
 *
 * The dependency graph sees only the versions whose order is certain; where writers did not read
 * what they wrote over, that is little, and nothing found in it proves nothing.
 *
 *  - serializable, repeatable read (the same, where nothing is about predicates): one moment each.
 *  - snapshot isolation: a snapshot and a commit each, and nobody commits to the same key between
 *    the two. Prefix: without this last.
 *  - causal, read atomic: what a transaction has seen, through others or directly, it does not
 *    read behind.
 *
 * Invariants
 *  - A transaction of unknown fate is left out unless what it wrote was read: that only helps.
 *  - Edges of the graph are certain, and hold here too: with them come sessions, real time and
 *    what was assumed of keys.
 *
 * Source: Biswas and Enea, OOPSLA 2019 (definitions, the reduction to split transactions).
 */
import { REALTIME, RW, SESSION, WR, WW } from './graph.ts';
import type { DependencyGraph } from './graph.ts';
import { solve } from './choices.ts';
import type { Answer, Choice, Pair, Puzzle } from './choices.ts';
import type { Txn } from './history.ts';

/** Who wrote and read which versions, as far as it can be told. */
export interface Versions {
  /** By key: the transactions that may have written it. */
  readonly writers: ReadonlyMap<string, readonly number[]>;
  readonly reads: readonly VersionRead[];
  /** Further transactions that surely committed: what they wrote is below what was read. */
  readonly below?: ReadonlySet<number>;
}

export interface VersionRead {
  readonly node: number;
  readonly key: string;
  /** Who wrote it; -1: the initial state. */
  readonly from: number;
}

export type Definition =
  'serializable' | 'snapshot-isolation' | 'prefix' | 'causal' | 'read-atomic';

export interface Situation {
  readonly graph: DependencyGraph;
  readonly txns: readonly Txn[];
  readonly versions: Versions;
}

/** Is there an order of these transactions alone? */
export function hasOrder(
  situation: Situation,
  nodes: readonly number[],
  definition: Definition,
  stepsMax: number,
): Answer {
  return solve(puzzleOf(situation, nodes, definition), stepsMax);
}

/** Those that committed, and those whose writes were read. */
export function nodesThatCount({ txns, versions }: Situation): readonly number[] {
  const read = new Set([...versions.reads.map(({ from }) => from), ...(versions.below ?? [])]);
  return txns.flatMap(({ node, isCommitted }) => (isCommitted || read.has(node) ? [node] : []));
}

class Moments {
  readonly #places: ReadonlyMap<number, number>;
  readonly #isSplit: boolean;

  constructor(nodes: readonly number[], isSplit: boolean) {
    this.#places = new Map(nodes.map((node, place) => [node, place]));
    this.#isSplit = isSplit;
  }

  has(node: number): boolean {
    return this.#places.has(node);
  }

  snapshot(node: number): number {
    return (this.#places.get(node) ?? 0) * (this.#isSplit ? 2 : 1);
  }

  commit(node: number): number {
    return this.snapshot(node) + (this.#isSplit ? 1 : 0);
  }
}

function puzzleOf(
  { graph, txns, versions }: Situation,
  nodes: readonly number[],
  definition: Definition,
): Puzzle {
  const isSplit = definition === 'snapshot-isolation' || definition === 'prefix';
  const moments = new Moments(nodes, isSplit);
  const isSnapshot = isSplit || definition === 'serializable';
  const pairs = certainPairs(graph, moments, isSplit, isSnapshot);
  const wish: number[] = [];
  for (const node of nodes) {
    const { call, ret } = txns[node]?.op ?? { call: 0, ret: 0 };
    if (isSplit) {
      wish.push(call);
      pairs.push([moments.snapshot(node), moments.commit(node)]);
    }
    wish.push(ret === Infinity ? call : ret);
  }
  if (!isSnapshot) addSeen(versions, moments, pairs, definition === 'causal');
  else addFirsts(versions, moments, pairs);
  const forbidsConflicts = definition === 'snapshot-isolation';
  const broken = (place: Int32Array): Choice[] =>
    isSnapshot ? brokenBy(versions, moments, place, forbidsConflicts) : [];
  return { moments: wish.length, wish, pairs, broken };
}

function certainPairs(
  { from, to, kind }: DependencyGraph,
  moments: Moments,
  isSplit: boolean,
  isSnapshot: boolean,
): Pair[] {
  const pairs: Pair[] = [];
  for (let edge = 0; edge < from.length; edge++) {
    const [a, b, what] = [from[edge] ?? 0, to[edge] ?? 0, kind[edge] ?? 0];
    if (!moments.has(a) || !moments.has(b)) continue;
    if (what === WW) pairs.push([moments.commit(a), moments.commit(b)]);
    else if (what === RW) {
      // Below snapshots a read may be older than what was there.
      if (isSnapshot) pairs.push([moments.snapshot(a), moments.commit(b)]);
    } else if (what === WR || what === SESSION || what === REALTIME) {
      pairs.push([moments.commit(a), isSplit ? moments.snapshot(b) : moments.commit(b)]);
    }
  }
  return pairs;
}

/** Who read the initial state of a key had his snapshot before anybody wrote it. */
function addFirsts({ writers, reads }: Versions, moments: Moments, pairs: Pair[]): void {
  for (const { node, key, from } of reads) {
    if (from >= 0 || !moments.has(node)) continue;
    for (const other of writers.get(key) ?? []) {
      if (other === node || !moments.has(other)) continue;
      pairs.push([moments.snapshot(node), moments.commit(other)]);
    }
  }
}

/**
 * What was read is the newest commit at the snapshot; of two who write one key, where that is
 * forbidden, the one commits before the other takes its snapshot.
 */
function brokenBy(
  { writers, reads }: Versions,
  moments: Moments,
  place: Int32Array,
  forbidsConflicts: boolean,
): Choice[] {
  const broken: Choice[] = [];
  const commitAt = (node: number): number => place[moments.commit(node)] ?? 0;
  const snapshotAt = (node: number): number => place[moments.snapshot(node)] ?? 0;
  const byCommit = new Map<string, readonly number[]>();
  for (const [key, all] of writers) {
    const ofKey = all.filter((node) => moments.has(node));
    ofKey.sort((a, b) => commitAt(a) - commitAt(b));
    byCommit.set(key, ofKey);
    if (!forbidsConflicts) continue;
    for (let at = 1; at < ofKey.length; at++) {
      const [a, b] = [ofKey[at - 1] ?? 0, ofKey[at] ?? 0];
      if (snapshotAt(b) > commitAt(a)) continue;
      broken.push([
        [moments.commit(a), moments.snapshot(b)],
        [moments.commit(b), moments.snapshot(a)],
      ]);
    }
  }
  for (const { node, key, from } of reads) {
    if (from < 0 || !moments.has(node) || !moments.has(from)) continue;
    const newest = newestBefore(byCommit.get(key) ?? [], commitAt, snapshotAt(node));
    if (newest === undefined || newest === from || newest === node) continue;
    broken.push([
      [moments.commit(newest), moments.commit(from)],
      [moments.snapshot(node), moments.commit(newest)],
    ]);
  }
  return broken;
}

/** The last of them that committed before a place. */
function newestBefore(
  nodes: readonly number[],
  commitAt: (node: number) => number,
  place: number,
): number | undefined {
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (commitAt(nodes[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return nodes[low - 1];
}

/** Who was seen, and wrote a key that was read from somebody else, is the earlier of the two. */
function addSeen(
  { writers, reads }: Versions,
  moments: Moments,
  pairs: Pair[],
  isThroughOthers: boolean,
): void {
  const direct = new Map<number, Set<number>>();
  for (const { node, from } of reads) {
    if (from < 0 || from === node || !moments.has(node) || !moments.has(from)) continue;
    const seen = direct.get(node) ?? new Set<number>();
    direct.set(node, seen.add(from));
  }
  const keys = new Map([...writers].map(([key, nodes]) => [key, new Set(nodes)]));
  const seenBy = new Map<number, ReadonlySet<number>>();
  for (const { node, key, from } of reads) {
    if (!moments.has(node) || (from >= 0 && !moments.has(from))) continue;
    let seen = seenBy.get(node);
    if (seen === undefined) seenBy.set(node, (seen = seenFrom(node, direct, isThroughOthers)));
    for (const other of seen) {
      if (other === from || other === node || keys.get(key)?.has(other) !== true) continue;
      const later = moments.commit(other);
      // Nobody is before the initial state: a pair that contradicts itself.
      pairs.push([later, from < 0 ? later : moments.commit(from)]);
    }
  }
}

function seenFrom(
  node: number,
  direct: ReadonlyMap<number, ReadonlySet<number>>,
  isThroughOthers: boolean,
): ReadonlySet<number> {
  const seen = new Set(direct.get(node));
  if (!isThroughOthers) return seen;
  for (const other of seen) for (const further of direct.get(other) ?? []) seen.add(further);
  return seen;
}
