/** The state of a consumer: a position in each of its partitions, and what was fetched ahead. */
import type { AbortedRange } from '../../contracts/broker.ts';
import type { RecordBatch } from '../../contracts/record-batch.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import type { ClientContext } from '../log-client.ts';
import type { LogMetadata } from '../log-metadata.ts';
import type { ReaderWords } from './words.ts';
import type { AskedGroup, Membership } from './membership.ts';

export type Ctx = ClientContext<ReaderWords>;

export interface Fetched {
  readonly batches: readonly RecordBatch[];
  readonly aborted: readonly AbortedRange[];
}

export interface Track {
  /** Questions about it name it so: a partition may go and come back meanwhile. */
  readonly id: number;
  readonly partition: number;
  leader: NodeIndex;
  leaderEpoch: number;
  /** The next offset that a poll returns; -1: to be asked for. */
  position: number;
  /** The epoch of the last record that was read; -1: none. */
  readEpoch: number;
  /** Another leader since: whether its log goes as far has to be asked first. */
  mustValidate: boolean;
  /** Of a group: what is committed has to be asked for first. */
  needsCommitted: boolean;
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
  | { readonly about: 'validate'; readonly track: number }
  | AskedGroup;

/** What the metadata say of a topic, whosever it is. */
export interface KnownTopic {
  readonly name: string;
  /** Their places among the partitions of all topics. */
  readonly partitions: readonly number[];
  /** Of each, who has a replica. */
  readonly replicas: readonly (readonly NodeIndex[])[];
}

export interface LogReader {
  readonly meta: LogMetadata;
  /** Of a group, all there are, in the order of the plan: its leader deals for all members. */
  topics: readonly KnownTopic[];
  readonly tracks: Track[];
  /** Brokers that a fetch is out at. */
  readonly fetching: Set<NodeIndex>;
  readonly asked: Map<number, Asked>;
  nextTag: number;
  nextTrackId: number;
  /** Null: it assigns its partitions itself. */
  readonly membership: Membership | null;
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

export const newTrack = (state: LogReader, partition: number): Track => ({
  id: state.nextTrackId++,
  partition,
  leader: -1,
  leaderEpoch: -1,
  position: -1,
  readEpoch: -1,
  mustValidate: false,
  needsCommitted: state.membership !== null,
  isAsking: false,
  delayedUntilMicros: 0,
  fetched: null,
  highWatermark: -1,
  isLost: false,
});

export const trackOf = ({ tracks }: LogReader, id: number): Track | undefined =>
  tracks.find((track) => track.id === id);

/**
 * A partition goes on at another offset: what was fetched is dropped, and answers to what was asked
 * before are nobody's, as those of a partition that has gone (KafkaConsumer.seek).
 */
export function seek(state: LogReader, partition: number, position: number): void {
  const at = state.tracks.findIndex((track) => track.partition === partition);
  const track = state.tracks[at];
  if (track === undefined) return;
  state.tracks[at] = {
    ...track,
    id: state.nextTrackId++,
    position,
    // Of an offset alone no epoch is known: nothing is asked of the leader about it.
    readEpoch: -1,
    mustValidate: false,
    isAsking: false,
    fetched: null,
  };
}
