/**
 * The leader's log: how it grows and when an entry of it is committed.
 *
 * Keeps the commit rule (paper 5.4.2): counting replicas commits an entry of the leader's own
 * term only; earlier ones become committed with it. And LeaderAppendOnly: nothing here ever
 * deletes from the leader's log.
 */
import type { RaftCommand, RaftEntry, RaftMembers } from '../../contracts/raft.ts';
import { quorumIndex } from './configuration.ts';
import { commitTo, flush } from './context.ts';
import type { Step } from './context.ts';
import { adopt } from './membership.ts';
import { releaseDeferredReads } from './reads.ts';
import { broadcastAppend } from './replication.ts';

export function append(
  s: Step,
  command: RaftCommand | null,
  members: RaftMembers | null = null,
): number {
  const { log, term } = s.state;
  const index = log.lastIndex + 1;
  const entry: RaftEntry =
    members === null ? { term, index, command } : { term, index, command, members };
  log.append(entry);
  s.out.push({ type: 'appended', fromIndex: index, toIndex: index });
  if (s.state.dirtyFrom === 0) s.state.dirtyFrom = index;
  if (members !== null) adopt(s, index, members);
  flush(s);
  return index;
}

/** The leader counts its own copy only as far as it is on disk (dissertation 10.2.1). */
export function countOwnLog(s: Step): void {
  const { state, config } = s;
  const held = config.rules.persistBeforeReply ? state.durableIndex : state.log.lastIndex;
  const { self } = state.conf;
  if (self < 0 || held <= (state.match[self] as number)) return;
  state.match[self] = held;
  if (advanceCommit(s)) announceCommit(s);
}

export function advanceCommit(s: Step): boolean {
  const { state } = s;
  const index = quorumIndex(state.conf, state.match);
  if (index <= state.commitIndex) return false;
  if (s.config.rules.currentTermCommit && state.log.term(index) !== state.term) return false;
  commitTo(s, Math.min(index, state.log.lastIndex));
  const { proposals } = state;
  let done = 0;
  while (done < proposals.length && (proposals[done]?.index as number) <= index) done += 1;
  if (done > 0) proposals.splice(0, done);
  releaseDeferredReads(s);
  return true;
}

/**
 * Differs: the paper lets followers learn of a commit from whatever append comes next. Like etcd
 * we tell them at once, with an empty append where there is nothing else to send, unless
 * `eagerCommit` is off.
 */
export function announceCommit(s: Step): void {
  broadcastAppend(s, s.config.eagerCommit);
}
