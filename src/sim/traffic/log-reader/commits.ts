/**
 * When a member commits: by itself every so often with what the polls before have returned, or when
 * its application says so, before or after it has worked on the records.
 *
 * A committed offset is that of the next record to read. Whoever commits before the work loses what
 * a crash interrupts (at most once); whoever does after it is given that again (at least once).
 *
 * Source: Apache Kafka 4.0, ConsumerCoordinator.commitOffsetsSync, maybeAutoCommitOffsetsAsync
 */
import type { CommittedOffset, GroupCommit } from '../../contracts/group.ts';
import { ms } from '../../kernel/time.ts';
import { askGroup, instanceOf, retryLater } from './asking.ts';
import type { AfterCommit, Membership } from './membership.ts';
import type { Ctx, LogReader } from './state.ts';

/** Where it is in each partition, of which anything is new. */
export function positionsOf({ tracks }: LogReader, { committed }: Membership): CommittedOffset[] {
  return tracks
    .filter(({ partition, position, needsCommitted }) => {
      return !needsCommitted && position >= 0 && committed.get(partition) !== position;
    })
    .map(({ partition, position, readEpoch }) => ({
      partition,
      offset: position,
      leaderEpoch: readEpoch,
    }));
}

/** False: there is nothing to commit. */
export function commitPositions(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  then: AfterCommit,
): boolean {
  const offsets = positionsOf(state, member);
  if (offsets.length === 0) return false;
  if (then !== 'nothing') member.isCommitting = true;
  sendCommit(state, ctx, member, offsets, then);
  return true;
}

export function sendCommit(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  offsets: readonly CommittedOffset[],
  then: AfterCommit,
): void {
  const { generation, memberId } = member;
  if (member.coordinator < 0) {
    if (then === 'nothing') return;
    member.retry = { offsets, then };
    return retryLater(ctx, member);
  }
  const request: GroupCommit = {
    type: 'group.commit',
    group: ctx.config.groupId,
    generation,
    memberId,
    groupInstanceId: instanceOf(ctx),
    offsets,
  };
  const asked = { about: 'group', what: 'commit', offsets, then, generation } as const;
  askGroup(state, ctx, request, asked, member.coordinator);
}

/** At a poll, once the interval is over: nobody waits for the answer. */
export function autoCommit(state: LogReader, ctx: Ctx, member: Membership): void {
  const { enableAutoCommit, autoCommitIntervalMs } = ctx.config;
  if (!enableAutoCommit || ctx.mono() < member.autoCommitDueMicros) return;
  member.autoCommitDueMicros = ctx.mono() + ms(autoCommitIntervalMs);
  commitPositions(state, ctx, member, 'nothing');
}
