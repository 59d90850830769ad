/**
 * Elections: campaigning, voting, pre-voting.
 *
 * Keeps ElectionSafety (at most one leader in a term): a server votes once in a term and the vote
 * is durable before it is given; and the first half of LeaderCompleteness: a vote goes only to a
 * log at least as up to date as the voter's own (paper 5.2, 5.4.1; dissertation 4.2.3, 9.6).
 */
import type {
  PeerId,
  RaftPreVote,
  RaftPreVoteReply,
  RaftTimeoutNow,
  RaftVote,
  RaftVoteReply,
} from '../../contracts/raft.ts';
import { quorumVote } from './configuration.ts';
import { flush, resetElectionTimer, send, sendAfterTerm } from './context.ts';
import { sendDurable, setRole } from './context.ts';
import type { Step } from './context.ts';
import { becomeLeader } from './leader.ts';
import { hasPromised } from './lease.ts';
import type { RaftLog } from './log.ts';
import type { VoteResult } from './quorum.ts';
import { refuseAskedReads } from './reads.ts';
import type { RaftState } from './state.ts';

/** Paper 5.4.1: the later last term wins; with equal last terms, the longer log. */
export function isUpToDate(log: RaftLog, lastIndex: number, lastTerm: number): boolean {
  if (lastTerm !== log.lastTerm) return lastTerm > log.lastTerm;
  return lastIndex >= log.lastIndex;
}

export function onElectionTimeout(s: Step): void {
  if (s.state.role === 'leader' || !mayStand(s)) return;
  if (s.config.preVote) startPreVote(s);
  else startElection(s);
}

/**
 * Learners, and servers that were removed, wait to be told. But until it is known that a removal is
 * committed, who is removed by it may be the only one whose log is new enough: it stands, without
 * a vote of its own (dissertation 4.2.2).
 */
function mayStand({ config, state: { conf, commitIndex, configurations } }: Step): boolean {
  if (conf.votes || conf.index <= commitIndex) return conf.votes;
  return configurations.some(
    ({ members: { voters, outgoing } }) =>
      voters.includes(config.id) || outgoing.includes(config.id),
  );
}

function voteForOneself({ state: { conf, votes } }: Step): void {
  if (conf.votes) votes[conf.self] = true;
}

function clearVotes(s: Step): void {
  const { state } = s;
  state.votes.fill(null);
  state.leader = null;
  state.voteTicket = 0;
  refuseAskedReads(s);
}

/** Whose votes count: everybody but the learners. */
function electors({ conf }: RaftState): readonly PeerId[] {
  if (conf.simple) return conf.peers;
  const { voters, outgoing } = conf.members;
  return conf.peers.filter((id) => voters.includes(id) || outgoing.includes(id));
}

function startPreVote(s: Step): void {
  const { state, config } = s;
  clearVotes(s);
  setRole(s, 'pre-candidate');
  voteForOneself(s);
  if (quorumVote(state.conf, state.votes) === 'won') {
    startElection(s);
    return;
  }
  resetElectionTimer(s);
  const message: RaftPreVote = {
    type: 'raft.pre-vote',
    term: state.term + 1,
    lastLogIndex: state.log.lastIndex,
    lastLogTerm: state.log.lastTerm,
  };
  for (const peer of electors(state)) if (peer !== config.id) send(s, peer, message);
}

/**
 * Paper 5.2: raise the term, vote for oneself, ask everybody. The requests wait for the disk: a
 * candidate that crashed before its term was durable could stand again in the same term with a
 * shorter log, and the answers to its first request would count for the second.
 */
export function startElection(s: Step, transfer = false): void {
  const { state, config } = s;
  clearVotes(s);
  state.term += 1;
  state.votedFor = config.id;
  state.dirtyHard = true;
  setRole(s, 'candidate');
  resetElectionTimer(s);
  flush(s);
  state.voteTicket = state.hardTicket;
  const plain: RaftVote = {
    type: 'raft.vote',
    term: state.term,
    lastLogIndex: state.log.lastIndex,
    lastLogTerm: state.log.lastTerm,
  };
  const message: RaftVote = transfer ? { ...plain, transfer } : plain;
  for (const peer of electors(state)) if (peer !== config.id) sendDurable(s, peer, message);
  if (!config.rules.persistBeforeReply) countOwnVote(s);
}

/** The leader hands over: no pre-vote, for it lives, and wants this (dissertation 3.10). */
export function onTimeoutNow(s: Step, message: RaftTimeoutNow): void {
  const { state } = s;
  if (message.term < state.term || state.role !== 'follower' || !state.conf.votes) return;
  startElection(s, true);
}

/** The candidate's own vote counts once it is on disk, like everybody else's. */
export function countOwnVote(s: Step): void {
  const { state } = s;
  state.voteTicket = 0;
  if (state.role !== 'candidate') return;
  voteForOneself(s);
  decide(s, quorumVote(state.conf, state.votes));
}

/**
 * Thesis 4.2.3: a server that hears a live leader does not help to depose it, and a leader is
 * itself a live leader. Meant to go together with CheckQuorum, which ends the reign of a leader
 * that nobody answers.
 */
function hearsLeader(s: Step): boolean {
  const { state, config } = s;
  if (!config.preVoteLease) return false;
  if (state.role === 'leader' || hasPromised(s)) return true;
  if (state.leader === null) return false;
  return s.now - state.heardAtMicros < config.electionTimeoutMinMicros;
}

/** True when the request is refused before its term is even looked at. */
export function refusesWhileLed(s: Step, from: PeerId, message: RaftVote | RaftPreVote): boolean {
  if (message.term <= s.state.term || isTransfer(message) || !hearsLeader(s)) return false;
  // Differs: etcd drops the request in silence. A refusal is visible and changes nothing, since
  // the candidate counts only refusals of its own term.
  const type = message.type === 'raft.vote' ? 'raft.vote-reply' : 'raft.pre-vote-reply';
  sendAfterTerm(s, from, { type, term: s.state.term, granted: false });
  return true;
}

const isTransfer = (message: RaftVote | RaftPreVote): boolean =>
  message.type === 'raft.vote' && message.transfer === true;

/** Called with the message's term already adopted if it was higher. */
export function onVote(s: Step, from: PeerId, message: RaftVote): void {
  const { state, config } = s;
  const mayVote =
    message.term === state.term &&
    (state.votedFor === null || state.votedFor === from) &&
    (isTransfer(message) || !hasPromised(s));
  const granted =
    mayVote &&
    (!config.rules.electionRestriction ||
      isUpToDate(state.log, message.lastLogIndex, message.lastLogTerm));
  if (granted) {
    if (state.votedFor === null) {
      state.votedFor = from;
      state.dirtyHard = true;
    }
    resetElectionTimer(s);
  }
  sendDurable(s, from, { type: 'raft.vote-reply', term: state.term, granted });
}

/** Changes nothing here: no term, no vote, no timer (dissertation 9.6). */
export function onPreVote(s: Step, from: PeerId, message: RaftPreVote): void {
  const { state, config } = s;
  const couldVote =
    message.term > state.term ||
    (message.term === state.term &&
      (state.votedFor === from || (state.votedFor === null && state.leader === null)));
  const granted =
    couldVote &&
    (!config.rules.electionRestriction ||
      isUpToDate(state.log, message.lastLogIndex, message.lastLogTerm));
  const term = granted ? message.term : state.term;
  sendAfterTerm(s, from, { type: 'raft.pre-vote-reply', term, granted });
}

export function onVoteReply(s: Step, from: PeerId, message: RaftVoteReply): void {
  const { state } = s;
  if (state.role !== 'candidate' || message.term !== state.term) return;
  decide(s, record(s, from, message.granted));
}

export function onPreVoteReply(s: Step, from: PeerId, message: RaftPreVoteReply): void {
  const { state } = s;
  const asked = message.granted ? state.term + 1 : state.term;
  if (state.role !== 'pre-candidate' || message.term !== asked) return;
  decide(s, record(s, from, message.granted));
}

/** A grant stands for good; a refusal may be a late answer to an earlier candidacy. */
function record(s: Step, from: PeerId, granted: boolean): VoteResult {
  const { votes, conf } = s.state;
  const slot = conf.peers.indexOf(from);
  if (slot >= 0 && votes[slot] !== true) votes[slot] = granted;
  return quorumVote(conf, votes);
}

/**
 * Differs: on a majority of refusals the paper's candidate waits for its timeout; like etcd we
 * return to follower at once. The election timer keeps running, so nothing happens sooner.
 */
function decide(s: Step, result: VoteResult): void {
  if (result === 'won') {
    if (s.state.role === 'pre-candidate') startElection(s);
    else becomeLeader(s);
  } else if (result === 'lost') {
    setRole(s, 'follower');
  }
}
