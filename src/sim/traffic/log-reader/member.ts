/**
 * A member of a consumer group: it joins, takes what it is assigned, and gives it up again.
 *
 * Rebalances are the business of polls: whoever is still at work on the records of the last one
 * comes back to the group when it is done, while its heartbeats go on; if that takes longer than
 * max.poll.interval.ms it leaves by itself.
 *
 * Invariant: it gives up a partition before it joins (eager), or as soon as it hears that the
 * partition is not its any more (cooperative); it reads nothing that it has not been assigned.
 *
 * Source: Apache Kafka 4.0, ConsumerCoordinator, AbstractCoordinator; KIP-62, KIP-345, KIP-429
 */
import type { BrokerFindCoordinator } from '../../contracts/broker.ts';
import type {
  GroupFetchOffsets,
  GroupHeartbeat,
  GroupJoin,
  GroupLeave,
  GroupSync,
  JoinedMember,
} from '../../contracts/group.ts';
import { ms } from '../../kernel/time.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import { ASSIGNORS } from '../../policies/assignment/index.ts';
import { askGroup, instanceOf, retryLater } from './asking.ts';
import { autoCommit, commitPositions, sendCommit } from './commits.ts';
import { beatConsumer, leaveConsumer, sayWhatItHas } from './consumer-protocol.ts';
import { deal } from './dealing.ts';
import type { LogReaderFact } from './facts.ts';
import type { Membership } from './membership.ts';
import { newTrack } from './state.ts';
import type { Ctx, LogReader } from './state.ts';
import type { ReaderWords } from './words.ts';

/** A member of a group that polls: what it has to do first. False: it has nothing to read yet. */
export function attend(state: LogReader, ctx: Ctx, member: Membership): boolean {
  if (member.phase === 'ended' || member.isCommitting) return false;
  ctx.cancelTimer('poll-interval', 0);
  if (member.assigned !== null && !takeAssignment(state, ctx, member, member.assigned)) {
    return false;
  }
  const isReady = ctx.mono() >= member.readyMicros;
  if (!isReady) {
    // The timer comes.
  } else if (member.coordinator < 0) {
    findCoordinator(state, ctx, member);
  } else if (member.phase === 'unjoined' && member.consumer !== undefined) {
    joinConsumer(state, ctx, member);
  } else if (member.phase === 'unjoined' || (member.phase === 'stable' && member.mustRejoin)) {
    if (state.meta.places.length > 0) prepareJoin(state, ctx, member);
  } else if (member.phase === 'stable') {
    askCommitted(state, ctx, member);
    autoCommit(state, ctx, member);
  }
  return !member.isCommitting;
}

/** A broker whose machine is gone is left for the next one: socket.connection.setup.timeout.ms */
const FIND_WAIT_MS = 10_000;

function findCoordinator(state: LogReader, ctx: Ctx, member: Membership): void {
  const brokers = ctx.members('brokers');
  if (member.isFinding || brokers.length === 0) return;
  member.isFinding = true;
  const to = brokers[(ctx.self + state.nextTag) % brokers.length] as NodeIndex;
  const key = ctx.config.groupId;
  const request: BrokerFindCoordinator = { type: 'broker.find-coordinator', kind: 'group', key };
  const timeoutMs = Math.min(ctx.config.requestTimeoutMs, FIND_WAIT_MS);
  askGroup(state, ctx, request, { about: 'group', what: 'coordinator' }, to, timeoutMs);
}

/** Cooperative only if all that it knows are: what the others choose it must be able to follow. */
export const isCooperative = ({ partitionAssignmentStrategy: names }: ReaderWords): boolean =>
  names.every((name) => ASSIGNORS.find((one) => one.name === name)?.protocol === 'cooperative');

/** Before it joins it commits how far it is, and gives up what it will not be left. */
function prepareJoin(state: LogReader, ctx: Ctx, member: Membership): void {
  const isMember = member.generation >= 0;
  if (isMember && ctx.config.enableAutoCommit && !member.hasCommittedForJoin) {
    member.hasCommittedForJoin = true;
    if (commitPositions(state, ctx, member, 'join')) return;
  }
  if (!isMember || !isCooperative(ctx.config)) giveUp(state, ctx, member, isMember);
  member.mustRejoin = false;
  member.phase = 'joining';
  join(state, ctx, member);
}

/** All of its partitions: revoked, or lost if others may have them already. */
export function giveUp(state: LogReader, ctx: Ctx, member: Membership, isRevoked: boolean): void {
  const partitions = state.tracks.map(({ partition }) => partition);
  state.tracks.length = 0;
  state.nextTrack = 0;
  if (!isRevoked) member.owned = [];
  if (partitions.length > 0) tellGone(ctx, member, partitions, isRevoked);
}

function tellGone(
  ctx: Ctx,
  member: Membership,
  partitions: readonly number[],
  isRevoked: boolean,
): void {
  member.givenUp += partitions.length;
  const type = isRevoked ? 'consumer.revoked' : 'consumer.lost';
  ctx.tell<LogReaderFact>({ type, group: ctx.config.groupId, partitions });
}

/** Its coordinator was given up while it waited for an answer: it looks for one and joins anew. */
function comeBack(ctx: Ctx, member: Membership): void {
  member.phase = 'unjoined';
  retryLater(ctx, member);
}

export function join(state: LogReader, ctx: Ctx, member: Membership): void {
  if (member.coordinator < 0) return comeBack(ctx, member);
  const { config } = ctx;
  const { generation } = member;
  const request: GroupJoin = {
    type: 'group.join',
    group: config.groupId,
    memberId: member.memberId,
    groupInstanceId: instanceOf(ctx),
    clientId: ctx.nameOf(ctx.self),
    sessionTimeoutMs: config.sessionTimeoutMs,
    rebalanceTimeoutMs: config.maxPollIntervalMs,
    protocols: config.partitionAssignmentStrategy,
    subscription: {
      topics: [config.topic],
      owned: member.owned,
      generation: member.owned.length > 0 ? generation : -1,
      rack: config.clientRack ? ctx.zoneOf(ctx.self) : null,
    },
  };
  const asked = { about: 'group', what: 'join', generation } as const;
  // The coordinator answers when all have come back: JoinGroupRequest waits 5 s longer than that.
  askGroup(state, ctx, request, asked, member.coordinator, config.maxPollIntervalMs + 5_000);
}

/** The leader deals the partitions. */
export function sync(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  members: readonly JoinedMember[],
): void {
  if (member.coordinator < 0) return comeBack(ctx, member);
  member.phase = 'syncing';
  const { generation, memberId } = member;
  const request: GroupSync = {
    type: 'group.sync',
    group: ctx.config.groupId,
    generation,
    memberId,
    groupInstanceId: instanceOf(ctx),
    assignments: members.length === 0 ? [] : deal(ctx, state.topics, member.protocol, members),
  };
  const asked = { about: 'group', what: 'sync', generation } as const;
  askGroup(state, ctx, request, asked, member.coordinator);
}

/** Whatever it had others may have by now. */
function joinConsumer(state: LogReader, ctx: Ctx, member: Membership): void {
  giveUp(state, ctx, member, false);
  member.phase = 'joining';
  beatConsumer(state, ctx, member);
}

/**
 * Only what moves pauses; what a cooperative member gives up is dealt in a second round. False:
 * with the consumer protocol it commits first how far it is. A cooperative member has done so
 * before it joined: what it has read since of a partition that goes is read again.
 */
function takeAssignment(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  partitions: readonly number[],
): boolean {
  const { groupId: group, autoCommitIntervalMs, enableAutoCommit } = ctx.config;
  const had = new Set(state.tracks.map(({ partition }) => partition));
  const gone = [...had].filter((partition) => !partitions.includes(partition));
  const isClassic = member.consumer === undefined;
  const mustCommit = !isClassic && enableAutoCommit && !member.hasCommittedForJoin;
  if (gone.length > 0 && mustCommit) {
    member.hasCommittedForJoin = true;
    if (commitPositions(state, ctx, member, 'join')) return false;
  }
  if (gone.length > 0) {
    const kept = state.tracks.filter(({ partition }) => !gone.includes(partition));
    state.tracks.splice(0, state.tracks.length, ...kept);
    state.nextTrack = 0;
    tellGone(ctx, member, gone, true);
  }
  for (const partition of partitions) {
    if (!had.has(partition)) state.tracks.push(newTrack(state, partition));
  }
  member.assigned = null;
  member.owned = partitions;
  member.rebalances += 1;
  member.hasCommittedForJoin = false;
  if (gone.length > 0 && isClassic && isCooperative(ctx.config)) member.mustRejoin = true;
  member.autoCommitDueMicros = ctx.mono() + ms(autoCommitIntervalMs);
  const { generation, memberId } = member;
  const all = { partitions, generation, member: memberId };
  ctx.tell<LogReaderFact>({ type: 'consumer.assigned', group, ...all });
  sayWhatItHas(state, ctx, member);
  return true;
}

function askCommitted(state: LogReader, ctx: Ctx, member: Membership): void {
  const tracks = state.tracks.filter(({ needsCommitted }) => needsCommitted);
  if (tracks.length === 0 || member.isAskingOffsets) return;
  member.isAskingOffsets = true;
  const partitions = tracks.map(({ partition }) => partition);
  const { groupId: group } = ctx.config;
  const asks: GroupFetchOffsets = { type: 'group.fetch-offsets', group, partitions };
  const isStable = ctx.config.isolationLevel === 'read_committed';
  const request = isStable ? { ...asks, requireStable: true } : asks;
  const ids = tracks.map(({ id }) => id);
  const asked = { about: 'group', what: 'offsets', tracks: ids } as const;
  askGroup(state, ctx, request, asked, member.coordinator);
}

export function beat(state: LogReader, ctx: Ctx, member: Membership): void {
  if (member.generation < 0 || member.phase === 'ended') return;
  const { consumer } = member;
  ctx.setTimer('beat', 0, ms(consumer?.heartbeatIntervalMs ?? ctx.config.heartbeatIntervalMs));
  if (member.phase === 'joining' || member.isBeating) return;
  if (member.coordinator < 0) return findCoordinator(state, ctx, member);
  if (consumer !== undefined) return beatConsumer(state, ctx, member);
  member.isBeating = true;
  const { generation, memberId } = member;
  const request: GroupHeartbeat = {
    type: 'group.heartbeat',
    group: ctx.config.groupId,
    generation,
    memberId,
    groupInstanceId: instanceOf(ctx),
  };
  const asked = { about: 'group', what: 'beat', generation } as const;
  askGroup(state, ctx, request, asked, member.coordinator, ctx.config.sessionTimeoutMs);
}

/** From now on it has to come back within max.poll.interval.ms. */
export const armPollInterval = (ctx: Ctx): void =>
  ctx.setTimer('poll-interval', 0, ms(ctx.config.maxPollIntervalMs));

/** It takes too long over its records: others shall have the partitions. Static members stay. */
export function leave(state: LogReader, ctx: Ctx, member: Membership): void {
  if (member.generation < 0) return;
  ctx.tell<LogReaderFact>({ type: 'consumer.left', group: ctx.config.groupId });
  depart(state, ctx, member);
}

/** It says that it goes, and is a member no more. */
export function depart(state: LogReader, ctx: Ctx, member: Membership): void {
  const { groupId: group } = ctx.config;
  const { memberId, generation, coordinator } = member;
  const groupInstanceId = instanceOf(ctx);
  if (member.consumer !== undefined) leaveConsumer(state, ctx, member);
  else if (groupInstanceId === null && coordinator >= 0) {
    const request: GroupLeave = { type: 'group.leave', group, memberId, groupInstanceId };
    const asked = { about: 'group', what: 'leave', generation } as const;
    askGroup(state, ctx, request, asked, coordinator);
  }
  forgetGeneration(ctx, member);
}

/** It has to join anew: under this id, or as a stranger. */
export function forgetGeneration(ctx: Ctx, member: Membership, memberId = ''): void {
  member.phase = 'unjoined';
  member.generation = -1;
  // With the consumer protocol it comes back under the same one.
  if (member.consumer === undefined) member.memberId = memberId;
  member.assigned = null;
  member.mustRejoin = false;
  member.hasCommittedForJoin = false;
  ctx.cancelTimer('beat', 0);
}

/** The timer of whatever has to be tried again. */
export function onRetry(state: LogReader, ctx: Ctx, member: Membership): void {
  const { retry } = member;
  if (member.coordinator < 0) return findCoordinator(state, ctx, member);
  if (retry === null) return;
  member.retry = null;
  sendCommit(state, ctx, member, retry.offsets, retry.then);
}
