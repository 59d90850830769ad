/**
 * The receiving end of replication: appends, snapshots and heartbeats.
 *
 * Keeps LogMatching: an append is taken only where the preceding entry agrees, and an entry is
 * deleted only because it conflicts with one of the leader's (paper 5.3, figure 2).
 */
import type {
  PeerId,
  RaftAppend,
  RaftEntry,
  RaftHeartbeat,
  RaftInstallSnapshot,
} from '../../contracts/raft.ts';
import { commitTo, resetElectionTimer, sendAfterTerm, sendDurable } from './context.ts';
import type { Step } from './context.ts';
import { adopt, revert } from './membership.ts';
import { releaseAskedReads } from './reads.ts';
import { install, replaceLog } from './snapshot.ts';
import { becomeFollower } from './step-down.ts';

/** False when the sender is no leader that this server may follow. */
function follow(s: Step, from: PeerId): boolean {
  const { state } = s;
  // Two leaders in one term: possible only where a rule is off. Neither follows the other.
  if (state.role === 'leader') return false;
  if (state.role !== 'follower') becomeFollower(s, state.term, from);
  state.leader = from;
  state.heardAtMicros = s.now;
  resetElectionTimer(s);
  return true;
}

export function onAppend(s: Step, from: PeerId, message: RaftAppend): void {
  const { state } = s;
  if (message.term < state.term) {
    // Index 0: should the sender lead this term by now, it is no refusal of what it sends today.
    refuse(s, from, 0, 0, 0, message.round);
    return;
  }
  if (!follow(s, from)) return;
  const { log } = state;
  const { prevLogTerm } = message;
  let { prevLogIndex, entries } = message;
  const behind = Math.min(log.compactedIndex, state.commitIndex) - prevLogIndex;
  if (behind > 0) {
    // A late append: what the snapshot covers is committed, so it agrees with any leader's log.
    entries = entries.slice(behind);
    prevLogIndex += behind;
  }
  const matches = behind > 0 || agrees(s, prevLogIndex, prevLogTerm);
  if (!matches) {
    const hint = log.lastNotAbove(Math.min(prevLogIndex, log.lastIndex), prevLogTerm);
    refuse(s, from, prevLogIndex, hint.index, hint.term, message.round);
    return;
  }
  if (!store(s, prevLogIndex, entries)) return;
  const lastNew = prevLogIndex + entries.length;
  learnCommit(s, message.commit, lastNew);
  sendDurable(s, from, {
    type: 'raft.append-reply',
    term: state.term,
    success: true,
    index: lastNew,
    hintIndex: 0,
    hintTerm: 0,
    round: message.round,
  });
}

function agrees(s: Step, prevLogIndex: number, prevLogTerm: number): boolean {
  const { log } = s.state;
  if (!s.config.rules.logMatchingCheck) return prevLogIndex <= log.lastIndex;
  return log.term(prevLogIndex) === prevLogTerm;
}

function refuse(
  s: Step,
  from: PeerId,
  index: number,
  hintIndex: number,
  hintTerm: number,
  round: number,
): void {
  const { term } = s.state;
  const success = false;
  const type = 'raft.append-reply';
  sendAfterTerm(s, from, { type, term, success, index, hintIndex, hintTerm, round });
}

/**
 * Takes the entries that follow `prevLogIndex`. False when that would overwrite an entry known to
 * be committed. Only a disk that lies can lead to that in an unmodified Raft: the follower then
 * keeps what it has and falls silent, where etcd panics. With a rule off it obeys, so that the
 * damage shows.
 */
function store(s: Step, prevLogIndex: number, entries: readonly RaftEntry[]): boolean {
  const { state, config } = s;
  const { log } = state;
  const { rules } = config;
  let skip = 0;
  while (skip < entries.length) {
    const index = prevLogIndex + 1 + skip;
    if (index > log.lastIndex) break;
    const conflict = log.term(index) !== (entries[skip] as RaftEntry).term;
    if (conflict && rules.truncateConflictingSuffix) break;
    skip += 1;
  }
  const from = prevLogIndex + 1 + skip;
  if (skip < entries.length && from <= log.lastIndex) {
    if (from <= state.commitIndex && rules.unmodified) return false;
    truncate(s, from);
  } else if (!rules.truncateOnlyOnConflict && prevLogIndex + entries.length < log.lastIndex) {
    truncate(s, prevLogIndex + entries.length + 1);
  }
  if (skip === entries.length) return true;
  for (let i = skip; i < entries.length; i += 1) log.append(entries[i] as RaftEntry);
  if (state.dirtyFrom === 0 || from < state.dirtyFrom) state.dirtyFrom = from;
  s.out.push({ type: 'appended', fromIndex: from, toIndex: log.lastIndex });
  for (let i = skip; i < entries.length; i += 1) {
    const { index, members } = entries[i] as RaftEntry;
    if (members !== undefined) adopt(s, index, members);
  }
  return true;
}

function truncate(s: Step, from: number): void {
  const { state } = s;
  state.log.truncateFrom(from);
  state.dirtyTruncate = from;
  // Writes under way no longer make these indexes durable, even if they complete later: what will
  // stand there has another term.
  if (state.durableIndex >= from) state.durableIndex = from - 1;
  for (const write of state.pending) if (write.lastIndex >= from) write.lastIndex = from - 1;
  s.out.push({ type: 'truncated', fromIndex: from });
  revert(s, from);
}

function learnCommit(s: Step, commit: number, lastNew: number): void {
  const { state, config } = s;
  const known = config.rules.commitMinLastNew ? lastNew : state.log.lastIndex;
  const index = Math.min(commit, known, state.log.lastIndex);
  if (index <= state.commitIndex) return;
  commitTo(s, index);
  if (state.asked.length > 0) releaseAskedReads(s);
}

export function onInstallSnapshot(s: Step, from: PeerId, message: RaftInstallSnapshot): void {
  const { state } = s;
  if (message.term < state.term) {
    refuse(s, from, 0, 0, 0, message.round);
    return;
  }
  if (!follow(s, from)) return;
  const { index } = message.snapshot;
  if (!s.config.rules.snapshotKeepsLog && index >= state.log.compactedIndex) {
    if (index < state.log.lastIndex) truncate(s, index + 1);
    replaceLog(s, message.snapshot);
  } else install(s, message);
  if (state.asked.length > 0) releaseAskedReads(s);
  sendDurable(s, from, {
    type: 'raft.append-reply',
    term: state.term,
    success: true,
    index: state.commitIndex,
    hintIndex: 0,
    hintTerm: 0,
    round: message.round,
  });
}

export function onHeartbeat(s: Step, from: PeerId, message: RaftHeartbeat): void {
  const { state } = s;
  if (message.term >= state.term) {
    if (!follow(s, from)) return;
    // The leader has already bounded it by what it knows this follower to hold.
    learnCommit(s, message.commit, state.log.lastIndex);
  }
  sendAfterTerm(s, from, {
    type: 'raft.heartbeat-reply',
    term: state.term,
    round: message.round,
  });
}
