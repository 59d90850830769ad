/**
 * Which transaction must come before which, and why.
 *
 * Invariants
 *  - Between two transactions there is at most one edge of each kind, with the first evidence found
 *    for it; none leads from a transaction to itself.
 *  - An edge is certain: it holds in every order that explains the history.
 *
 * Source: the direct serialization graph of Adya 1999, with session and real-time edges beside it.
 */
import type { Value } from '../history/result.ts';

/** The later one overwrote what the earlier one wrote. */
export const WW = 1;
/** The later one read what the earlier one wrote. */
export const WR = 2;
/** The later one overwrote what the earlier one read. */
export const RW = 4;
/** The same process ran one after the other. */
export const SESSION = 8;
/** One returned before the other was called. */
export const REALTIME = 16;

export interface Evidence {
  readonly key: string;
  /** What the earlier version ends with or is; undefined: the initial state. */
  readonly value: Value | undefined;
  /** What the later transaction wrote. */
  readonly next?: Value;
}

const NO_EVIDENCE: Evidence = Object.freeze({ key: '', value: undefined });
const KINDS = 32;

export class DependencyGraph {
  readonly nodes: number;
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly kind: number[] = [];
  readonly evidence: Evidence[] = [];
  readonly #known = new Map<number, number>();

  constructor(nodes: number) {
    this.nodes = nodes;
  }

  get edges(): number {
    return this.from.length;
  }

  /** Answers the number of the edge; -1 where it would lead to itself. */
  add(from: number, to: number, kind: number, evidence: Evidence = NO_EVIDENCE): number {
    if (from === to) return -1;
    const key = (from * this.nodes + to) * KINDS + kind;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.edges);
    this.from.push(from);
    this.to.push(to);
    this.kind.push(kind);
    this.evidence.push(evidence);
    return this.edges - 1;
  }
}

/** The edges of some kinds, by where they begin: those of node n are `edge[start[n]]` and on. */
export interface Adjacency {
  readonly start: Int32Array;
  readonly edge: Int32Array;
}

export function adjacencyOf(
  nodes: number,
  from: ArrayLike<number>,
  takes: (edge: number) => boolean,
): Adjacency {
  const start = new Int32Array(nodes + 1);
  let count = 0;
  for (let edge = 0; edge < from.length; edge++) {
    if (!takes(edge)) continue;
    const slot = (from[edge] ?? 0) + 1;
    start[slot] = (start[slot] ?? 0) + 1;
    count++;
  }
  for (let node = 0; node < nodes; node++)
    start[node + 1] = (start[node + 1] ?? 0) + (start[node] ?? 0);
  const next = start.slice();
  const edges = new Int32Array(count);
  for (let edge = 0; edge < from.length; edge++) {
    if (!takes(edge)) continue;
    const node = from[edge] ?? 0;
    const place = next[node] ?? 0;
    edges[place] = edge;
    next[node] = place + 1;
  }
  return { start, edge: edges };
}
