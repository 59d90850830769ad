/** The state of a consumer: a position in each of its partitions, and what was fetched ahead. */
import type { AbortedRange } from '../../contracts/broker.ts';
import type { RecordBatch } from '../../contracts/record-batch.ts';
import type { Context, NodeIndex } from '../../node/behaviour.ts';
import type { LogMetadata } from '../../traffic/log-metadata.ts';
import type { LogConsumerConfig } from './config.ts';

export type Ctx = Context<LogConsumerConfig>;

export interface Fetched {
  readonly batches: readonly RecordBatch[];
  readonly aborted: readonly AbortedRange[];
}

export interface Track {
  readonly partition: number;
  leader: NodeIndex;
  leaderEpoch: number;
  /** The next offset that a poll returns; -1: to be asked for. */
  position: number;
  /** The epoch of the last record that was read; -1: none. */
  readEpoch: number;
  /** Another leader since: whether its log goes as far has to be asked first. */
  mustValidate: boolean;
  /** A question about offsets is out. */
  isAsking: boolean;
  delayedUntilMicros: number;
  /** Null: nothing is fetched ahead. */
  fetched: Fetched | null;
  highWatermark: number;
  /** auto.offset.reset = none, and the position is not there: it reads no more. */
  isLost: boolean;
}

/** What a call was about. */
export type Asked =
  | { readonly about: 'fetch'; readonly to: NodeIndex; readonly tracks: readonly number[] }
  | { readonly about: 'offset'; readonly track: number }
  | { readonly about: 'validate'; readonly track: number };

/** What was read of one batch: from its offset `from` up to, not including, `to`. */
export interface ReadRun {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly batch: RecordBatch;
}

export interface LogConsumerState {
  readonly meta: LogMetadata;
  readonly tracks: Track[];
  /** Brokers that a fetch is out at. */
  readonly fetching: Set<NodeIndex>;
  readonly asked: Map<number, Asked>;
  nextTag: number;
  /** Whose turn it is in the next poll. */
  nextTrack: number;
  /** Records of the last poll are being worked on. */
  isBusy: boolean;
  /** When it began to poll. */
  pollSinceMicros: number;
  polls: number;
  records: number;
  resets: number;
  truncations: number;
}
