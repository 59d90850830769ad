/**
 * One server of the explored cluster: its state in memory and on disk, as a value that can be
 * written as a text, renamed, and stripped of what cannot matter.
 */
import type {
  RaftEntry,
  RaftMembers,
  RaftSnapshot,
} from '../../../../../../src/sim/contracts/raft.ts';
import { configurationOf } from '../../../../../../src/sim/protocols/raft/configuration.ts';
import type { PersistEffect } from '../../../../../../src/sim/protocols/raft/effects.ts';
import type { RaftLog } from '../../../../../../src/sim/protocols/raft/log.ts';
import { cloneRaft, cloneRaftDisk } from '../../../../../../src/sim/protocols/raft/state.ts';
import type { RaftDisk, RaftState } from '../../../../../../src/sim/protocols/raft/state.ts';

export interface Node {
  readonly slot: number;
  readonly state: RaftState;
  readonly disk: RaftDisk;
  /** Handed to the disk and not complete, oldest first. */
  readonly writes: readonly PersistEffect[];
  /**
   * The log in memory and on disk, each entry as a text: `2a`, or `2-` for a no-op. Where a
   * snapshot has taken the place of entries, those that it was made of: that is its state here.
   */
  readonly log: readonly string[];
  readonly durable: readonly string[];
}

function spell({ term, command, members }: RaftEntry): string {
  return `${term}${String(command ?? '-')}${members === undefined ? '' : spellMembers(members)}`;
}

/** `<12>`, `<123|12>` for a joint configuration. */
function spellMembers({ voters, outgoing, learners, learnersNext }: RaftMembers): string {
  const rest = [outgoing, learners, learnersNext].map((ids) => ids.join(''));
  return `<${[voters.join(''), ...rest].join('|').replace(/\|+$/, '')}>`;
}

function wholeLog(log: RaftLog, snapshot: RaftSnapshot | null): string[] {
  const covered = (snapshot?.state ?? []) as readonly string[];
  return [...covered.slice(0, log.compactedIndex), ...log.toArray().map(spell)];
}

export function makeNode(
  slot: number,
  state: RaftState,
  disk: RaftDisk,
  writes: readonly PersistEffect[],
): Node {
  const log = wholeLog(state.log, state.snapshot);
  const durable = wholeLog(disk.log, disk.snapshot);
  return { slot, state, disk, writes, log, durable };
}

/** Equal for servers that behave alike from here on. */
export function nodeText({ slot, state, disk, writes, log, durable }: Node): string {
  const { role, term, votedFor, commitIndex, votes, match, next, probing, paused } = state;
  let office: unknown = null;
  if (role === 'leader') office = [match, next, probing, paused];
  if (role === 'candidate') office = votes;
  const pending = state.pending.map(({ ticket, lastIndex, sends }) => [
    writes.findIndex((write) => write.ticket === ticket),
    lastIndex,
    sends,
    ticket === state.voteTicket,
    ticket === state.hardTicket,
  ]);
  const disks = [disk.term, disk.votedFor, durable, state.durableIndex];
  const under = writes.map((w) => [w.term, w.votedFor, w.truncateFrom, w.entries.map(spell)]);
  const memory = [slot, role, term, votedFor, commitIndex, log];
  const more = moreOf(state, disk, writes);
  return JSON.stringify([memory, office, pending, disks, under, ...more]);
}

/** What is the same everywhere while no members change and nobody takes a snapshot. */
function moreOf(state: RaftState, disk: RaftDisk, writes: readonly PersistEffect[]): unknown[] {
  const { conf, configurations, snapshot, snapshots, log, role } = state;
  if (conf.index === 0 && snapshot === null) return [];
  const placed = configurations.map(({ index, members }) => [index, spellMembers(members)]);
  const installs = writes.map(({ install }) => install ?? null);
  const kept = [snapshot, log.compactedIndex, disk.snapshot, disk.log.compactedIndex, installs];
  return [conf.index, placed, kept, role === 'leader' ? snapshots : null];
}

/** What the server looks like when nobody has a name: equal for all its renamings. */
export function looksText({ slot, state, log }: Node): string {
  const rows = state.match.map((match, i) =>
    JSON.stringify([
      i === slot,
      state.votedFor === i,
      state.votes[i],
      match,
      state.next[i],
      state.probing[i],
      state.paused[i],
      state.snapshots[i],
    ]),
  );
  rows.sort();
  const { role, term, commitIndex, durableIndex, pending } = state;
  return JSON.stringify([role, term, commitIndex, durableIndex, log, pending.length, rows]);
}

/** The server that this one is when server i is called `to[i]`. */
export function renameNode({ slot, state, disk, writes }: Node, to: readonly number[]): Node {
  const copy = cloneRaft(state);
  const seat = <T>(row: readonly T[]): T[] => {
    const moved = row.slice();
    row.forEach((item, i) => (moved[to[i] as number] = item));
    return moved;
  };
  const who = (id: number | null): number | null => (id === null ? null : (to[id] as number));
  // All servers belong to the configuration, in the order of their numbers: only the self moves.
  copy.conf = configurationOf(
    to[slot] as number,
    state.conf.members,
    state.conf.index,
    state.conf.quorums,
  );
  copy.votedFor = who(state.votedFor);
  copy.votes = seat(state.votes);
  copy.match = seat(state.match);
  copy.next = seat(state.next);
  copy.probing = seat(state.probing);
  copy.paused = seat(state.paused);
  copy.snapshots = seat(state.snapshots);
  copy.pending = state.pending.map((write) => ({
    ...write,
    sends: write.sends.map((held) => ({ ...held, to: to[held.to] as number })),
  }));
  const renamedDisk = { ...cloneRaftDisk(disk), votedFor: who(disk.votedFor) };
  const renamedWrites = writes.map((write) => ({ ...write, votedFor: who(write.votedFor) }));
  return makeNode(to[slot] as number, copy, renamedDisk, renamedWrites);
}

/** Forgets what cannot matter: without it, equal behaviour would be counted twice. */
export function normalise(state: RaftState): void {
  // Only for redirecting clients, and for the refusals of a lease that is off here.
  state.leader = null;
  state.proposals = [];
  state.active.fill(false);
  // The windows never fill here, so what is in them decides nothing.
  for (const window of state.inflight) window.length = 0;
  if (state.role !== 'leader') {
    state.match.fill(0);
    state.next.fill(0);
    state.probing.fill(true);
    state.paused.fill(false);
    state.snapshots.fill(0);
  }
  state.snapshotAskedAt = 0;
  if (state.role !== 'candidate') state.votes.fill(null);
  // The network is a set: what is held back twice is held back once.
  for (const write of state.pending) {
    const texts = write.sends.map((held) => JSON.stringify(held));
    const unique = write.sends.filter((_, i) => texts.indexOf(texts[i] as string) === i);
    write.sends.splice(0, write.sends.length, ...unique);
  }
}
