/** Who answers for a group in the end: its newest leader, and not whoever believes to lead. */
import { describe, expect, it } from 'vitest';
import { finalStateOf } from '../../../src/sim/check/final-state.ts';
import { paxosKv } from '../../../src/sim/components/paxos-kv/paxos-kv.ts';
import { raftKv } from '../../../src/sim/components/raft-kv/raft-kv.ts';
import { Slots } from '../../../src/sim/protocols/multi-paxos/slots.ts';
import { RaftLog } from '../../../src/sim/protocols/raft/log.ts';
import type { WorldNode } from '../../../src/sim/world/world.ts';

interface Server {
  readonly role?: 'leader' | 'follower';
  readonly term: number;
  /** The terms of its entries; each writes its own index to k, marked by its term. */
  readonly log: readonly number[];
  readonly commits: number;
  readonly isDown?: boolean;
}
const valueOf = (index: number, term: number): string => `${index} of term ${term}`;

function nodeOf({ role = 'follower', term, log, commits, isDown = false }: Server): WorldNode {
  const entries = log.map((at, i) => ({
    index: i + 1,
    term: at,
    command: { type: 'kv.put', key: 'k', value: valueOf(i + 1, at) },
  }));
  const last = log[commits - 1];
  const store = new Map(last === undefined ? [] : [['k', valueOf(commits, last)]]);
  const raft = { role, term, commitIndex: commits, log: RaftLog.of(entries as never) };
  const state = isDown ? null : { raft, store };
  return { component: 'raft-kv', behaviour: raftKv, state } as unknown as WorldNode;
}
const answer = (...servers: Server[]): readonly unknown[] | null =>
  finalStateOf(servers.map(nodeOf))?.values('k') ?? null;

describe('the final state of a Raft group', () => {
  it('is what its leader has committed', () => {
    const follower = { term: 2, log: [1, 2], commits: 1 };
    expect(answer({ ...follower, role: 'leader', commits: 2 }, follower)).toEqual(['2 of term 2']);
  });

  it('is not what a deposed leader has committed and nobody else knows', () => {
    const deposed: Server = { role: 'leader', term: 1, log: [1, 1, 1], commits: 3 };
    const leader: Server = { role: 'leader', term: 2, log: [1, 2], commits: 2 };
    expect(answer(deposed, leader, { ...leader, role: 'follower' })).toEqual(['2 of term 2']);
    // As little when it has learned that it does not lead.
    expect(answer({ ...deposed, role: 'follower', term: 2 }, leader)).toEqual(['2 of term 2']);
  });

  it('holds what a new leader has in its log and has not committed itself yet', () => {
    const leader: Server = { role: 'leader', term: 3, log: [1, 2, 3], commits: 1 };
    expect(answer(leader, { term: 3, log: [1, 2], commits: 2 })).toEqual(['2 of term 2']);
  });

  it('is, without a leader, what the server holds that would be elected', () => {
    const newest = { term: 3, log: [1, 2], commits: 2 };
    expect(answer({ term: 1, log: [1, 1, 1], commits: 3 }, newest)).toEqual(['2 of term 2']);
    expect(answer({ ...newest, isDown: true })).toBeNull();
  });

  it('holds what all have in their logs when all have restarted and know of no commit', () => {
    const restarted: Server = { term: 2, log: [1, 2], commits: 0 };
    expect(answer(restarted, { ...restarted, log: [1] })).toEqual(['2 of term 2']);
    // And who leads then has not told them yet.
    const leader: Server = { role: 'leader', term: 3, log: [1, 2, 3], commits: 0 };
    expect(answer(leader, restarted)).toEqual(['2 of term 2']);
  });
});

interface Replica {
  readonly role?: 'leader' | 'follower';
  readonly round?: number;
  /** What it has accepted, by slot; all up to `chosen` is applied. */
  readonly log: readonly string[];
  readonly chosen: number;
  /** In which round it accepted what is not known to be chosen. */
  readonly acceptedIn?: number;
  /** Of a leader: up to where phase 1 has found something. */
  readonly recoveredTo?: number;
}

function replicaOf(replica: Replica): WorldNode {
  const { role = 'follower', round = 1, log, chosen, acceptedIn = 1, recoveredTo = 0 } = replica;
  const accepted = Slots.empty<unknown>();
  log.forEach((value, i) => {
    const ballot = { round: acceptedIn, id: 1 };
    accepted.set(i + 1, { slot: i + 1, ballot, command: { type: 'kv.put', key: 'k', value } });
  });
  const last = log[chosen - 1];
  const store = new Map(last === undefined ? [] : [['k', last]]);
  const paxos = { role, promised: { round, id: 1 }, accepted, chosen, recoveredTo };
  const state = { paxos, store, sessions: new Map(), config: { phase1Quorum: 2 } };
  return { component: 'paxos-kv', behaviour: paxosKv, state } as unknown as WorldNode;
}

const told = (...replicas: Replica[]): readonly unknown[] | undefined =>
  finalStateOf(replicas.map(replicaOf))?.values('k');

describe('the final state of a Multi-Paxos group', () => {
  it('is what any server has applied that agrees with the leader', () => {
    const ahead: Replica = { log: ['a', 'b', 'c'], chosen: 3 };
    expect(told({ role: 'leader', log: ['a', 'b'], chosen: 1 }, ahead)).toEqual(['c']);
  });

  it('is not what a server has applied that knows of another value', () => {
    const leader: Replica = { role: 'leader', round: 2, log: ['a', 'b'], chosen: 2 };
    expect(told({ log: ['a', 'x', 'y'], chosen: 3 }, leader)).toEqual(['b']);
    expect(told({ role: 'leader', log: ['a', 'x', 'y'], chosen: 3 }, leader)).toEqual(['b']);
  });

  it('is, without a leader, what the server knows that knows the most', () => {
    expect(told({ log: ['a'], chosen: 1 }, { log: ['a', 'b'], chosen: 2 })).toEqual(['b']);
  });

  it('is, without a leader, what phase 1 would find, if so many are there', () => {
    const known: Replica = { log: ['a', 'x'], chosen: 1 };
    expect(told(known)).toEqual(['a']);
    expect(told(known, { log: ['a', 'b'], chosen: 0, acceptedIn: 2 })).toEqual(['b']);
    expect(told({ ...known, acceptedIn: 3 }, { log: ['a', 'b', 'c'], chosen: 0 })).toEqual(['c']);
  });

  it('has in it what its leader found in phase 1, and not what it proposed since', () => {
    const leader: Replica = { role: 'leader', log: ['a', 'b', 'c'], chosen: 1 };
    expect(told({ ...leader, recoveredTo: 2 })).toEqual(['b']);
    expect(told({ ...leader, recoveredTo: 1 })).toEqual(['a']);
  });
});
