/**
 * A reader of a log: a position in each of its partitions, and what people see of it.
 *
 * Source: Apache Kafka 4.0, KafkaConsumer
 */
import { clonePlain } from '../../kernel/clone.ts';
import { METADATA_TAG, newMetadata } from '../log-metadata.ts';
import { speaksConsumer } from './consumer-protocol.ts';
import { newMembership } from './membership.ts';
import type { Membership } from './membership.ts';
import type { Ctx, LogReader, Track } from './state.ts';

export const newReader = (ctx: Ctx): LogReader => ({
  meta: newMetadata(),
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

/** Batches that were fetched are immutable, and shared. */
export const copyReader = ({ tracks, ...rest }: LogReader): LogReader => ({
  ...clonePlain(rest),
  tracks: tracks.map((track) => ({ ...track })),
});

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
