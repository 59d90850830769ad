/**
 * A rebalance: all members come back (join), one of them deals the partitions, and each hears what
 * is its (sync). The generation rises with each.
 *
 * Invariant: an assignment is handed out once it is replicated, and in its own generation only.
 *
 * Source: Apache Kafka 4.0, GroupMetadataManager (prepareRebalance, completeClassicGroupJoin)
 */
import { canonicalJson } from '../../kernel/canonical.ts';
import type { GroupSync } from '../../contracts/group.ts';
import type { AppendError } from '../coordinator-machine.ts';
import { joined, synced } from './answers.ts';
import type { GroupFact } from './facts.ts';
import { armSession, dropMember, refusalOf } from './roster.ts';
import { recordOfGroup } from './records.ts';
import type { Group, Member, Step } from './state.ts';
import { errorOf } from './state.ts';

/** The timer of a group that waits for its members to join, and to sync. */
export const REBALANCE = 'rebalance';
export const SYNC = 'sync';
const MICROS_PER_MS = 1_000;

const timerOf = (kind: string, { id }: Group): string => canonicalJson([kind, id]);
const tell = ({ out }: Step, fact: GroupFact): void => void out.push({ type: 'told', fact });

const patienceOf = ({ members }: Group): number =>
  Math.max(0, ...[...members.values()].map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs)) *
  MICROS_PER_MS;

export function prepareRebalance(at: Step, group: Group, why: string): void {
  const { config, out } = at;
  if (group.phase === 'CompletingRebalance') {
    answerSyncs(at, group, () => synced('REBALANCE_IN_PROGRESS'));
    out.push({ type: 'cancel-timer', timer: timerOf(SYNC, group) });
  }
  const isFirst = group.phase === 'Empty';
  group.phase = 'PreparingRebalance';
  tell(at, { type: 'group.rebalancing', group: group.id, generation: group.generation, why });
  if (!isFirst) {
    out.push({
      type: 'set-timer',
      timer: timerOf(REBALANCE, group),
      afterMicros: patienceOf(group),
    });
    return completeIfAll(at, group);
  }
  // More are likely to come: it would rebalance again for each of them.
  const delay = config.initialRebalanceDelayMs * MICROS_PER_MS;
  group.initialWaitMicros = Math.max(0, patienceOf(group) - delay);
  group.hasNewMember = false;
  out.push({ type: 'set-timer', timer: timerOf(REBALANCE, group), afterMicros: delay });
}

/** It was empty: it waits for the whole delay, whoever has come. */
const isInitial = ({ initialWaitMicros }: Group): boolean => initialWaitMicros >= 0;

/** All have come back. */
export function completeIfAll(at: Step, group: Group): void {
  if (isInitial(group)) return;
  const all = [...group.members.values()];
  const hasAll = group.pending.size === 0 && all.every(({ joinTag }) => joinTag >= 0);
  const some = all.some(({ joinTag }) => joinTag >= 0);
  if (hasAll || (!at.config.rules.joinBarrier && some)) completeJoin(at, group);
}

/** The time is over: the first rebalance goes on waiting while members still come. */
export function onRebalanceTimer(at: Step, group: Group): void {
  if (group.phase !== 'PreparingRebalance') return;
  if (isInitial(group) && group.hasNewMember && group.initialWaitMicros > 0) {
    const delay = at.config.initialRebalanceDelayMs * MICROS_PER_MS;
    const afterMicros = Math.min(delay, group.initialWaitMicros);
    group.initialWaitMicros -= afterMicros;
    group.hasNewMember = false;
    at.out.push({ type: 'set-timer', timer: timerOf(REBALANCE, group), afterMicros });
    return;
  }
  completeJoin(at, group);
}

function completeJoin(at: Step, group: Group): void {
  const { out, config } = at;
  out.push({ type: 'cancel-timer', timer: timerOf(REBALANCE, group) });
  const isAway = ({ joinTag }: Member): boolean => joinTag < 0;
  if (config.rules.joinBarrier) {
    // A static member keeps its place for a session.
    const gone = [...group.members.values()].filter(
      (member) => isAway(member) && member.groupInstanceId === null,
    );
    for (const { id } of gone) dropMember(at, group, id, 'it has not come back in time');
  }
  const back = [...group.members.values()].find((member) => !isAway(member));
  if (back === undefined && group.members.size > 0) {
    // Static members only, and none of them is there to lead.
    const afterMicros = patienceOf(group);
    out.push({ type: 'set-timer', timer: timerOf(REBALANCE, group), afterMicros });
    return;
  }
  group.initialWaitMicros = -1;
  group.generation += 1;
  if (back === undefined) return becomeEmpty(at, group);
  const leader = group.members.get(group.leader);
  if (leader === undefined || isAway(leader)) group.leader = back.id;
  group.protocol = chosenProtocol(group);
  group.phase = 'CompletingRebalance';
  out.push({ type: 'set-timer', timer: timerOf(SYNC, group), afterMicros: patienceOf(group) });
  for (const member of group.members.values()) {
    if (isAway(member)) continue;
    out.push({ type: 'reply', tag: member.joinTag, answer: joined(group, member) });
    member.joinTag = -1;
    armSession(at, group, member);
  }
}

function becomeEmpty(at: Step, group: Group): void {
  group.phase = 'Empty';
  group.protocol = null;
  group.leader = '';
  const { id, generation } = group;
  tell(at, { type: 'group.empty', group: id, generation });
  const ticket = at.state.nextTicket++;
  at.state.promised.set(ticket, { for: 'nobody' });
  at.out.push({ type: 'append', ticket, records: [recordOfGroup(group, null)] });
}

/** What all support, by the votes of their first choices among that. */
function chosenProtocol({ members }: Group): string | null {
  const all = [...members.values()];
  const shared = (all[0]?.protocols ?? []).filter((name) =>
    all.every(({ protocols }) => protocols.includes(name)),
  );
  const votes = shared.map(
    (name) =>
      all.filter(({ protocols }) => protocols.find((one) => shared.includes(one)) === name).length,
  );
  return shared[votes.indexOf(Math.max(...votes))] ?? null;
}

export function onSync(at: Step, tag: number, request: GroupSync): void {
  const { state, out } = at;
  const reply = (answer: ReturnType<typeof synced>): void => {
    out.push({ type: 'reply', tag, answer });
  };
  const group = state.groups.get(request.group);
  if (group === undefined) return reply(synced('UNKNOWN_MEMBER_ID'));
  const error = refusalOf(group, request);
  if (error !== null) return reply(synced(error));
  if (group.phase === 'PreparingRebalance') return reply(synced('REBALANCE_IN_PROGRESS'));
  const member = group.members.get(request.memberId) as Member;
  armSession(at, group, member);
  if (group.phase === 'Stable') return reply(synced(null, member.assignment));
  if (member.syncTag >= 0) {
    out.push({ type: 'reply', tag: member.syncTag, answer: synced('REBALANCE_IN_PROGRESS') });
  }
  member.syncTag = tag;
  if (member.id !== group.leader) return;
  const assigned = new Map<string, readonly number[]>();
  for (const { memberId, partitions } of request.assignments) assigned.set(memberId, partitions);
  const ticket = state.nextTicket++;
  const { id, generation } = group;
  state.promised.set(ticket, { for: 'sync', group: id, generation, assigned });
  out.push({ type: 'append', ticket, records: [recordOfGroup(group, assigned)] });
}

/** The assignment is replicated, or is not: then the group has to rebalance once more. */
export function onAssigned(
  at: Step,
  group: Group,
  assigned: ReadonlyMap<string, readonly number[]>,
  error: AppendError | null,
): void {
  if (error !== null) {
    answerSyncs(at, group, () => synced(errorOf(error)));
    return prepareRebalance(at, group, 'its assignment could not be written');
  }
  for (const member of group.members.values()) member.assignment = assigned.get(member.id) ?? [];
  group.phase = 'Stable';
  at.out.push({ type: 'cancel-timer', timer: timerOf(SYNC, group) });
  const { id, generation, members } = group;
  tell(at, { type: 'group.stable', group: id, generation, members: members.size });
  answerSyncs(at, group, ({ assignment }) => synced(null, assignment));
}

function answerSyncs(
  at: Step,
  group: Group,
  answer: (member: Member) => ReturnType<typeof synced>,
): void {
  for (const member of group.members.values()) {
    if (member.syncTag < 0) continue;
    at.out.push({ type: 'reply', tag: member.syncTag, answer: answer(member) });
    member.syncTag = -1;
    armSession(at, group, member);
  }
}

/** Who has not asked for its assignment in time is gone. */
export function onSyncTimer(at: Step, group: Group): void {
  if (group.phase !== 'CompletingRebalance') return;
  const silent = [...group.members.values()].filter(({ syncTag }) => syncTag < 0);
  for (const { id } of silent) dropMember(at, group, id, 'it has not synced in time');
  prepareRebalance(at, group, 'a member has not synced');
}
