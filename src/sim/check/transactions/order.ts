/**
 * The order that sessions and the clock give: who had returned before whom was called.
 *
 * Invariants
 *  - A transaction of unknown fate has predecessors and no successors: it may still happen.
 *  - Real-time edges are a transitive reduction. Just before a transaction come all
 *    that had returned and are not known to be before another of these; so an event has at most
 *    as many edges as there are clients, not as many as there were transactions.
 *
 * Source: the real-time graph of Elle (Kingsbury and Alvaro, VLDB 2020).
 */
import type { DependencyGraph } from './graph.ts';
import { REALTIME, SESSION } from './graph.ts';
import type { Txn } from './history.ts';

/** A thing with a call and a return: a transaction, or what it did with one key. */
export interface Interval {
  readonly call: number;
  /** Infinity: never, as far as anybody knows. */
  readonly ret: number;
}

export function addSessionOrder(graph: DependencyGraph, txns: readonly Txn[]): void {
  const last = new Map<number, Txn>();
  for (const txn of byCall(txns)) {
    const before = last.get(txn.op.process);
    if (before?.isCommitted === true) graph.add(before.node, txn.node, SESSION);
    last.set(txn.op.process, txn);
  }
}

export function addRealtimeOrder(graph: DependencyGraph, txns: readonly Txn[]): void {
  const intervals = txns.map(intervalOf);
  eachRealtimePair(intervals, (before, after) => {
    graph.add(txns[before]?.node ?? 0, txns[after]?.node ?? 0, REALTIME);
  });
}

export function intervalOf({ op, isCommitted }: Txn): Interval {
  return { call: op.call, ret: isCommitted ? op.ret : Infinity };
}

export function byCall(txns: readonly Txn[]): Txn[] {
  return [...txns].sort((a, b) => a.op.call - b.op.call || a.node - b.node);
}

/** Tells each pair of the reduction by the places of its members. */
export function eachRealtimePair(
  intervals: readonly Interval[],
  tell: (before: number, after: number) => void,
): void {
  const events: number[] = [];
  for (let index = 0; index < intervals.length; index++) {
    events.push(index * 2);
    if (intervals[index]?.ret !== Infinity) events.push(index * 2 + 1);
  }
  const at = (event: number): number => {
    const interval = intervals[event >> 1];
    return ((event & 1) === 0 ? interval?.call : interval?.ret) ?? 0;
  };
  // At equal times a call comes before a return: the two are concurrent.
  events.sort((a, b) => at(a) - at(b) || (a & 1) - (b & 1) || a - b);
  let frontier: number[] = [];
  const before: (readonly number[] | undefined)[] = [];
  for (const event of events) {
    const index = event >> 1;
    if ((event & 1) === 0) {
      before[index] = frontier;
      for (const other of frontier) tell(other, index);
      continue;
    }
    const covered = new Set(before[index]);
    before[index] = undefined;
    frontier = [...frontier.filter((other) => !covered.has(other)), index];
  }
}
