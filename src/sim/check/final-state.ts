/**
 * What a replicated store holds in the end, whichever of the catalogue it is: what a reader who
 * asks all of its running servers would find, and the log of its writes where it keeps one.
 *
 * Invariant: it is read from the states of servers that run; with none of them, or none that could
 * answer for the store, there is no answer.
 */
import { quorumStore } from '../components/quorum-store/quorum-store.ts';
import { raftKv } from '../components/raft-kv/raft-kv.ts';
import type { RaftKvState } from '../components/raft-kv/state.ts';
import { sqlNode } from '../components/sql-node/sql-node.ts';
import type { KvPut, KvValue } from '../contracts/kv.ts';
import type { QuorumCell } from '../contracts/quorum.ts';
import { mergeCells, valuesOf } from '../protocols/quorum/cell.ts';
import type { RaftState } from '../protocols/raft/state.ts';
import { stateOf } from '../world/world.ts';
import type { WorldNode } from '../world/world.ts';
import type { FinalState } from './history/acknowledged.ts';

/** Components whose final state is known here. */
export const STORES: readonly string[] = Object.freeze(['quorum-store', 'raft-kv', 'sql-node']);

/** Null: no server can answer for the store. */
export function finalStateOf(nodes: readonly WorldNode[]): FinalState | null {
  const component = nodes[0]?.component;
  if (component === 'raft-kv') return ofRaft(nodes);
  return component === 'sql-node' ? ofPrimary(nodes) : ofQuorum(nodes);
}

const present = <S>(states: readonly (S | null)[]): S[] =>
  states.filter((state): state is NonNullable<typeof state> => state !== null) as S[];

/**
 * What the leader of the newest term answers for, or, without one, the server whose log would win
 * an election: of those whose commits are in that log the one that has committed the most. So a
 * deposed leader that has committed what nobody else knows does not speak for the store, and a new
 * one that has not applied everything yet loses nothing. Plain writes are in the log; of a
 * comparison, or of a command of a session, the log alone does not say whether it took effect.
 */
function ofRaft(nodes: readonly WorldNode[]): FinalState | null {
  const states = present(nodes.map((node) => stateOf(raftKv, node)));
  const rafts = states.map(({ raft }) => raft);
  const authority = authorityOf(
    rafts.filter(({ role }) => role === 'leader'),
    rafts,
  );
  if (authority === null) return null;
  const isKnown = ({ raft: { log, commitIndex } }: RaftKvState): boolean =>
    log.term(commitIndex) === authority.log.term(commitIndex);
  const [first, ...rest] = states.filter((one) => one.raft === authority || isKnown(one));
  if (first === undefined) return null;
  const best = rest.reduce((a, b) => (b.raft.commitIndex > a.raft.commitIndex ? b : a), first);
  const { log, commitIndex } = best.raft;
  let isWhole = log.compactedIndex === 0;
  const past = new Map<string, KvValue[]>();
  for (let index = log.firstIndex; index <= commitIndex; index++) {
    const command = (log.entry(index)?.command ?? null) as KvPut | { readonly type: '' } | null;
    if (command?.type === 'kv.put') append(past, command.key, command.value);
    else if (command !== null) isWhole = false;
  }
  return {
    values: (key) => [best.store.get(key) ?? null],
    log: (key) => ({ values: past.get(key) ?? [], isWhole }),
  };
}

function authorityOf(leaders: readonly RaftState[], all: readonly RaftState[]): RaftState | null {
  const [leader, ...others] = leaders;
  if (leader !== undefined) return others.reduce((a, b) => (b.term > a.term ? b : a), leader);
  const [first, ...rest] = all;
  if (first === undefined) return null;
  return rest.reduce((a, b) => (isLogNewer(b.log, a.log) ? b : a), first);
}

const isLogNewer = (a: RaftState['log'], b: RaftState['log']): boolean =>
  a.lastTerm === b.lastTerm ? a.lastIndex > b.lastIndex : a.lastTerm > b.lastTerm;

/** The primary; of two the one of the newer timeline, which the other will follow. */
function ofPrimary(nodes: readonly WorldNode[]): FinalState | null {
  const primaries = present(nodes.map((node) => stateOf(sqlNode, node)))
    .map(({ replica }) => replica)
    .filter(({ role }) => role === 'primary');
  const timelineOf = (replica: (typeof primaries)[number]): number =>
    replica.history[replica.history.length - 1]?.timeline ?? 0;
  const [first, ...rest] = primaries;
  if (first === undefined) return null;
  const best = rest.reduce((a, b) => (timelineOf(b) > timelineOf(a) ? b : a), first);
  const past = new Map<string, KvValue[]>();
  for (const { key, value } of best.wal.slice(0, best.applied)) append(past, key, value);
  return {
    values: (key) => [best.store.get(key) ?? null],
    log: (key) => ({ values: past.get(key) ?? [], isWhole: true }),
  };
}

/** What a read of all replicas merges. */
function ofQuorum(nodes: readonly WorldNode[]): FinalState | null {
  const states = present(nodes.map((node) => stateOf(quorumStore, node)));
  const [first] = states;
  if (first === undefined) return null;
  const values = (key: string): readonly KvValue[] => {
    let cell: QuorumCell | null = null;
    for (const { store } of states) {
      cell = mergeCells(first.config, cell, store.cells.get(key) ?? null);
    }
    const found = valuesOf(cell);
    return found.length === 0 ? [null] : found;
  };
  return { values };
}

function append(past: Map<string, KvValue[]>, key: string, value: KvValue): void {
  const known = past.get(key);
  if (known === undefined) past.set(key, [value]);
  else known.push(value);
}
