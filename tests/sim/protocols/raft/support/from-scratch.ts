/**
 * The safety invariants of Raft over the whole recorded past of a cluster, without cleverness.
 *
 * It shares nothing with the incremental version: it sees snapshots of servers and disks after
 * every step, derives elections, commits and applications from them, and compares everything with
 * everything. Definitions: Raft paper figure 3, dissertation figure 3.2, etcd's TLA+ properties.
 */
import type { RaftEntry, RaftMembers, RaftMessage } from '../../../../../src/sim/contracts/raft.ts';
import type { RaftInvariantName } from '../../../../../src/sim/protocols/raft/invariant-list.ts';
import type { RaftState } from '../../../../../src/sim/protocols/raft/state.ts';
import { machineOf } from './cluster.ts';
import type { Server } from './cluster.ts';

interface Snapshot {
  readonly up: boolean;
  readonly role: string;
  readonly term: number;
  readonly commitIndex: number;
  readonly log: readonly RaftEntry[];
  readonly disk: readonly RaftEntry[];
  readonly compacted: number;
  readonly members: RaftMembers | null;
}

export interface Moment {
  readonly kind: 'step' | 'crash' | 'restart';
  readonly node: number;
  readonly snapshot: Snapshot;
  readonly sent: readonly { readonly to: number; readonly message: RaftMessage }[];
}

export function takeMoment(
  kind: Moment['kind'],
  node: number,
  server: Server,
  sent: Moment['sent'],
): Moment {
  const { state, disk } = server;
  return {
    kind,
    node,
    sent,
    snapshot: {
      up: state !== null,
      role: state?.role ?? 'down',
      term: state?.term ?? 0,
      commitIndex: state?.commitIndex ?? 0,
      log: state === null ? [] : wholeLog(state),
      disk: wholeLog(disk),
      members: state?.conf.members ?? null,
      compacted: state?.log.compactedIndex ?? 0,
    },
  };
}

/** A log with what a snapshot took the place of, as the state machine in that snapshot tells it. */
function wholeLog({ log, snapshot }: Pick<RaftState, 'log' | 'snapshot'>): readonly RaftEntry[] {
  return [...machineOf(snapshot).slice(0, log.compactedIndex), ...log.toArray()];
}

const same = (a: RaftEntry | undefined, b: RaftEntry | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.term === b.term &&
  a.command === b.command &&
  JSON.stringify(a.members) === JSON.stringify(b.members);

interface Past {
  readonly elections: { term: number; leader: number; log: readonly RaftEntry[] }[];
  readonly commits: { inTerm: number; entry: RaftEntry; members: readonly RaftMembers[] }[];
  readonly applied: { by: number; entry: RaftEntry }[];
  readonly votes: { node: number; term: number; candidate: number }[];
  readonly said: { node: number; term: number }[];
  readonly logs: Map<string, readonly RaftEntry[]>;
}

/** The names of the invariants that the past violates, sorted. */
export function violatedFromScratch(moments: readonly Moment[]): RaftInvariantName[] {
  const found = new Set<RaftInvariantName>();
  const past: Past = {
    elections: [],
    commits: [],
    applied: [],
    votes: [],
    said: [],
    logs: new Map(),
  };
  const world = new Map<number, Snapshot>();
  for (const moment of moments) {
    const before = world.get(moment.node);
    world.set(moment.node, moment.snapshot);
    if (moment.kind !== 'crash') {
      checkTransition(moment, before, past, found);
      remember(moment, before, past, found);
    }
    checkDurable(world, past, found);
  }
  checkPast(past, found);
  return [...found].sort();
}

function checkTransition(
  { kind, node, snapshot }: Moment,
  before: Snapshot | undefined,
  past: Past,
  found: Set<RaftInvariantName>,
): void {
  if (kind === 'restart') {
    for (const said of past.said) {
      if (said.node === node && said.term > snapshot.term) found.add('TermMonotonic');
    }
  } else if (before !== undefined && before.up) {
    if (snapshot.term < before.term) found.add('TermMonotonic');
    if (snapshot.commitIndex < before.commitIndex) found.add('CommitMonotonic');
    const led = before.role === 'leader' && snapshot.role === 'leader';
    if (led && before.term === snapshot.term) {
      if (before.log.some((entry, i) => !same(entry, snapshot.log[i]))) {
        found.add('LeaderAppendOnly');
      }
    }
  }
  snapshot.log.forEach((entry, i) => {
    const previous = snapshot.log[i - 1];
    if (entry.term > snapshot.term) found.add('TermsInLog');
    if (previous !== undefined && previous.term > entry.term) found.add('TermsInLog');
  });
}

function remember(
  { kind, node, snapshot, sent }: Moment,
  before: Snapshot | undefined,
  past: Past,
  found: Set<RaftInvariantName>,
): void {
  for (const { to, message } of sent) {
    const { type, term } = message;
    if (type === 'raft.pre-vote' || type === 'raft.pre-vote-reply') continue;
    past.said.push({ node, term });
    if (type === 'raft.vote') past.votes.push({ node, term, candidate: node });
    if (type === 'raft.vote-reply' && message.granted)
      past.votes.push({ node, term, candidate: to });
  }
  const { role, term, log, commitIndex } = snapshot;
  past.logs.set(log.map((entry) => `${entry.term}:${String(entry.command)}`).join(' '), log);
  const wasLeader = before?.role === 'leader' && before.term === term && kind === 'step';
  if (role === 'leader' && !wasLeader) {
    // The log that won: without what the new leader appended in its own term.
    past.elections.push({ term, leader: node, log: log.filter((entry) => entry.term !== term) });
  }
  const from = kind === 'restart' ? 0 : (before?.commitIndex ?? 0);
  if (snapshot.compacted > commitIndex) found.add('SnapshotIsCommitted');
  for (let index = from + 1; index <= commitIndex; index += 1) {
    past.applied.push({ by: node, entry: log[index - 1] as RaftEntry });
  }
  if ((role === 'leader' || wasLeader) && commitIndex > from) {
    if (log[commitIndex - 1]?.term !== term) found.add('CommitRule');
    // A step that commits may change the configuration before or after: one of the two counted.
    const members = [before?.members, snapshot.members].filter(
      (each) => each !== null && each !== undefined,
    );
    for (const entry of log.slice(0, commitIndex)) {
      past.commits.push({ inTerm: term, entry, members });
    }
  }
}

function checkDurable(
  world: ReadonlyMap<number, Snapshot>,
  past: Past,
  found: Set<RaftInvariantName>,
): void {
  for (const { entry, members } of past.commits) {
    const holds = (id: number): boolean => {
      const s = world.get(id);
      if (s === undefined || !same(s.disk[entry.index - 1], entry)) return false;
      return !s.up || same(s.log[entry.index - 1], entry);
    };
    const decided = (voters: readonly number[]): boolean =>
      voters.filter(holds).length >= Math.floor(voters.length / 2) + 1;
    const enough = members.some(({ voters, outgoing }) => {
      return decided(voters) && (outgoing.length === 0 || decided(outgoing));
    });
    if (!enough) found.add('CommittedIsDurable');
  }
}

function checkPast(past: Past, found: Set<RaftInvariantName>): void {
  for (const a of past.votes) {
    for (const b of past.votes) {
      if (a.node === b.node && a.term === b.term && a.candidate !== b.candidate) {
        found.add('VoteOnce');
      }
    }
  }
  for (const a of past.elections) {
    for (const b of past.elections) {
      if (a.term === b.term && a.leader !== b.leader) found.add('ElectionSafety');
    }
    for (const { entry, inTerm } of past.commits) {
      if (inTerm < a.term && !same(a.log[entry.index - 1], entry)) found.add('LeaderCompleteness');
    }
  }
  for (const a of past.applied) {
    for (const b of past.applied) {
      if (a.entry.index === b.entry.index && !same(a.entry, b.entry)) {
        found.add('StateMachineSafety');
      }
    }
  }
  const logs = [...past.logs.values()];
  for (const a of logs) for (const b of logs) if (!matching(a, b)) found.add('LogMatching');
}

/** Wherever two logs have the same term, they are the same up to there. */
function matching(a: readonly RaftEntry[], b: readonly RaftEntry[]): boolean {
  let agree = true;
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    agree &&= same(a[i], b[i]);
    if (a[i]?.term === b[i]?.term && !agree) return false;
  }
  return true;
}
