/**
 * Cycles of transactions over the partitions of a log: no order has each after what it depends on.
 *
 *  - wr: the later one polled what the earlier one sent.
 *  - ww: both sent to a partition, the earlier one to the smaller offset. Neighbours of what is
 *    known to be there are enough.
 *  - rw: the earlier one polled a partition up to an offset, and the later one sent to the next.
 *  - Real time, beside each of them: one had returned before the other called.
 *
 * Invariants
 *  - A cycle of ww alone (G0) is none: writers to a log are not isolated from each other.
 *  - Of wr and real time alone there is no cycle unless somebody polled what its transaction had
 *    not ordered to commit, or had not sent: each of these steps goes forward in `endedAt`. Without
 *    a step that goes back nothing is searched.
 *
 * Of the runs of this simulator those show G1c in which processors feed each other and nothing
 * holds back what is not committed. None shows G1c-realtime: nobody polls what is sent later.
 * What takes ww or rw is everywhere, and no log promises to keep it away.
 *
 * Source: Jepsen, the checker of its kafka workload (jepsen.tests.kafka): wr and real time, and ww
 * where :ww-deps asks for it, with G0 allowed, and with ww G1c, too. Its documentation draws rw,
 * its code does not.
 */
import type { RecordValue } from '../../contracts/record-batch.ts';
import type { Op } from '../../observe/history.ts';
import { actorOf, callTime, returnTime, showValue } from '../history/result.ts';
import type { Anomaly } from './anomalies.ts';
import { findCycles } from './cycles.ts';
import { explainCycle } from './explain.ts';
import type { Link, Words } from './explain.ts';
import { DependencyGraph, REALTIME, RW, WR, WW } from './graph.ts';
import { eachRealtimePair } from './order.ts';

export const LOG_DEPENDENCIES = ['wr', 'ww', 'rw'] as const;
export type LogDependency = (typeof LOG_DEPENDENCIES)[number];

export const LOG_CYCLES = [
  'G1c',
  'G1c-realtime',
  'G-single',
  'G-single-realtime',
  'G-nonadjacent',
  'G-nonadjacent-realtime',
  'G2-item',
  'G2-item-realtime',
] as const;
export type LogCycle = (typeof LOG_CYCLES)[number];

export interface LogRead {
  readonly partition: number;
  readonly offset: number;
  readonly value: RecordValue;
}

/** A transaction of a processor, or a send or a poll that is in none. */
export interface LogTxn {
  /** As it is told: from its first call to the return of its end. */
  readonly op: Op;
  /** When it was ordered to commit, was sent, or had polled; from its call to its return. */
  readonly endedAt: number;
  readonly sends: readonly RecordValue[];
  readonly reads: readonly LogRead[];
}

interface LogCycles {
  /** Of each class the first of the shortest. */
  readonly found: readonly Anomaly[];
  /** Classes that the budget left open. */
  readonly undecided: readonly string[];
}

type Places = ReadonlyMap<RecordValue, { readonly partition: number; readonly offset: number }>;

const STEPS_MAX = 4_000_000;
const NONE: LogCycles = Object.freeze({ found: [], undecided: [] });

/** `places`: where each value stands that was read, or that its sender was told of. */
export function findLogCycles(
  unsorted: readonly LogTxn[],
  places: Places,
  dependencies: readonly LogDependency[],
  stepsMax = STEPS_MAX,
): LogCycles {
  const txns = unsorted.toSorted((a, b) => a.op.call - b.op.call || a.op.id - b.op.id);
  const writers = new Map<RecordValue, number>();
  txns.forEach(({ sends }, node) => {
    for (const value of sends) writers.set(value, node);
  });
  const asks = (one: LogDependency): boolean => dependencies.includes(one);
  if (!asks('ww') && !asks('rw') && (!asks('wr') || !goesBack(txns, writers))) return NONE;
  const graph = new DependencyGraph(txns.length);
  if (asks('wr')) addReads(graph, txns, writers);
  const logs = logsOf(places, writers);
  if (asks('ww')) addWrites(graph, logs);
  if (asks('rw')) addMissed(graph, txns, logs);
  const intervals = txns.map(({ op: { call, ret } }) => ({ call, ret }));
  eachRealtimePair(intervals, (before, after) => graph.add(before, after, REALTIME));
  const { cycles, undecided } = findCycles(graph, { name: '-realtime', kind: REALTIME }, stepsMax);
  const shortest = cycles.toSorted((a, b) => a.edges.length - b.edges.length);
  const found = LOG_CYCLES.flatMap(
    (type) => shortest.find((one) => `${one.class}${one.suffix}` === type) ?? [],
  );
  return {
    found: found.map((one) => explainCycle(one, graph, txns, WORDS)),
    undecided: undecided.filter((type) => (LOG_CYCLES as readonly string[]).includes(type)),
  };
}

type Writers = ReadonlyMap<RecordValue, number>;

function goesBack(txns: readonly LogTxn[], writers: Writers): boolean {
  return txns.some(({ reads, endedAt }, node) =>
    reads.some(({ value }) => {
      const writer = writers.get(value);
      if (writer === undefined || writer === node) return false;
      return (txns[writer] as LogTxn).endedAt >= endedAt;
    }),
  );
}

const keyOf = (partition: number): string => `partition ${partition}`;

function addReads(graph: DependencyGraph, txns: readonly LogTxn[], writers: Writers): void {
  txns.forEach(({ reads }, node) => {
    for (const { partition, value } of reads) {
      const writer = writers.get(value);
      if (writer !== undefined) graph.add(writer, node, WR, { key: keyOf(partition), value });
    }
  });
}

interface Placed {
  readonly offset: number;
  readonly value: RecordValue;
  readonly writer: number;
}

/** By partition: what is known to stand there, in the order of offsets, each with one record. */
function logsOf(places: Places, writers: Writers): ReadonlyMap<number, readonly Placed[]> {
  const logs = new Map<number, Placed[]>();
  for (const [value, { partition, offset }] of places) {
    const writer = writers.get(value);
    if (writer === undefined) continue;
    const log = logs.get(partition) ?? [];
    logs.set(partition, log);
    log.push({ offset, value, writer });
  }
  for (const [partition, log] of logs) {
    log.sort((a, b) => a.offset - b.offset);
    const isFirst = ({ offset }: Placed, i: number): boolean => log[i - 1]?.offset !== offset;
    logs.set(partition, log.filter(isFirst));
  }
  return logs;
}

type Logs = ReadonlyMap<number, readonly Placed[]>;

function addWrites(graph: DependencyGraph, logs: Logs): void {
  for (const [partition, log] of logs) {
    log.forEach(({ value, writer }, i) => {
      const next = log[i + 1];
      if (next === undefined) return;
      graph.add(writer, next.writer, WW, { key: keyOf(partition), value, next: next.value });
    });
  }
}

/** What comes after the last that it polled of a partition. */
function addMissed(graph: DependencyGraph, txns: readonly LogTxn[], logs: Logs): void {
  txns.forEach(({ reads }, node) => {
    const last = new Map<number, LogRead>();
    for (const read of reads) {
      const before = last.get(read.partition);
      if (before === undefined || before.offset < read.offset) last.set(read.partition, read);
    }
    for (const [partition, { offset, value }] of last) {
      const log = logs.get(partition) ?? [];
      let at = placeAfter(log, offset);
      // Its own records are no news to it.
      while (log[at]?.writer === node) at += 1;
      const next = log[at];
      if (next === undefined) continue;
      graph.add(node, next.writer, RW, { key: keyOf(partition), value, next: next.value });
    }
  });
}

/** Where the first of a larger offset is. */
function placeAfter(log: readonly Placed[], offset: number): number {
  let [low, high] = [0, log.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle] as Placed).offset > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

const WORDS: Words<LogTxn> = Object.freeze({
  describe({ op }: LogTxn) {
    const who = actorOf(op);
    if (op.f === 'send') return `the send of ${String(op.input)} by ${who} at ${callTime(op)}`;
    if (op.f === 'poll') return `a poll of ${who} at ${returnTime(op)}`;
    return `the transaction of ${who} that began at ${callTime(op)}`;
  },
  why({ kind, evidence: { key, value, next }, earlier, later }: Link<LogTxn>) {
    const [shown, added] = [showValue(value), showValue(next)];
    if (kind === WW)
      return `${earlier} sent ${shown} to ${key}, and ${later} sent ${added} after it`;
    if (kind === WR) return `${earlier} sent ${shown} to ${key}, and ${later} polled it`;
    return `${earlier} polled ${key} up to ${shown}, and ${later} sent ${added} after it`;
  },
});
