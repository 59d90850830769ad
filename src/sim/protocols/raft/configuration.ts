/**
 * Who decides: a group's members as one server sees them, with what follows from them computed
 * once.
 *
 * Invariant: `peers` holds every member once, voters first; everything that is kept for each
 * member is parallel to it.
 */
import type { PeerId, RaftMembers } from '../../contracts/raft.ts';
import {
  MAJORITIES,
  electionQuorum,
  jointIndex,
  jointVote,
  majorityIndex,
  majorityVote,
  replicationQuorum,
} from './quorum.ts';
import type { RaftQuorums, VoteResult } from './quorum.ts';

export interface Configuration {
  /** Of the entry that it came with; 0 for the one a server is built with. */
  readonly index: number;
  readonly members: RaftMembers;
  readonly peers: readonly PeerId[];
  /** Position of this server in `peers`; -1 when it is none of them. */
  readonly self: number;
  /** This server has a vote, in either half. */
  readonly votes: boolean;
  /** Not joint, and without learners: all peers vote, each once. */
  readonly simple: boolean;
  readonly incoming: readonly number[];
  readonly outgoing: readonly number[];
  readonly quorums: RaftQuorums;
}

/** A configuration that the log, or what the log starts from, holds. */
export interface PlacedMembers {
  readonly index: number;
  readonly members: RaftMembers;
}

const NOBODY: readonly PeerId[] = Object.freeze([]);

export function plainMembers(
  voters: readonly PeerId[],
  learners: readonly PeerId[] = NOBODY,
): RaftMembers {
  return Object.freeze({
    voters: Object.freeze([...voters]),
    outgoing: NOBODY,
    learners: Object.freeze([...learners]),
    learnersNext: NOBODY,
    autoLeave: false,
  });
}

export function configurationOf(
  self: PeerId,
  members: RaftMembers,
  index: number,
  quorums: RaftQuorums = MAJORITIES,
): Configuration {
  const { voters, outgoing, learners, learnersNext } = members;
  const peers = [...new Set([...voters, ...outgoing, ...learners, ...learnersNext])];
  return Object.freeze({
    index,
    members,
    peers: Object.freeze(peers),
    self: peers.indexOf(self),
    votes: voters.includes(self) || outgoing.includes(self),
    simple: outgoing.length === 0 && peers.length === voters.length,
    incoming: Object.freeze(voters.map((id) => peers.indexOf(id))),
    outgoing: Object.freeze(outgoing.map((id) => peers.indexOf(id))),
    quorums,
  });
}

export const isJoint = ({ outgoing }: RaftMembers): boolean => outgoing.length > 0;

/** This server decides alone. */
export function isAlone(conf: Configuration): boolean {
  const { votes, incoming, outgoing, quorums } = conf;
  return votes && replicationQuorum(quorums, incoming.length) <= 1 && outgoing.length === 0;
}

/** The largest of the values, parallel to `peers`, that every quorum asked for has reached. */
export function quorumIndex(conf: Configuration, values: readonly number[]): number {
  if (conf.simple) return majorityIndex(values, replicationQuorum(conf.quorums, values.length));
  const quorumOf = (size: number): number => replicationQuorum(conf.quorums, size);
  return jointIndex(pick(values, conf.incoming), pick(values, conf.outgoing), quorumOf);
}

/** Whether those who said yes elect a leader. */
export function quorumVote(conf: Configuration, votes: readonly (boolean | null)[]): VoteResult {
  return voteOf(conf, votes, (size) => electionQuorum(conf.quorums, size));
}

/** Whether those who answered let a leader commit, and keep everybody else from leading. */
export function quorumHeard(conf: Configuration, heard: readonly boolean[]): boolean {
  return voteOf(conf, heard, (size) => replicationQuorum(conf.quorums, size)) === 'won';
}

function voteOf(
  conf: Configuration,
  votes: readonly (boolean | null)[],
  quorumOf: (size: number) => number,
): VoteResult {
  if (conf.simple) return majorityVote(votes, quorumOf(votes.length));
  return jointVote(pick(votes, conf.incoming), pick(votes, conf.outgoing), quorumOf);
}

function pick<T>(values: readonly T[], slots: readonly number[]): T[] {
  return slots.map((slot) => values[slot] as T);
}
