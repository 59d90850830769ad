/**
 * The configuration that a server uses: always the newest one in its log, committed or not, and
 * the one before it when the newest is deleted again (paper 6; dissertation 4.1).
 *
 * With that rule off, a server goes on by the old one until it knows the newest to be committed.
 */
import type { RaftMembers } from '../../contracts/raft.ts';
import type { RaftConfig } from './config.ts';
import { configurationOf } from './configuration.ts';
import type { PlacedMembers } from './configuration.ts';
import type { RaftEffect } from './effects.ts';
import { moveProgress } from './progress.ts';
import type { RaftState } from './state.ts';

/** Of a step, what the members concern. */
interface Place {
  readonly config: RaftConfig;
  readonly state: RaftState;
  readonly out: RaftEffect[];
}

/** An entry with a configuration was appended: it counts from now on. */
export function adopt(s: Place, index: number, members: RaftMembers): void {
  s.state.configurations.push({ index, members });
  if (s.config.rules.configurationAtAppend) use(s, index, members);
}

/** Where a configuration counts only once it is committed: those up to there count from now on. */
export function adoptCommitted(s: Place): void {
  const { configurations, commitIndex } = s.state;
  for (const { index, members } of configurations.slice()) {
    if (index > s.state.conf.index && index <= commitIndex) use(s, index, members);
  }
}

/** The index of the newest configuration in the log, in force or not. */
export function newestIndex({ configurations }: RaftState): number {
  return (configurations[configurations.length - 1] as PlacedMembers).index;
}

/** Entries from `from` on are deleted: what was in force before them is in force again. */
export function revert(s: Place, from: number): void {
  const { configurations, conf } = s.state;
  while (configurations.length > 1) {
    if ((configurations[configurations.length - 1] as PlacedMembers).index < from) break;
    configurations.pop();
  }
  if (conf.index < from) return;
  const last = configurations[configurations.length - 1] as PlacedMembers;
  use(s, last.index, last.members);
}

/** A snapshot took the place of the log. */
export function startFrom(s: Place, placed: PlacedMembers): void {
  s.state.configurations = [placed];
  use(s, placed.index, placed.members);
}

/** The configuration that counted at `index`. */
export function membersAt(configurations: readonly PlacedMembers[], index: number): RaftMembers {
  let at = configurations.length - 1;
  while (at > 0 && (configurations[at] as PlacedMembers).index > index) at -= 1;
  return (configurations[at] as PlacedMembers).members;
}

/** Forgets the configurations that no deletion can bring back. */
export function forgetBefore(s: Place, index: number): void {
  const { configurations } = s.state;
  let old = 0;
  while (old + 1 < configurations.length) {
    if ((configurations[old + 1] as PlacedMembers).index > index) break;
    old += 1;
  }
  if (old > 0) configurations.splice(0, old);
}

function use(s: Place, index: number, members: RaftMembers): void {
  const { state, config } = s;
  const before = state.conf.peers;
  state.conf = configurationOf(config.id, members, index, config.quorums);
  // A new member is first sent the entry that makes it one.
  moveProgress(state, before, state.conf.peers, Math.max(1, state.log.lastIndex));
  s.out.push({ type: 'configuration', index, members });
}
