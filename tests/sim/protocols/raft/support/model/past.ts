/**
 * What an explored cluster must remember to be judged: elections and commits. The invariants are
 * stated here over one transition and that past; those over a single state are in the model.
 */
import type { RaftMembers } from '../../../../../../src/sim/contracts/raft.ts';
import type { Node } from './node.ts';

export interface Election {
  readonly term: number;
  readonly slot: number;
  readonly log: readonly string[];
}

export interface Commit {
  readonly entry: string;
  /** The term of the leader that committed it first. */
  readonly inTerm: number;
}

export interface Past {
  readonly elections: readonly Election[];
  /** By index, from 1 on. */
  readonly commits: readonly Commit[];
  /** Who counted for the newest of them; null: those of the start. */
  readonly members: RaftMembers | null;
  /** The first fault of the way here, `Invariant: why`. */
  readonly fault: string | null;
}

export const NOTHING_YET: Past = {
  elections: [],
  commits: [],
  members: null,
  fault: null,
};

/** Whether a step from `a` to `b` leaves every past as it is: no election, no commit, no fault. */
export function isQuiet(
  a: Node,
  b: Node,
  restarted: boolean,
  checks: (fault: string) => boolean,
): boolean {
  const leads = b.state.role === 'leader';
  const led = a.state.role === 'leader' && a.state.term === b.state.term;
  if (leads && !led) return false;
  if (b.state.commitIndex > (restarted ? 0 : a.state.commitIndex)) return false;
  const fault = transitionFault(a, b, restarted, false);
  return fault === null || !checks(fault);
}

/** The past after a server went from `a` to `b`; the same object when nothing is to be noted. */
export function remember(
  past: Past,
  a: Node,
  b: Node,
  restarted: boolean,
  checks: (fault: string) => boolean,
): Past {
  const leads = b.state.role === 'leader';
  const led = a.state.role === 'leader' && a.state.term === b.state.term;
  const commits = b.state.commitIndex > (restarted ? 0 : a.state.commitIndex);
  // A leader that commits its own removal leads no more.
  const counts = leads || led;
  let { elections, commits: committed, members } = past;
  const faults = [transitionFault(a, b, restarted, commits && counts)];
  if (leads && !led) {
    const won = { term: b.state.term, slot: b.slot, log: b.log };
    faults.push(rivalFault(past, won), completeFault(committed, won));
    elections = [...elections, won].sort((x, y) => x.term - y.term || x.slot - y.slot);
  }
  if (commits) {
    faults.push(applyFault(b, committed, counts));
    if (counts && b.state.commitIndex > committed.length) {
      const { conf } = b.state;
      members = conf.index === 0 ? null : conf.members;
      const inTerm = b.state.term;
      const news = b.log.slice(committed.length, b.state.commitIndex);
      committed = [...committed, ...news.map((entry) => ({ entry, inTerm }))];
      for (const won of elections) faults.push(completeFault(committed, won));
    }
  }
  const fault = faults.find((each) => each !== null && checks(each)) ?? null;
  const same = elections === past.elections && committed === past.commits && fault === null;
  return same ? past : { elections, commits: committed, members, fault };
}

function transitionFault(a: Node, b: Node, restarted: boolean, counted: boolean): string | null {
  if (b.state.term < a.state.term && !restarted) {
    return `TermMonotonic: n${b.slot} went back to term ${b.state.term}`;
  }
  const bothLead = a.state.role === 'leader' && b.state.role === 'leader';
  if (bothLead && a.state.term === b.state.term && a.log.some((entry, i) => entry !== b.log[i])) {
    return `LeaderAppendOnly: n${b.slot} changed its own log`;
  }
  if (counted && b.state.log.term(b.state.commitIndex) !== b.state.term) {
    return `CommitRule: n${b.slot} counted replicas of an entry of an earlier term`;
  }
  return null;
}

function rivalFault({ elections }: Past, won: Election): string | null {
  const rival = elections.find((each) => each.term === won.term && each.slot !== won.slot);
  if (rival === undefined) return null;
  return `ElectionSafety: n${rival.slot} and n${won.slot} were elected in term ${won.term}`;
}

function completeFault(commits: readonly Commit[], won: Election): string | null {
  const missing = commits.findIndex((c, i) => c.inTerm < won.term && won.log[i] !== c.entry);
  if (missing < 0) return null;
  const entry = commits[missing]?.entry ?? '';
  const why = `n${won.slot} was elected in term ${won.term} without ${entry} at ${missing + 1}`;
  return `LeaderCompleteness: ${why}`;
}

function applyFault(b: Node, commits: readonly Commit[], leads: boolean): string | null {
  const { commitIndex } = b.state;
  for (let i = 0; i < commitIndex; i += 1) {
    const known = commits[i];
    if (known === undefined && leads) return null;
    if (known?.entry === b.log[i]) continue;
    const where = `n${b.slot} applied ${b.log[i] ?? 'nothing'} at ${i + 1}`;
    return `StateMachineSafety: ${where}, the group ${known?.entry ?? 'nothing yet'}`;
  }
  return null;
}

/**
 * The newest committed entry must be on the disks, and in the logs, of a majority of those who
 * counted for it; of both majorities, where that was a joint configuration.
 */
export function durableFault(
  { commits, members }: Past,
  nodes: readonly Node[],
  atFirst: RaftMembers,
): string | null {
  const index = commits.length;
  if (index === 0) return null;
  const entry = commits[index - 1]?.entry;
  const { voters, outgoing } = members ?? atFirst;
  for (const half of [voters, outgoing]) {
    const held = nodes.filter(({ slot, durable, log }) => {
      return half.includes(slot) && durable[index - 1] === entry && log[index - 1] === entry;
    });
    const { replication } = (nodes[0] as Node).state.conf.quorums;
    const needed = replication === 0 ? Math.floor(half.length / 2) + 1 : replication;
    if (half.length === 0 || held.length >= needed) continue;
    return `CommittedIsDurable: ${entry} at ${index} is on ${held.length} disks`;
  }
  return null;
}

export function matchingFault(nodes: readonly Node[]): string | null {
  for (const a of nodes) {
    for (const b of nodes) {
      if (b.slot <= a.slot) continue;
      let agree = true;
      for (let i = 0; i < Math.min(a.log.length, b.log.length); i += 1) {
        agree &&= a.log[i] === b.log[i];
        if (agree || a.state.log.term(i + 1) !== b.state.log.term(i + 1)) continue;
        return `LogMatching: n${a.slot} and n${b.slot} agree at ${i + 1}, not before`;
      }
    }
  }
  return null;
}
