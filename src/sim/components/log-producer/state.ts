/** The state of a producer: batches that wait or are under way, and what it knows of its topic. */
import type { LogRecord, ProducedBatch } from '../../contracts/record-batch.ts';
import { clonePlain } from '../../kernel/clone.ts';
import type { Context, NodeIndex } from '../../node/behaviour.ts';
import type { LogMetadata } from '../../traffic/log-metadata.ts';
import type { OpenLoad } from '../../traffic/open-load.ts';
import type { LogProducerConfig } from './config.ts';

export type Ctx = Context<LogProducerConfig>;

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
  /** Not sent again before. */
  readyMicros: number;
  /** -1: not numbered. */
  baseSequence: number;
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
  /** A numbered batch was given up: whether it was written nobody knows. */
  isUnresolved: boolean;
}

/** A record that came before the topic was known. */
export interface EarlyRecord {
  readonly record: LogRecord;
  readonly op: number;
  readonly cameMicros: number;
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

export interface LogProducerState {
  readonly load: OpenLoad;
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
export function copyState(state: LogProducerState): LogProducerState {
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
    ...clonePlain(rest),
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

/** The table of popularity follows from the configuration, and may be large. */
export function plainState({ load, ...rest }: LogProducerState): unknown {
  const { keys: _, ...clock } = load;
  return { ...rest, load: clock };
}
