/**
 * What a coordinator is made of: a state machine whose state is in the records of one partition of
 * an internal topic, so that whoever leads that partition next knows what it has promised.
 *
 * A machine is pure: an input in, effects out, no clock but what is handed in. It answers for what
 * it has written once that is committed: `append` names a ticket, and `appended` says what became
 * of it. An empty append writes nothing: it waits until all that was written before is committed,
 * so that what is read is not taken back.
 *
 * Source: Apache Kafka 4.0, CoordinatorRuntime, CoordinatorShard
 * Differs: reads wait for what was written before them, where Kafka reads what is committed.
 */
import type { PartitionError } from '../contracts/broker.ts';
import type { Message } from '../contracts/contract.ts';
import type { Fact } from '../contracts/facts.ts';
import type { LogRecord, Marker, RecordBatch } from '../contracts/record-batch.ts';

/** Why what it wanted to write is not (known to be) committed. */
export type AppendError = PartitionError;

export type MachineInput<M extends Message> =
  /** Its broker leads the partition, and all that the log says has been replayed. */
  | { readonly type: 'loaded' }
  | { readonly type: 'request'; readonly tag: number; readonly request: M }
  /** Null: it is committed. */
  | { readonly type: 'appended'; readonly ticket: number; readonly error: AppendError | null }
  | { readonly type: 'timer'; readonly timer: string }
  /** A transaction that has written to its log has ended: that is committed. */
  | { readonly type: 'marker'; readonly producerId: number; readonly marker: Marker }
  /** What another broker said; null: it did not, or refused. */
  | { readonly type: 'answered'; readonly ticket: number; readonly answer: Message | null };

export type MachineEffect =
  | { readonly type: 'reply'; readonly tag: number; readonly answer: Message }
  | {
      readonly type: 'append';
      readonly ticket: number;
      readonly records: readonly LogRecord[];
      /** In whose transaction; without it in none. */
      readonly producer?: { readonly producerId: number; readonly producerEpoch: number };
    }
  /** Replaces the one of that name. */
  | { readonly type: 'set-timer'; readonly timer: string; readonly afterMicros: number }
  | { readonly type: 'cancel-timer'; readonly timer: string }
  /** Asks another broker, by its index. */
  | {
      readonly type: 'ask';
      readonly ticket: number;
      readonly to: number;
      readonly request: Message;
      readonly timeoutMicros: number;
    }
  | { readonly type: 'told'; readonly fact: Fact };

/** What a step may know of the world. */
export interface MachineAt {
  readonly nowMicros: number;
  /** A number that nobody else has in this run: for ids that are given out. */
  unique(): number;
  /** Who leads a partition, by what the metadata say; -1: nobody. */
  leaderOf(partition: number): number;
  /** The partition of `__consumer_offsets` that a group belongs to; -1: there is none yet. */
  partitionOfGroup(group: string): number;
  /** The partitions of a topic of the users, in their order; of the first one, if it is empty. */
  partitionsOf(topic: string): readonly number[];
}

export interface CoordinatorMachine<S, M extends Message> {
  create(): S;
  /** A batch of the log, in its order: while the shard is loaded, before any input. */
  replay(state: S, batch: RecordBatch): void;
  step(state: S, input: MachineInput<M>, at: MachineAt, out: MachineEffect[]): void;
  copy(state: S): S;
  /** Plain data, for the state hash. */
  plain(state: S): unknown;
}

/** Whose types are its own affair: what a host holds. */
export interface AnyMachine {
  create(): unknown;
  replay(state: unknown, batch: RecordBatch): void;
  step(state: unknown, input: MachineInput<never>, at: MachineAt, out: MachineEffect[]): void;
  copy(state: unknown): unknown;
  plain(state: unknown): unknown;
}
