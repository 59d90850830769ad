/**
 * Log compaction: the state machine in place of the entries that made it (paper 7; dissertation
 * chapter 5).
 *
 * Keeps: a snapshot covers applied entries only; it is on disk before, or together with, the
 * disappearance of what it covers; a follower takes one only if it says more than what the
 * follower has committed itself.
 *
 * Differs: entries that cover the last `trailingEntries` stay in the log for followers that are a
 * little behind (hashicorp/raft TrailingLogs); a snapshot is sent in one piece, and again when the
 * follower is alive but did not move for `snapshotResendMicros`, where etcd's transport reports.
 */
import type {
  PeerId,
  RaftCommand,
  RaftInstallSnapshot,
  RaftSnapshot,
} from '../../contracts/raft.ts';
import { InvariantError, invariant } from '../../kernel/errors.ts';
import { commitTo, flush, send } from './context.ts';
import type { Step } from './context.ts';
import { forgetBefore, membersAt, startFrom } from './membership.ts';
import { toProbing, toSnapshot } from './progress.ts';

/** The host's answer to `take-snapshot`: what the state machine was after `index`. */
export function onSnapshotTaken(s: Step, index: number, machine: RaftCommand | null): void {
  const { state, config } = s;
  // A newer one came from the leader meanwhile.
  if (state.snapshot !== null && index <= state.snapshot.index) return;
  invariant(index <= state.lastApplied, 'a snapshot holds applied entries only');
  const { log } = state;
  const term = log.term(index);
  invariant(term >= 0, 'the last entry of a snapshot is still in the log');
  const members = membersAt(state.configurations, index);
  state.snapshot = Object.freeze({ index, term, members, state: machine });
  const compacted = Math.max(index - config.trailingEntries, log.compactedIndex);
  log.compactTo(compacted, log.term(compacted));
  forgetBefore(s, index);
  state.dirtySnapshot = true;
  s.out.push({ type: 'compacted', upTo: compacted });
}

/** The follower's next entry is gone from the log: it gets the state instead. */
export function sendSnapshot(s: Step, slot: number): void {
  const { state } = s;
  const { snapshot } = state;
  if (snapshot === null) throw new InvariantError('a compacted log has a snapshot');
  toSnapshot(state, slot, snapshot.index, s.now);
  send(s, state.conf.peers[slot] as PeerId, {
    type: 'raft.install-snapshot',
    term: state.term,
    snapshot,
    round: state.round,
  });
}

/** The follower lives but has not moved: the snapshot, or the answer to it, may be lost. */
export function giveUpLostSnapshot(s: Step, slot: number): void {
  const sentAt = s.state.snapshotsSentAt[slot] as number;
  if (s.now - sentAt >= s.config.snapshotResendMicros) toProbing(s.state, slot);
}

/** Takes what the follower does not have yet; the caller answers with the commit index. */
export function install(s: Step, { snapshot }: RaftInstallSnapshot): void {
  const { state } = s;
  if (snapshot.index <= state.commitIndex) return;
  // The entries are here and match: nothing is missing but the knowledge that they are committed.
  if (state.log.term(snapshot.index) === snapshot.term) commitTo(s, snapshot.index);
  else replaceLog(s, snapshot);
}

/** The snapshot instead of all that this server has. */
export function replaceLog(s: Step, snapshot: RaftSnapshot): void {
  const { state } = s;
  const { index, members } = snapshot;
  // Whatever is on disk, or under way there, above the old commit is not part of this log.
  const kept = Math.min(state.commitIndex, state.log.lastIndex);
  if (state.durableIndex > kept) state.durableIndex = kept;
  for (const write of state.pending) if (write.lastIndex > kept) write.lastIndex = kept;
  state.log.compactTo(index, snapshot.term);
  state.snapshot = snapshot;
  state.snapshotAskedAt = index;
  state.commitIndex = index;
  state.lastApplied = index;
  state.dirtySnapshot = true;
  s.out.push({ type: 'restore-snapshot', snapshot });
  startFrom(s, { index, members });
  flush(s);
}
