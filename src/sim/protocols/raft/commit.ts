/**
 * The leader's log: how it grows and when an entry of it is committed.
 *
 * Keeps the commit rule (paper 5.4.2): counting replicas commits an entry of the leader's own
 * term only; earlier ones become committed with it. And LeaderAppendOnly: nothing here ever
 * deletes from the leader's log.
 */
import type { RaftCommand, RaftEntry, RaftMembers } from '../../contracts/raft.ts';
import { invariant } from '../../kernel/errors.ts';
import { isJoint, quorumIndex } from './configuration.ts';
import { commitTo, flush } from './context.ts';
import type { Step } from './context.ts';
import { leaveJoint } from './members-change.ts';
import { adopt, newestIndex } from './membership.ts';
import { releaseDeferredReads, releaseLogReads } from './reads.ts';
import { broadcastAppend } from './replication.ts';
import { becomeFollower } from './step-down.ts';

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
  const { state } = s;
  const { self } = state.conf;
  const held = heldBySelf(s);
  if (self < 0) {
    if (!s.config.rules.countSelfAfterRemoval) tellCommit(s);
    return;
  }
  if (held <= (state.match[self] as number)) return;
  state.match[self] = held;
  tellCommit(s);
}

function heldBySelf({ state, config }: Step): number {
  return config.rules.persistBeforeReply ? state.durableIndex : state.log.lastIndex;
}

/** Moves the commit index as far as the replicas allow, and everything that hangs on it. */
export function tellCommit(s: Step): boolean {
  if (!advanceCommit(s)) return false;
  announceCommit(s);
  if (!s.state.conf.simple || !s.state.conf.votes) onConfigurationCommitted(s);
  return true;
}

function advanceCommit(s: Step): boolean {
  const { state } = s;
  const index = replicatedTo(s);
  if (index <= state.commitIndex) return false;
  if (s.config.rules.currentTermCommit && state.log.term(index) !== state.term) return false;
  commitTo(s, Math.min(index, state.log.lastIndex));
  const { proposals } = state;
  let done = 0;
  while (done < proposals.length && (proposals[done]?.index as number) <= index) done += 1;
  if (done > 0) proposals.splice(0, done);
  releaseDeferredReads(s);
  if (state.logReads.length > 0) releaseLogReads(s);
  return true;
}

function replicatedTo(s: Step): number {
  const { conf, match } = s.state;
  if (conf.votes || s.config.rules.countSelfAfterRemoval) return quorumIndex(conf, match);
  // With the rule off, the copy of a leader without a vote stands for that of the slowest voter.
  const counted = match.slice();
  let slowest = conf.incoming[0] as number;
  for (const slot of conf.incoming) {
    if ((counted[slot] as number) < (counted[slowest] as number)) slowest = slot;
  }
  counted[slowest] = Math.max(counted[slowest] as number, heldBySelf(s));
  return quorumIndex(conf, counted);
}

/**
 * Differs: the paper lets followers learn of a commit from whatever append comes next. Like etcd
 * we tell them at once, with an empty append where there is nothing else to send, unless
 * `eagerCommit` is off.
 */
function announceCommit(s: Step): void {
  broadcastAppend(s, s.config.eagerCommit);
}

/**
 * A joint configuration that ends by itself ends now; a leader that has no vote any more has
 * nothing left to do (paper 6: it steps down once it has committed the new configuration).
 */
function onConfigurationCommitted(s: Step): void {
  const { state } = s;
  const { conf } = state;
  if (state.role !== 'leader' || newestIndex(state) > state.commitIndex) return;
  if (isJoint(conf.members)) {
    if (!conf.members.autoLeave) return;
    const after = leaveJoint(conf.members);
    invariant(typeof after !== 'string', 'a joint configuration can end');
    append(s, null, after);
    if (!s.config.rules.persistBeforeReply) countOwnLog(s);
    broadcastAppend(s, false);
  } else if (!conf.votes) {
    becomeFollower(s, state.term, null);
  }
}
