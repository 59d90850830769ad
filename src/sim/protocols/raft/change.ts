/**
 * The leader's part in a membership change: whether one may start now, and new voters that learn
 * first.
 *
 * Keeps: at most one change is uncommitted, and none starts before the leader has committed an
 * entry of its own term. Without the second a leader could start from a configuration that another
 * one is about to replace, and two of them would decide by majorities that do not meet (Ongaro,
 * "bug in single-server membership changes", 2015).
 */
import type { PeerId, RaftMembers } from '../../contracts/raft.ts';
import { append, countOwnLog, tellCommit } from './commit.ts';
import { isJoint } from './configuration.ts';
import type { Step } from './context.ts';
import type { ChangeRefusal } from './effects.ts';
import { changed } from './members-change.ts';
import type { ChangeResult, MembersChange } from './members-change.ts';
import { newestIndex } from './membership.ts';
import { broadcastAppend } from './replication.ts';

export function onChangeMembers(s: Step, change: MembersChange, tag: number): void {
  const { state, config } = s;
  const barred = barredNow(s);
  if (barred !== null) return refuse(s, tag, barred);
  if (isOfVoters(s, change)) {
    return refuse(s, tag, 'not-possible', 'quorums of set sizes are for the voters that there are');
  }
  const learner = change.catchUp === true ? newVoter(s, change) : null;
  if (learner !== null) return startCatchUp(s, learner, tag);
  const after = changed(state.conf.members, change, config.rules.jointConsensus);
  if (typeof after === 'string') return refuse(s, tag, 'not-possible', after);
  start(s, after, tag);
}

/** Majorities before and after a change meet; quorums of set sizes need not. */
function isOfVoters({ state, config }: Step, { changes }: MembersChange): boolean {
  const { election, replication } = config.quorums;
  if (election + replication === 0) return false;
  const { voters } = state.conf.members;
  return changes.some(({ type, peer }) => type === 'add-voter' || voters.includes(peer));
}

function refuse(s: Step, tag: number, reason: ChangeRefusal, why = ''): void {
  s.out.push({ type: 'change-refused', tag, reason, why, leader: s.state.leader });
}

/** Why no change may start now. */
function barredNow(s: Step): ChangeRefusal | null {
  const { state } = s;
  const { rules } = s.config;
  if (state.role !== 'leader') return 'not-leader';
  if (state.transferTo !== null) return 'transferring';
  if (state.catchUp !== null) return 'catching-up';
  if (rules.ownTermCommitBeforeChange && state.log.term(state.commitIndex) !== state.term) {
    return 'no-commit-in-this-term';
  }
  const pending = newestIndex(state) > state.commitIndex;
  return rules.oneChangeAtATime && pending ? 'another-is-pending' : null;
}

/** Appends the configuration, which counts from then on, this entry included. */
function start(s: Step, members: RaftMembers, tag: number | null): void {
  const { state } = s;
  const index = append(s, null, members);
  if (tag !== null) {
    state.proposals.push({ tag, index });
    s.out.push({ type: 'propose-accepted', tag, index, term: state.term });
  }
  if (!s.config.rules.persistBeforeReply) countOwnLog(s);
  broadcastAppend(s, false);
  // Fewer voters may have what is needed already.
  tellCommit(s);
}

/** The one server that the change makes a voter and that has no vote yet. */
function newVoter(s: Step, { changes }: MembersChange): PeerId | null {
  const { members } = s.state.conf;
  const [change] = changes;
  if (change?.type !== 'add-voter' || changes.length > 1 || isJoint(members)) return null;
  return members.voters.includes(change.peer) ? null : change.peer;
}

function startCatchUp(s: Step, peer: PeerId, tag: number): void {
  const { state } = s;
  const learn: MembersChange = { transition: 'auto', changes: [{ type: 'add-learner', peer }] };
  const isNew = !state.conf.members.learners.includes(peer);
  const after: ChangeResult = isNew ? changed(state.conf.members, learn, true) : state.conf.members;
  if (typeof after === 'string') return refuse(s, tag, 'not-possible', after);
  if (isNew) start(s, after, null);
  const target = state.log.lastIndex;
  state.catchUp = { peer, tag, round: 1, target, startedAt: s.now };
}

/**
 * A round is everything that the leader had when it began. When one takes less than an election
 * timeout, the new server is close enough to vote; after `catchUpRounds` it is given up.
 */
export function checkCatchUp(s: Step): void {
  const { state, config } = s;
  const { catchUp } = state;
  if (catchUp === null || state.role !== 'leader') return;
  const { peer, tag, round, target, startedAt } = catchUp;
  const slot = state.conf.peers.indexOf(peer);
  if ((state.match[slot] ?? 0) < target || state.conf.index > state.commitIndex) return;
  if (s.now - startedAt < config.electionTimeoutMinMicros) {
    state.catchUp = null;
    onChangeMembers(s, { transition: 'auto', changes: [{ type: 'add-voter', peer }] }, tag);
  } else if (round >= config.catchUpRounds) {
    state.catchUp = null;
    refuse(s, tag, 'too-slow');
  } else {
    const next = { round: round + 1, target: state.log.lastIndex, startedAt: s.now };
    state.catchUp = { peer, tag, ...next };
  }
}
