/** The state of a producer: batches that wait or are under way, and what it knows of its topic. */
import type { CommittedOffset, Membership } from '../../contracts/group.ts';
import type { LogRecord, ProducedBatch } from '../../contracts/record-batch.ts';
import { clonePlain } from '../../kernel/clone.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import type { ClientContext } from '../log-client.ts';
import type { LogMetadata } from '../log-metadata.ts';
import type { WriterWords } from './words.ts';

export type Ctx = ClientContext<WriterWords>;

/** Of the question for a producer id, and of those to the coordinator of transactions. */
export const INIT_TAG = 1;

export interface Batch {
  readonly lane: number;
  readonly records: LogRecord[];
  /** Of each record: the operation of the history, and when it came. */
  readonly ops: number[];
  readonly cameMicros: number[];
  bytes: number;
  readonly createdMicros: number;
  /** Tries so far. */
  tries: number;
  /** The broker of the last one; -1: none. */
  to: NodeIndex;
  /** Not sent again before. */
  readyMicros: number;
  /** -1: not numbered. */
  baseSequence: number;
  /** How many of its partition were numbered before it. */
  numberedBefore: number;
  /** As it is sent; null: more records may join it. */
  sent: ProducedBatch | null;
  /** A try may have been written although it was not acknowledged. */
  isDoubtful: boolean;
  isDone: boolean;
}

/** What the producer keeps of a partition. */
export interface Lane {
  readonly partition: number;
  readonly queue: Batch[];
  readonly inFlight: Batch[];
  producerEpoch: number;
  nextSequence: number;
  /** Batches that were numbered so far. */
  numbered: number;
  /** After the last number that was acknowledged. */
  ackedNext: number;
  /** After the last batch of which nobody knows whether it was written; -1: there is none. */
  unresolvedNext: number;
  /** Batches that were sent get other numbers, in the epoch that has begun. */
  isRenumbered: boolean;
}

/** A record that came before the topic was known. */
export interface EarlyRecord {
  readonly record: LogRecord;
  readonly op: number;
  readonly cameMicros: number;
  /** Absent: the partitioner chooses. */
  readonly lane?: number;
}

/** Offsets of a group: the transaction's coordinator is told, the group's is found, and is told. */
export type OffsetsStep = 'add' | 'find' | 'commit';

/** What the coordinator was asked for, one thing at a time. */
export type AskedTransaction =
  | { readonly what: 'find' | 'init' | 'end' }
  | { readonly what: 'offsets'; readonly step: OffsetsStep }
  | { readonly what: 'add'; readonly partitions: readonly number[] };

/** What is known of a record before its transaction has ended. */
export interface HeldResult {
  readonly op: number;
  readonly cameMicros: number;
  readonly retries: number;
  readonly error: string | null;
  readonly output: unknown;
}

/** What a transaction commits for a consumer group, beside its records. */
export interface TransactionOffsets {
  readonly group: Membership;
  readonly offsets: readonly CommittedOffset[];
  /** Of the group; -1: to be found. */
  coordinator: NodeIndex;
  /** The transaction's coordinator knows of them. */
  isAdded: boolean;
  /** The group's coordinator has them. */
  isTaken: boolean;
}

export interface Transactional {
  /** transactional.id */
  readonly id: string;
  /** new: no epoch yet; ready: records go out; ending: no more of them; fatal: never more. */
  phase: 'new' | 'ready' | 'ending' | 'fatal';
  /** -1: to be found. */
  coordinator: NodeIndex;
  asked: AskedTransaction | null;
  /** After an error nothing is asked before. */
  readyMicros: number;
  /** Records of this transaction. */
  count: number;
  /** Partitions that the coordinator knows of. */
  readonly added: Set<number>;
  /** Records of the next ones. */
  readonly held: EarlyRecord[];
  readonly results: HeldResult[];
  /** Null: it commits none. */
  offsets: TransactionOffsets | null;
  /** Why the group did not take its offsets; null: it did, or was not asked. */
  refusal: string | null;
  /** Why it never writes again; null: it does. */
  fatal: string | null;
  /** Null: not decided. */
  outcome: 'commit' | 'abort' | null;
  /** A record of it could not be written. */
  hasFailed: boolean;
  /** A numbered batch was given up. */
  needsEpoch: boolean;
  /** Whether it has ended nobody knows: an answer was missed. */
  isDoubtful: boolean;
  /** Of the history: its end; -1: it was not asked for. */
  op: number;
  /** When the coordinator was asked first for that end. */
  askedMicros: number;
  committed: number;
  aborted: number;
}

export interface SentRequest {
  readonly to: NodeIndex;
  readonly batches: readonly Batch[];
}

/** The view of the partitioner, kept up to date. */
export interface Queues {
  partitions: number;
  readonly hasLeader: boolean[];
  readonly queued: number[];
  readonly isSlow: boolean[];
}

export interface LogWriter {
  readonly meta: LogMetadata;
  readonly partitioner: unknown;
  readonly topic: Queues;
  readonly lanes: Lane[];
  /** Whom to send to, and the lanes that it leads. */
  leaders: readonly (readonly [node: NodeIndex, lanes: readonly number[]])[];
  readonly early: EarlyRecord[];
  readonly requests: Map<number, SentRequest>;
  /** Requests under way to each broker. */
  readonly connections: Map<NodeIndex, number>;
  nextTag: number;
  /** -1: none yet. */
  producerId: number;
  producerEpoch: number;
  /** Null: it has no transactions. */
  readonly transaction: Transactional | null;
  /** Bytes of records that are not answered. */
  buffered: number;
  isExpiryArmed: boolean;
  readonly counts: Counts;
  readonly errors: Map<string, number>;
}

export interface Counts {
  records: number;
  ok: number;
  fail: number;
  unknown: number;
  batches: number;
  requests: number;
  retries: number;
}

/** A request shares its batches with the lanes: a copy must, too. */
export function copyWriter<W extends LogWriter>(state: W): W {
  const copies = new Map<Batch, Batch>();
  const copied = (batch: Batch): Batch => {
    const known = copies.get(batch);
    if (known !== undefined) return known;
    const { records, ops, cameMicros } = batch;
    const copy: Batch = {
      ...batch,
      records: Object.isFrozen(records) ? records : records.slice(),
      ops: ops.slice(),
      cameMicros: cameMicros.slice(),
    };
    copies.set(batch, copy);
    return copy;
  };
  const { lanes, requests, ...rest } = state;
  return {
    ...(clonePlain(rest) as unknown as W),
    lanes: lanes.map((lane) => ({
      ...lane,
      queue: lane.queue.map(copied),
      inFlight: lane.inFlight.map(copied),
    })),
    requests: new Map(
      [...requests].map(([tag, { to, batches }]) => [tag, { to, batches: batches.map(copied) }]),
    ),
  };
}
