/**
 * Changing who belongs to a group, as a pure function of the members (etcd, package confchange).
 *
 * Keeps: there is always a voter; without a joint configuration at most one voter changes, so that
 * any majority before meets any majority after (dissertation 4.1); a voter of the outgoing half
 * keeps its vote until the joint configuration ends.
 */
import type { RaftMemberChange, RaftMembersChange } from '../../contracts/raft-admin.ts';
import type { PeerId, RaftMembers } from '../../contracts/raft.ts';
import { isJoint } from './configuration.ts';

export type MemberChange = RaftMemberChange;
export type MembersChange = RaftMembersChange;

/** The members after the change, or why there is no such change. */
export type ChangeResult = RaftMembers | string;

export function changed(members: RaftMembers, change: MembersChange, joint: boolean): ChangeResult {
  const { changes, transition } = change;
  if (changes.length === 0) return leaveJoint(members);
  if (!joint) return simpleChange(members, changes, Infinity);
  if (transition === 'auto' && changes.length === 1) return simpleChange(members, changes);
  return enterJoint(members, changes, transition !== 'joint-explicit');
}

export function simpleChange(
  members: RaftMembers,
  changes: readonly MemberChange[],
  votersMax = 1,
): ChangeResult {
  if (isJoint(members)) return 'the configuration is joint';
  const after = apply(members, changes);
  if (typeof after === 'string') return after;
  return votersChanged(members.voters, after.voters) > votersMax
    ? 'more than one voter changes without a joint configuration'
    : after;
}

export function enterJoint(
  members: RaftMembers,
  changes: readonly MemberChange[],
  autoLeave: boolean,
): ChangeResult {
  if (isJoint(members)) return 'the configuration is joint already';
  if (members.voters.length === 0) return 'nobody could decide in the outgoing half';
  return apply({ ...members, outgoing: members.voters, autoLeave }, changes);
}

export function leaveJoint(members: RaftMembers): ChangeResult {
  if (!isJoint(members)) return 'the configuration is not joint';
  const { voters, learners, learnersNext } = members;
  return freeze(voters, [], [...learners, ...learnersNext], [], false);
}

function votersChanged(before: readonly PeerId[], after: readonly PeerId[]): number {
  const gone = before.filter((id) => !after.includes(id)).length;
  return gone + after.filter((id) => !before.includes(id)).length;
}

function apply(members: RaftMembers, changes: readonly MemberChange[]): ChangeResult {
  const { outgoing, autoLeave } = members;
  const voters = new Set(members.voters);
  const learners = new Set(members.learners);
  const next = new Set(members.learnersNext);
  for (const { type, peer } of changes) {
    if (type === 'add-learner' && learners.has(peer)) continue;
    voters.delete(peer);
    learners.delete(peer);
    next.delete(peer);
    if (type === 'add-voter') voters.add(peer);
    // Still a voter of the outgoing half: nobody is both a voter and a learner.
    else if (type === 'add-learner') (outgoing.includes(peer) ? next : learners).add(peer);
  }
  if (voters.size === 0) return 'no voter would be left';
  return freeze([...voters], outgoing, [...learners], [...next], autoLeave);
}

function freeze(
  voters: readonly PeerId[],
  outgoing: readonly PeerId[],
  learners: readonly PeerId[],
  learnersNext: readonly PeerId[],
  autoLeave: boolean,
): RaftMembers {
  const sorted = (ids: readonly PeerId[]): readonly PeerId[] =>
    Object.freeze([...ids].sort((a, b) => a - b));
  return Object.freeze({
    voters: sorted(voters),
    outgoing,
    learners: sorted(learners),
    learnersNext: sorted(learnersNext),
    autoLeave,
  });
}
