/**
 * Who wants to join: a new member gets an id first, and comes again with it; a static member that
 * is back takes the place that it had.
 *
 * Source: Apache Kafka 4.0, GroupMetadataManager.classicGroupJoin; KIP-394, KIP-345, KIP-814
 */
import type { GroupJoin } from '../../contracts/group.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import { joined, refuseJoin, synced } from './answers.ts';
import { completeIfAll, prepareRebalance } from './rebalance.ts';
import { recordOfGroup } from './records.ts';
import { armSession, sessionTimer, staticMember, strangerError } from './roster.ts';
import { groupOf } from './state.ts';
import type { Group, Member, Step } from './state.ts';

export function onJoin(at: Step, tag: number, request: GroupJoin): void {
  const { config, out, state } = at;
  const { memberId, sessionTimeoutMs, groupInstanceId } = request;
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = config;
  if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
    return refuseJoin(out, tag, memberId, 'INVALID_SESSION_TIMEOUT');
  }
  const group = groupOf(state, request.group);
  if ((group.consumer?.members.size ?? 0) > 0 || !isSupported(group, request)) {
    return refuseJoin(out, tag, memberId, 'INCONSISTENT_GROUP_PROTOCOL');
  }
  if (memberId === '') return joinNew(at, group, tag, request);
  if (group.pending.has(memberId)) {
    group.pending.delete(memberId);
    return add(at, group, memberId, tag, request);
  }
  const error = strangerError(group, { memberId, groupInstanceId });
  if (error !== null) return refuseJoin(out, tag, memberId, error);
  rejoin(at, group, group.members.get(memberId) as Member, tag, request);
}

/** Something that all others support, too. */
function isSupported({ members }: Group, { memberId, protocols }: GroupJoin): boolean {
  const others = [...members.values()].filter(({ id }) => id !== memberId);
  return protocols.some((name) => others.every((other) => other.protocols.includes(name)));
}

function joinNew(at: Step, group: Group, tag: number, request: GroupJoin): void {
  const { out } = at;
  const { clientId, groupInstanceId, sessionTimeoutMs } = request;
  const memberId = `${groupInstanceId ?? clientId}-${at.at.unique()}`;
  if (groupInstanceId !== null) {
    const known = staticMember(group, groupInstanceId);
    if (known !== undefined) return replace(at, group, known, memberId, tag, request);
    return add(at, group, memberId, tag, request);
  }
  group.pending.add(memberId);
  const timer = sessionTimer(group.id, memberId);
  out.push({ type: 'set-timer', timer, afterMicros: sessionTimeoutMs * 1_000 });
  refuseJoin(out, tag, memberId, 'MEMBER_ID_REQUIRED');
}

const memberOf = (id: string, tag: number, request: GroupJoin): Member => {
  const { groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, protocols, subscription } =
    request;
  const waiting = { assignment: [], joinTag: tag, syncTag: -1 };
  return {
    id,
    groupInstanceId,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    protocols,
    subscription,
    ...waiting,
  };
};

function add(at: Step, group: Group, id: string, tag: number, request: GroupJoin): void {
  const member = memberOf(id, tag, request);
  group.members.set(id, member);
  group.hasNewMember = true;
  if (group.leader === '') group.leader = id;
  armSession(at, group, member);
  if (group.phase === 'PreparingRebalance') completeIfAll(at, group);
  else prepareRebalance(at, group, `${id} has come`);
}

/** A static member is back under another id: what it was assigned is still its. */
function replace(
  at: Step,
  group: Group,
  old: Member,
  id: string,
  tag: number,
  request: GroupJoin,
): void {
  const { out, state } = at;
  if (old.joinTag >= 0) refuseJoin(out, old.joinTag, old.id, 'FENCED_INSTANCE_ID');
  if (old.syncTag >= 0) {
    out.push({ type: 'reply', tag: old.syncTag, answer: synced('FENCED_INSTANCE_ID') });
  }
  out.push({ type: 'cancel-timer', timer: sessionTimer(group.id, old.id) });
  const member = { ...memberOf(id, tag, request), assignment: old.assignment };
  // In its place: the order of members is that in which they came.
  const all = [...group.members.values()];
  group.members.clear();
  for (const one of all) {
    const next = one === old ? member : one;
    group.members.set(next.id, next);
  }
  const isLeader = group.leader === old.id;
  if (isLeader) group.leader = id;
  armSession(at, group, member);
  if (group.phase === 'PreparingRebalance') return completeIfAll(at, group);
  const topics = ({ subscription }: Member): string => canonicalJson(subscription.topics);
  if (group.phase !== 'Stable' || topics(old) !== topics(member)) {
    return prepareRebalance(at, group, `${id} is back`);
  }
  member.joinTag = -1;
  const ticket = state.nextTicket++;
  state.promised.set(ticket, { for: 'nobody' });
  out.push({ type: 'append', ticket, records: [recordOfGroup(group, null)] });
  out.push({ type: 'reply', tag, answer: joined(group, member, isLeader) });
}

/** A member that is known: it follows a rebalance, wants one, or has missed an answer. */
function rejoin(at: Step, group: Group, member: Member, tag: number, request: GroupJoin): void {
  const { out } = at;
  const { subscription, protocols } = request;
  const isSame =
    canonicalJson(subscription) === canonicalJson(member.subscription) &&
    canonicalJson(protocols) === canonicalJson(member.protocols);
  const isLeader = group.leader === member.id;
  armSession(at, group, member);
  const missed =
    isSame && (group.phase === 'CompletingRebalance' || (group.phase === 'Stable' && !isLeader));
  if (missed) {
    out.push({ type: 'reply', tag, answer: joined(group, member) });
    return;
  }
  if (member.joinTag >= 0) refuseJoin(out, member.joinTag, member.id, 'REBALANCE_IN_PROGRESS');
  member.joinTag = tag;
  member.subscription = subscription;
  member.protocols = protocols;
  member.sessionTimeoutMs = request.sessionTimeoutMs;
  member.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
  if (group.phase === 'PreparingRebalance') completeIfAll(at, group);
  else prepareRebalance(at, group, `${member.id} wants it`);
}
