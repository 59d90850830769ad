/**
 * What producers and consumers of a partitioned log saw, held against each other.
 *
 * Operations: `send` (input the value, which nobody else sends; output partition and offset) and
 * `poll` (input the life of the consumer; output runs of offsets with what they hold).
 *
 *  - inconsistent-offset: two values were seen at one offset.
 *  - duplicate: one value was seen at two places.
 *  - lost-write: acknowledged, at an offset that consumers have read across, and read by nobody.
 *  - aborted-read: read, though its send surely failed; unsent-read: read, and nobody sent it.
 *  - nonmonotonic-poll, poll-skip: a consumer goes back, or passes over a record, from one poll to
 *    the next; int-nonmonotonic-poll, int-poll-skip: within one poll.
 *  - precommitted-read, torn-transaction: see `log-transactions.ts`.
 *  - nonmonotonic-send: a producer's records are in a partition in another order than it sent them.
 *  - G1c and the like: transactions depend on each other in a circle, see `log-cycles.ts`.
 *
 * Acknowledged records behind all that was read are not judged: nobody looked (unseen). What a
 * later record of its key may have replaced in a compacted partition is neither lost nor skipped.
 *
 * Source: Jepsen, the checker of its kafka workload (jepsen.tests.kafka)
 */
import { recordAt } from '../../contracts/record-batch.ts';
import type { RecordValue } from '../../contracts/record-batch.ts';
import type { Op } from '../../observe/history.ts';
import { LOG_CYCLES, findLogCycles } from '../transactions/index.ts';
import type { LogCycle, LogDependency } from '../transactions/index.ts';
import { transactionFindings } from './log-transactions.ts';
import { logTxnsOf } from './log-txns.ts';
import type { PolledRun } from './log-txns.ts';
import { actorOf } from './result.ts';
import type { Result } from './result.ts';

export const LOG_ANOMALIES = [
  'inconsistent-offset',
  'duplicate',
  'lost-write',
  'aborted-read',
  'unsent-read',
  'nonmonotonic-poll',
  'poll-skip',
  'int-nonmonotonic-poll',
  'int-poll-skip',
  'nonmonotonic-send',
  'precommitted-read',
  'torn-transaction',
  ...LOG_CYCLES,
] as const;
export type LogAnomaly = (typeof LOG_ANOMALIES)[number];

interface LogFinding {
  readonly kind: LogAnomaly;
  readonly why: string;
  readonly ops: readonly number[];
}

export interface LogHistoryResult extends Result {
  readonly findings: readonly LogFinding[];
  readonly unseen: number;
  /** How many records somebody has read, tombstones apart. */
  readonly read: number;
  readonly because: readonly string[];
}

export interface LogHistoryOptions {
  readonly allow?: readonly LogAnomaly[];
  /** Of what cycles are held against it; default: of reading alone. */
  readonly dependencies?: readonly LogDependency[];
  /** Partitions that are compacted. */
  readonly compacted?: ReadonlySet<number>;
}

const NOTHING: LogHistoryOptions = Object.freeze({});

interface Place {
  readonly partition: number;
  readonly offset: number;
}

/** What is known to be at an offset, and who says so. */
interface Seen {
  readonly value: RecordValue;
  readonly op: number;
}

export function checkLogHistory(
  ops: readonly Op[],
  { allow = [], dependencies = ['wr'], compacted = new Set() }: LogHistoryOptions = NOTHING,
): LogHistoryResult {
  const sent = ops.filter(({ f }) => f === 'send');
  const sends = sent.filter(({ input }) => input !== null);
  const polls = ops
    .filter(({ f, outcome }) => f === 'poll' && outcome === 'ok')
    .toSorted((a, b) => a.call - b.call);
  const known = new KnownLog(sends, compacted);
  for (const poll of polls) known.poll(poll);
  for (const send of sent) known.acknowledged(send);
  const { lost, unseen } = known.losses(sends);
  const transactions = ops.filter(({ f }) => f === 'transaction');
  const ended = transactionFindings(transactions, known);
  const circles = findLogCycles(logTxnsOf(ops), known.places, dependencies);
  const all = [...known.findings, ...lost, ...steps(polls, known), ...sendOrder(sends), ...ended];
  for (const { type, ops: of, because } of circles.found)
    all.push({ kind: type as LogCycle, why: because.join(' '), ops: of });
  const findings = all.filter(({ kind }) => !allow.includes(kind));
  const base = { check: 'log-history', steps: ops.length, unseen, read: known.count };
  const because = findings.map(({ why }) => why);
  const [first] = findings;
  if (first !== undefined) {
    const window = first.ops;
    const culprit = window[window.length - 1] as number;
    const explanation = { culprit, statesBefore: [], maximalPaths: [], window, because };
    return { ...base, verdict: 'fail', findings, because, explanation };
  }
  const open = circles.undecided.filter((kind) => !allow.includes(kind as LogCycle));
  if (known.count > 0 && open.length === 0) return { ...base, verdict: 'pass', findings, because };
  const reason =
    known.count === 0
      ? 'nobody read a record, tombstones apart'
      : `the search for ${open.join(', ')} was cut short`;
  return { ...base, verdict: 'unknown', reason, findings, because };
}

/** What all of them together say of the offsets. */
class KnownLog {
  readonly findings: LogFinding[] = [];
  /** How many records were read, each time counted. */
  count = 0;
  readonly #at = new Map<number, Map<number, Seen>>();
  readonly places = new Map<RecordValue, Place>();
  /** By value: the first poll that returned it. */
  readonly first = new Map<RecordValue, Op>();
  /** The first and the last offset that were read, by partition. */
  readonly #range = new Map<number, [first: number, last: number]>();
  readonly #sends: ReadonlyMap<RecordValue, Op>;
  readonly #compacted: Set<number>;
  /** By partition and key: the largest offset that is known. */
  readonly #newest = new Map<number, Map<string, number>>();
  readonly #told = new Set<string>();

  constructor(sends: readonly Op[], compacted: ReadonlySet<number>) {
    this.#sends = new Map(sends.map((op) => [op.input as RecordValue, op]));
    this.#compacted = new Set(compacted);
  }

  poll(op: Op): void {
    for (const { partition, from, to, batch } of op.output as readonly PolledRun[]) {
      if (batch.remains !== undefined) this.#compacted.add(partition);
      for (let offset = from; offset < to; offset++) {
        const record = recordAt(batch, offset);
        if (record !== undefined) this.#key(record.key ?? undefined, partition, offset);
        // A tombstone has no value to know it by.
        if (record === undefined || record.value === null) continue;
        this.count += 1;
        this.#widen(partition, offset);
        this.#from(op, record.value);
        this.#place(op, { partition, offset }, record.value);
        if (!this.first.has(record.value)) this.first.set(record.value, op);
      }
    }
  }

  acknowledged(op: Op): void {
    if (op.outcome !== 'ok') return;
    const place = op.output as Place;
    if (place.offset < 0) return;
    this.#key(op.key, place.partition, place.offset);
    if (op.input !== null) this.#place(op, place, op.input as RecordValue);
  }

  /** A record that somebody has read or been told of, at an offset from `from` to before `to`. */
  between(partition: number, from: number, to: number): number | null {
    for (let offset = from; offset < to; offset++) {
      const seen = this.#at.get(partition)?.get(offset);
      if (seen === undefined || !this.first.has(seen.value)) continue;
      if (!this.isReplaced(seen.value, partition, offset)) return offset;
    }
    return null;
  }

  isReplaced(value: RecordValue, partition: number, offset: number): boolean {
    const key = this.#sends.get(value)?.key;
    if (key === undefined || !this.#compacted.has(partition)) return false;
    return (this.#newest.get(partition)?.get(key) ?? -1) > offset;
  }

  losses(sends: readonly Op[]): { readonly lost: LogFinding[]; readonly unseen: number } {
    const lost: LogFinding[] = [];
    let unseen = 0;
    for (const op of sends) {
      if (op.outcome !== 'ok' || this.first.has(op.input as RecordValue)) continue;
      const { partition, offset } = op.output as Place;
      if (offset < 0) continue;
      const [first, last] = this.#range.get(partition) ?? [0, -1];
      if (offset > last) unseen += 1;
      else if (offset >= first && !this.isReplaced(op.input as RecordValue, partition, offset)) {
        const why =
          `${recordOf(op)} was acknowledged at ${at({ partition, offset })}; consumers read up ` +
          `to ${last}, and nobody read it.`;
        lost.push({ kind: 'lost-write', why, ops: [op.id] });
      }
    }
    return { lost, unseen };
  }

  lastOf(partition: number): number {
    return this.#range.get(partition)?.[1] ?? -1;
  }

  #key(key: string | undefined, partition: number, offset: number): void {
    if (key === undefined) return;
    const keys = this.#newest.get(partition) ?? new Map<string, number>();
    this.#newest.set(partition, keys);
    keys.set(key, Math.max(keys.get(key) ?? -1, offset));
  }

  #widen(partition: number, offset: number): void {
    const range = this.#range.get(partition);
    if (range === undefined) this.#range.set(partition, [offset, offset]);
    else {
      range[0] = Math.min(range[0], offset);
      range[1] = Math.max(range[1], offset);
    }
  }

  /** Somebody must have sent what is read, and not in vain. */
  #from(op: Op, value: RecordValue): void {
    const send = this.#sends.get(value);
    if (send === undefined) {
      this.#tell(`unsent ${String(value)}`, {
        kind: 'unsent-read',
        why: `${actorOf(op)} read ${String(value)}, and nobody sent it.`,
        ops: [op.id],
      });
    } else if (send.outcome === 'fail') {
      this.#tell(`aborted ${String(value)}`, {
        kind: 'aborted-read',
        why: `${actorOf(op)} read ${String(value)}, whose send surely failed.`,
        ops: [send.id, op.id],
      });
    }
  }

  #place(op: Op, place: Place, value: RecordValue): void {
    const { partition, offset } = place;
    const partitions = this.#at.get(partition) ?? new Map<number, Seen>();
    this.#at.set(partition, partitions);
    const seen = partitions.get(offset);
    if (seen === undefined) partitions.set(offset, { value, op: op.id });
    else if (seen.value !== value) {
      this.#tell(`offset ${partition} ${offset}`, {
        kind: 'inconsistent-offset',
        why: `At ${at(place)} there was ${String(seen.value)}, and ${String(value)}, too.`,
        ops: [seen.op, op.id],
      });
    }
    const other = this.places.get(value);
    if (other === undefined) this.places.set(value, place);
    else if (other.partition !== partition || other.offset !== offset) {
      this.#tell(`duplicate ${String(value)}`, {
        kind: 'duplicate',
        why: `${String(value)} is at ${at(other)} and at ${at(place)}.`,
        ops: [op.id],
      });
    }
  }

  #tell(key: string, finding: LogFinding): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.findings.push(finding);
  }
}

const recordOf = (op: Op): string => `Record ${String(op.input)} of ${actorOf(op)}`;
const at = ({ partition, offset }: Place): string => `offset ${offset} of partition ${partition}`;

/** How each consumer goes through each partition, in each of its lives. */
function steps(polls: readonly Op[], known: KnownLog): LogFinding[] {
  const findings: LogFinding[] = [];
  const last = new Map<string, { readonly to: number; readonly op: number }>();
  for (const op of polls) {
    const { life } = op.input as { readonly life: number };
    for (const { partition, from, to } of op.output as readonly PolledRun[]) {
      const reader = `${actorOf(op)} ${life} ${partition}`;
      const before = last.get(reader);
      last.set(reader, { to, op: op.id });
      if (before === undefined || from === before.to) continue;
      const kind = from < before.to ? 'nonmonotonic-poll' : 'poll-skip';
      const skipped = from < before.to ? from : known.between(partition, before.to, from);
      if (skipped === null) continue;
      const verb = from < before.to ? 'went back to' : 'passed over';
      const why = `${actorOf(op)} ${verb} ${at({ partition, offset: skipped })}.`;
      const isWithin = before.op === op.id;
      findings.push({ kind: isWithin ? `int-${kind}` : kind, why, ops: [before.op, op.id] });
    }
  }
  return findings;
}

/** Acknowledged records of a producer stand in the order in which it sent them. */
function sendOrder(sends: readonly Op[]): LogFinding[] {
  const findings: LogFinding[] = [];
  const last = new Map<string, Op>();
  for (const op of sends.toSorted((a, b) => a.call - b.call)) {
    if (op.outcome !== 'ok' || (op.output as Place).offset < 0) continue;
    const { partition, offset } = op.output as Place;
    const lane = `${actorOf(op)} ${partition}`;
    const before = last.get(lane);
    last.set(lane, op);
    if (before === undefined || (before.output as Place).offset < offset) continue;
    const why =
      `${recordOf(op)} is at ${at({ partition, offset })}, before ${recordOf(before)}, which was ` +
      'sent earlier.';
    findings.push({ kind: 'nonmonotonic-send', why, ops: [before.id, op.id] });
  }
  return findings;
}
