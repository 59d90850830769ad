/**
 * Who is in a group: whether whoever speaks is, how long it may be silent, and how it goes.
 *
 * Source: Apache Kafka 4.0, ClassicGroup.validateMember; KIP-345
 */
import type { GroupError, Membership } from '../../contracts/group.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import { refuseJoin } from './answers.ts';
import type { GroupFact } from './facts.ts';
import type { Group, Member, Step } from './state.ts';

export const SESSION = 'session';
const MICROS_PER_MS = 1_000;

export const staticMember = (group: Group, instance: string): Member | undefined =>
  [...group.members.values()].find(({ groupInstanceId }) => groupInstanceId === instance);

type Speaker = Pick<Membership, 'memberId' | 'groupInstanceId'>;

/** Why whoever says that it is a member is none: another one has its instance id by now. */
export function strangerError(group: Group, { memberId, groupInstanceId }: Speaker) {
  if (groupInstanceId !== null) {
    const known = staticMember(group, groupInstanceId);
    if (known !== undefined && known.id !== memberId) return 'FENCED_INSTANCE_ID';
  }
  return group.members.has(memberId) ? null : 'UNKNOWN_MEMBER_ID';
}

/** The same for one that names its generation, too. */
export function refusalOf(group: Group, speaker: Membership): GroupError | null {
  const error = strangerError(group, speaker);
  if (error !== null) return error;
  return speaker.generation === group.generation ? null : 'ILLEGAL_GENERATION';
}

export const sessionTimer = (group: string, member: string): string =>
  canonicalJson([SESSION, group, member]);

export function armSession({ out }: Step, group: Group, member: Member): void {
  const timer = sessionTimer(group.id, member.id);
  const afterMicros = member.sessionTimeoutMs * MICROS_PER_MS;
  out.push({ type: 'set-timer', timer, afterMicros });
}

export function dropMember(at: Step, group: Group, memberId: string, why: string): void {
  const member = group.members.get(memberId);
  if (member === undefined) return;
  const { out } = at;
  group.members.delete(memberId);
  out.push({ type: 'cancel-timer', timer: sessionTimer(group.id, memberId) });
  if (member.joinTag >= 0) refuseJoin(out, member.joinTag, memberId, 'UNKNOWN_MEMBER_ID');
  if (group.leader === memberId) group.leader = group.members.keys().next().value ?? '';
  const { id, generation } = group;
  const removed = { group: id, member: memberId, generation, why };
  const fact: GroupFact = { type: 'group.member-removed', ...removed };
  out.push({ type: 'told', fact });
}
