/**
 * What a replicated store holds in the end, whichever of the catalogue it is: what a reader who
 * asks all of its running servers would find, and the log of its writes where it keeps one.
 *
 * Invariant: it is read from the states of servers that run; with none of them, or none that could
 * answer for the store, there is no answer.
 */
import { applyCommand, copyMachine } from '../components/kv-machine.ts';
import type { KvCommand } from '../components/kv-machine.ts';
import { causalStore } from '../components/causal-store/causal-store.ts';
import { paxosKv } from '../components/paxos-kv/paxos-kv.ts';
import type { PaxosKvState } from '../components/paxos-kv/state.ts';
import { quorumStore } from '../components/quorum-store/quorum-store.ts';
import { raftKv } from '../components/raft-kv/raft-kv.ts';
import type { RaftKvState } from '../components/raft-kv/state.ts';
import { sqlNode } from '../components/sql-node/sql-node.ts';
import type { KvPut, KvValue } from '../contracts/kv.ts';
import type { PaxosEntry } from '../contracts/multi-paxos.ts';
import type { QuorumCell } from '../contracts/quorum.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { isLater } from '../protocols/causal/state.ts';
import { compareBallots } from '../protocols/multi-paxos/ballot.ts';
import type { PaxosState } from '../protocols/multi-paxos/state.ts';
import { mergeCells, valuesOf } from '../protocols/quorum/cell.ts';
import type { RaftState } from '../protocols/raft/state.ts';
import { stateOf } from '../world/world.ts';
import type { WorldNode } from '../world/world.ts';
import type { FinalState } from './history/acknowledged.ts';

type FinalStateOf = (nodes: readonly WorldNode[]) => FinalState | null;

const READERS: ReadonlyMap<string, FinalStateOf> = new Map([
  [causalStore.component, ofDatacentres],
  [paxosKv.component, ofPaxos],
  [quorumStore.component, ofQuorum],
  [raftKv.component, ofRaft],
  [sqlNode.component, ofPrimary],
]);

/** Components whose final state is known here: all that keep what clients of `kv` write. */
export const STORES: readonly string[] = Object.freeze([...READERS.keys()]);

/** Null: no server can answer for the store. */
export function finalStateOf(nodes: readonly WorldNode[]): FinalState | null {
  return READERS.get(nodes[0]?.component ?? '')?.(nodes) ?? null;
}

const present = <S>(states: readonly (S | null)[]): S[] =>
  states.filter((state): state is NonNullable<typeof state> => state !== null) as S[];

/**
 * What the leader of the newest term answers for, or, without one, the server whose log would win
 * an election: of those whose commits are in that log the one that has committed the most. So a
 * deposed leader that has committed what nobody else knows does not speak for the store, and a new
 * one that has not applied everything yet loses nothing. What was committed nobody may know any
 * more, once all have restarted: what they hold in their log is applied as they would. Plain writes
 * are in the log; of a comparison, or of a command of a session, the log alone does not say whether
 * it took effect.
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
  const commands: unknown[] = [];
  for (let index = log.firstIndex; index <= commitIndex; index++) {
    commands.push(log.entry(index)?.command ?? null);
  }
  const machine = copyMachine(best);
  const last = lastToCommit(authority);
  for (let index = commitIndex + 1; index <= last; index++) {
    const command = authority.log.entry(index)?.command ?? null;
    commands.push(command);
    if (command !== null) applyCommand(machine, index, command as KvCommand, best.sessionRules);
  }
  return appliedLog(machine.store, commands, log.compactedIndex === 0);
}

/** A leader commits all of earlier terms with the first of its own; before it, nothing of that. */
function lastToCommit({ role, term, log }: RaftState): number {
  let last = log.lastIndex;
  while (role === 'leader' && last > 0 && log.term(last) === term) last -= 1;
  return last;
}

function appliedLog(
  store: ReadonlyMap<string, KvValue>,
  commands: readonly unknown[],
  fromStart: boolean,
): FinalState {
  let isWhole = fromStart;
  const past = new Map<string, KvValue[]>();
  for (const one of commands) {
    const command = one as KvPut | { readonly type: '' } | null;
    if (command?.type === 'kv.put') append(past, command.key, command.value);
    else if (command !== null) isWhole = false;
  }
  return {
    values: (key) => [store.get(key) ?? null],
    log: (key) => ({ values: past.get(key) ?? [], isWhole }),
  };
}

/**
 * What the leader of the latest ballot answers for, or, without one, the server that knows the most
 * to be chosen: of those that agree with it on every slot that both have applied the one that has
 * applied the most. Nothing of a log is ever dropped, so its plain writes go back to the start.
 * What is chosen nobody may know any more, once all have restarted: what the leader has found in
 * phase 1, or without one would be found there, is applied as well.
 */
function ofPaxos(nodes: readonly WorldNode[]): FinalState | null {
  const states = present(nodes.map((node) => stateOf(paxosKv, node)));
  const leaders = states.filter(({ paxos }) => paxos.role === 'leader');
  const farther = (a: PaxosKvState, b: PaxosKvState): PaxosKvState =>
    b.paxos.chosen > a.paxos.chosen ? b : a;
  const [leader, ...others] = leaders;
  const [first, ...rest] = states;
  if (first === undefined) return null;
  const authority =
    leader === undefined
      ? rest.reduce(farther, first)
      : others.reduce(
          (a, b) => (compareBallots(b.paxos.promised, a.paxos.promised) > 0 ? b : a),
          leader,
        );
  const best = states.filter((one) => isSameLog(one.paxos, authority.paxos)).reduce(farther);
  const { accepted, chosen } = best.paxos;
  const found =
    leader === undefined ? foundBy(states, chosen + 1) : recoveredBy(authority, chosen + 1);
  const machine = copyMachine(best);
  for (const { slot, command } of found) {
    if (command !== null) applyCommand(machine, slot, command as KvCommand, best.sessionRules);
  }
  const commands = [...accepted.slice(1, chosen), ...found].map(({ command }) => command);
  return appliedLog(machine.store, commands, true);
}

const recoveredBy = ({ paxos }: PaxosKvState, from: number): readonly PaxosEntry[] =>
  paxos.accepted.slice(from, paxos.recoveredTo);

/** What a phase 1 among these servers would find: of each slot the value of the latest ballot. */
function foundBy(states: readonly PaxosKvState[], from: number): readonly PaxosEntry[] {
  if (states.length < (states[0]?.config.phase1Quorum ?? Infinity)) return [];
  const found = new Map<number, PaxosEntry>();
  for (const { paxos } of states) {
    for (const entry of paxos.accepted.slice(from, paxos.accepted.last)) {
      const other = found.get(entry.slot);
      if (other === undefined || compareBallots(entry.ballot, other.ballot) > 0) {
        found.set(entry.slot, entry);
      }
    }
  }
  return [...found.values()].sort((a, b) => a.slot - b.slot);
}

function isSameLog(one: PaxosState, other: PaxosState): boolean {
  for (let slot = 1; slot <= Math.min(one.chosen, other.chosen); slot++) {
    const [a, b] = [one.accepted.get(slot)?.command, other.accepted.get(slot)?.command];
    if (a !== b && canonicalJson(a ?? null) !== canonicalJson(b ?? null)) return false;
  }
  return true;
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

/**
 * The latest version that any datacentre shows, as all of them will; where the last writer does not
 * win, each goes on with its own.
 */
function ofDatacentres(nodes: readonly WorldNode[]): FinalState | null {
  const states = present(nodes.map((node) => stateOf(causalStore, node)));
  const [first] = states;
  if (first === undefined) return null;
  const values = (key: string): readonly KvValue[] => {
    const held = states.flatMap(({ store }) => store.cells.get(key) ?? []);
    if (held.length === 0) return [null];
    if (!first.config.rules.lastWriterWins) return [...new Set(held.map(({ value }) => value))];
    return [held.reduce((a, b) => (isLater(b, a) ? b : a)).value];
  };
  return { values };
}

function append(past: Map<string, KvValue[]>, key: string, value: KvValue): void {
  const known = past.get(key);
  if (known === undefined) past.set(key, [value]);
  else known.push(value);
}
