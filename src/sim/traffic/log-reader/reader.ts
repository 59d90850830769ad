/**
 * A reader of a log: a position in each of its partitions, and what people see of it.
 *
 * Source: Apache Kafka 4.0, KafkaConsumer
 */
import { clonePlain } from '../../kernel/clone.ts';
import type { BrokerMetadataReply } from '../../contracts/broker.ts';
import type { CallResult } from '../../node/behaviour.ts';
import { METADATA_TAG, newMetadata, onMetadata } from '../log-metadata.ts';
import { speaksConsumer } from './consumer-protocol.ts';
import { newMembership } from './membership.ts';
import type { Membership } from './membership.ts';
import type { Ctx, LogReader, Track } from './state.ts';

export const newReader = (ctx: Ctx): LogReader => ({
  meta: newMetadata(),
  topics: [],
  tracks: [],
  fetching: new Set(),
  asked: new Map(),
  nextTag: METADATA_TAG + 1,
  nextTrackId: 0,
  membership: ctx.config.groupId === '' ? null : newMembership(speaksConsumer(ctx.config)),
  nextTrack: 0,
  isBusy: false,
  pollSinceMicros: ctx.mono(),
  polls: 0,
  records: 0,
  resets: 0,
  truncations: 0,
});

/** Batches that were fetched are immutable, and shared; so are topics. */
export const copyReader = ({ tracks, topics, ...rest }: LogReader): LogReader => ({
  ...clonePlain(rest),
  topics,
  tracks: tracks.map((track) => ({ ...track })),
});

/** Which topics there are the plan says: only where they are led is the run's. */
export function plainReader({ topics: _, ...rest }: LogReader): Omit<LogReader, 'topics'> {
  return rest;
}

/** Whether there is something new to know. */
export function learnMetadata(state: LogReader, ctx: Ctx, result: CallResult): boolean {
  const isNew = onMetadata(state.meta, ctx, result);
  if (!isNew || result.outcome !== 'ok' || state.membership === null) return isNew;
  state.topics = (result.value as BrokerMetadataReply).topics.map(({ topic, partitions }) => ({
    name: topic,
    partitions: partitions.map(({ partition }) => partition),
    replicas: partitions.map(({ replicas }) => replicas),
  }));
  return isNew;
}

/** Each track to the leader of its partition. */
export function point(state: LogReader): void {
  const { places } = state.meta;
  for (const track of state.tracks) {
    const place = places.find(({ partition }) => partition === track.partition);
    if (place === undefined || place.leaderEpoch <= track.leaderEpoch) continue;
    track.leader = place.leader;
    track.leaderEpoch = place.leaderEpoch;
    if (track.position >= 0 && track.readEpoch >= 0) track.mustValidate = true;
  }
}

const lagOf = ({ position, highWatermark }: Track): number =>
  position < 0 || highWatermark < 0 ? 0 : Math.max(0, highWatermark - position);

export const lagOfAll = ({ tracks }: LogReader): number =>
  tracks.reduce((sum, track) => sum + lagOf(track), 0);

export const isRebalancing = ({ phase, mustRejoin, assigned }: Membership): boolean =>
  phase !== 'stable' || mustRejoin || assigned !== null;

export interface TrackView {
  readonly partition: number;
  readonly position: number;
  readonly highWatermark: number;
}
export interface MemberView {
  readonly generation: number;
  /** It has no assignment, or not yet the next one. */
  readonly isRebalancing: boolean;
}

export const tracksOf = ({ tracks }: LogReader): readonly TrackView[] =>
  tracks.map(({ partition, position, highWatermark }) => ({ partition, position, highWatermark }));

export const memberViewOf = (member: Membership | null): MemberView | null =>
  member === null ? null : { generation: member.generation, isRebalancing: isRebalancing(member) };
