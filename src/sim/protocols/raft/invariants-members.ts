/**
 * Quorums of configurations, for the invariants: on their own, so that a mistake in the algorithm's
 * own counting does not hide itself.
 */
import type { PeerId, RaftEntry, RaftMembers } from '../../contracts/raft.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import type { RaftQuorums } from './quorum.ts';

function halves({ voters, outgoing }: RaftMembers): readonly (readonly PeerId[])[] {
  return outgoing.length === 0 ? [voters] : [voters, outgoing];
}

const majority = (size: number): number => Math.floor(size / 2) + 1;

/** The half that is worst off, where not every half has a quorum of servers that hold it. */
export function halfWithoutQuorum(
  members: RaftMembers,
  { replication }: RaftQuorums,
  holds: (server: PeerId) => boolean,
): { readonly holders: number; readonly voters: number } | null {
  for (const voters of halves(members)) {
    let holders = 0;
    for (const id of voters) if (holds(id)) holders += 1;
    if (holders < (replication || majority(voters.length)))
      return { holders, voters: voters.length };
  }
  return null;
}

/** Whether servers that do not hold it could elect one without any that does. */
export function canDecideWithout(
  members: RaftMembers,
  { election }: RaftQuorums,
  holds: (server: PeerId) => boolean,
): boolean {
  for (const voters of halves(members)) {
    let others = 0;
    for (const id of voters) if (!holds(id)) others += 1;
    if (others < (election || majority(voters.length))) return false;
  }
  return true;
}

/** Whether every decision of the one has a server in common with every decision of the other. */
export function quorumsMeet(a: RaftMembers, b: RaftMembers): boolean {
  return halves(a).some((mine) => halves(b).some((theirs) => majoritiesMeet(mine, theirs)));
}

function majoritiesMeet(a: readonly PeerId[], b: readonly PeerId[]): boolean {
  const common = a.filter((id) => b.includes(id)).length;
  const need = (size: number): number => Math.max(0, (size >> 1) + 1 - (size - common));
  return need(a.length) + need(b.length) > common;
}

export function sameEntry(a: RaftEntry, b: RaftEntry): boolean {
  if (a === b) return true;
  return a.term === b.term && a.command === b.command && sameMembers(a.members, b.members);
}

function sameMembers(a: RaftMembers | undefined, b: RaftMembers | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return canonicalJson(a) === canonicalJson(b);
}
