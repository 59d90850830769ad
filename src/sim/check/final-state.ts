/**
 * What a replicated store holds in the end, whichever of the catalogue it is: what a reader who
 * asks all of its running servers would find, and the log of its writes where it keeps one.
 *
 * Invariant: it is read from the states of servers that run; with none of them, or none that could
 * answer for the store, there is no answer.
 */
import { quorumStore } from '../components/quorum-store/quorum-store.ts';
import { raftKv } from '../components/raft-kv/raft-kv.ts';
import { sqlNode } from '../components/sql-node/sql-node.ts';
import type { KvPut, KvValue } from '../contracts/kv.ts';
import type { QuorumCell } from '../contracts/quorum.ts';
import { mergeCells, valuesOf } from '../protocols/quorum/cell.ts';
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
 * The server that has committed the most. Plain writes are in its log; of a comparison, or of a
 * command of a session, the log alone does not say whether it took effect.
 */
function ofRaft(nodes: readonly WorldNode[]): FinalState | null {
  const states = present(nodes.map((node) => stateOf(raftKv, node)));
  const [first, ...rest] = states;
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
