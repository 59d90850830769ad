/**
 * A dependency cycle in words: who the transactions are, one line per step with its evidence, and
 * the step that contradicts the others.
 *
 * Invariant: every line is a fact of the history; the names T1, T2... are of this cycle alone.
 */
import type { Op } from '../../observe/history.ts';
import { callTime, returnTime, showValue } from '../history/result.ts';
import type { Anomaly, CycleStep } from './anomalies.ts';
import type { Cycle } from './cycles.ts';
import { REALTIME, RW, SESSION, WR, WW } from './graph.ts';
import type { DependencyGraph, Evidence } from './graph.ts';
import { describeTxn, isList, showEnd } from './history.ts';
import type { Txn } from './history.ts';
import type { Value } from '../history/result.ts';

export type Workload = 'list-append' | 'rw-register';

/** That one comes before the other: how both are called, and what shows it. */
export interface Link<T> {
  readonly kind: number;
  readonly evidence: Evidence;
  readonly earlier: string;
  readonly later: string;
  readonly from: T;
  readonly to: T;
}

/** How the transactions of a workload are told. */
export interface Words<T> {
  readonly describe: (txn: T) => string;
  /** Of a link of data: WW, WR or RW. */
  readonly why: (link: Link<T>) => string;
}

const KIND_NAMES: ReadonlyMap<number, CycleStep['kind']> = new Map([
  [WW, 'ww'],
  [WR, 'wr'],
  [RW, 'rw'],
  [SESSION, 'session'],
  [REALTIME, 'realtime'],
]);

export function explainCycle<T extends { readonly op: Op }>(
  cycle: Cycle,
  graph: DependencyGraph,
  txns: readonly T[],
  words: Words<T>,
): Anomaly {
  const edges = turned(cycle.edges, graph);
  const members = edges.map((edge) => txns[graph.from[edge] ?? 0] as T);
  const name = (place: number): string => `T${(place % members.length) + 1}`;
  const steps = edges.map((edge, place): CycleStep => {
    const [from, to] = [members[place] as T, members[(place + 1) % members.length] as T];
    const [earlier, later] = [name(place), name(place + 1)];
    const kind = graph.kind[edge] ?? 0;
    const evidence = graph.evidence[edge] ?? { key: '', value: undefined };
    const why = orderWhy(kind, earlier, later, from.op, to.op);
    return {
      from: from.op.id,
      to: to.op.id,
      kind: KIND_NAMES.get(kind) ?? 'ww',
      why: why ?? words.why({ kind, evidence, earlier, later, from, to }),
    };
  });
  const because = members.map((txn, place) => `${name(place)} is ${words.describe(txn)}.`);
  for (let place = 0; place < steps.length; place++) {
    const before = place === steps.length - 1 ? 'But ' : '';
    const after = place === steps.length - 1 ? ': a contradiction.' : '.';
    because.push(
      `${before}${name(place)} comes before ${name(place + 1)}: ${steps[place]?.why}${after}`,
    );
  }
  if (!cycle.isShortest) because.push('A shorter cycle may exist: the budget of the search ended.');
  return {
    type: `${cycle.class}${cycle.suffix}`,
    ops: members.map(({ op }) => op.id),
    cycle: steps,
    because,
  };
}

/** Begins with the transaction called first, so that the last step is the one that goes back. */
function turned(edges: readonly number[], graph: DependencyGraph): readonly number[] {
  let first = 0;
  for (let place = 1; place < edges.length; place++) {
    if ((graph.from[edges[place] ?? 0] ?? 0) < (graph.from[edges[first] ?? 0] ?? 0)) first = place;
  }
  return [...edges.slice(first), ...edges.slice(0, first)];
}

/** Undefined: it is no order of a session or of the clock. */
function orderWhy(kind: number, earlier: string, later: string, a: Op, b: Op): string | undefined {
  if (kind === SESSION) return `the same process called ${later} after ${earlier} had returned`;
  if (kind !== REALTIME) return undefined;
  return `${earlier} had returned at ${returnTime(a)} when ${later} was called at ${callTime(b)}`;
}

export const wordsOf = (workload: Workload): Words<Txn> =>
  workload === 'list-append' ? LIST_WORDS : REGISTER_WORDS;

const LIST_WORDS: Words<Txn> = Object.freeze({
  describe: describeTxn,
  why({ kind, evidence: { key, value, next }, earlier, later, from, to }: Link<Txn>) {
    const [shown, added] = [showValue(value), showValue(next)];
    const seenBy = (reader: Txn): string =>
      value === undefined ? '[]' : showEnd(listReadBy(reader, key, value));
    if (kind === WW)
      return `${earlier} appended ${shown} to ${key}, and ${later} appended ${added} after it`;
    if (kind === WR)
      return `${earlier} appended ${shown} to ${key}, and ${later} read ${seenBy(to)}`;
    const read = `${earlier} read ${seenBy(from)} and not ${added}`;
    return `${later} appended ${added} to ${key}, and ${read}`;
  },
});

const REGISTER_WORDS: Words<Txn> = Object.freeze({
  describe: describeTxn,
  why({ kind, evidence: { key, value, next }, earlier, later }: Link<Txn>) {
    const [shown, added] = [showValue(value), showValue(next)];
    if (kind === WW) return `${later} set ${key} to ${added} over ${earlier}'s ${shown}`;
    if (kind === WR) return `${later} read ${key} with ${earlier}'s ${shown}`;
    const seen = value === undefined ? 'in its first state' : `= ${shown}`;
    return `${earlier} read ${key} ${seen}, without ${later}'s ${added}`;
  },
});

/** What was read of the key, up to the element that counts. */
function listReadBy({ micro }: Txn, key: string, last: Value): readonly Value[] {
  for (const [f, name, value] of micro) {
    if (f === 'r' && name === key && isList(value) && value.at(-1) === last) return value;
  }
  return [last];
}
