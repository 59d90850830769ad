/** The picture of a Raft server's state, for the map and the inspector. */
import type { NameOf } from '../../node/behaviour.ts';
import type { RaftEntry } from '../../contracts/raft.ts';
import type { RaftState } from '../../protocols/raft/state.ts';
import type { KvCommand, RaftKvState } from './state.ts';
import { LOG_STRIP_ENTRIES } from './view.ts';
import type { LogCell, RaftKvView } from './view.ts';

const STORE_KEYS = 8;

export function viewOf(state: RaftKvState, nameOf: NameOf): RaftKvView {
  const { raft } = state;
  const name = (node: number | null): string | null => (node === null ? null : nameOf(node));
  return {
    component: 'raft-kv',
    role: raft.role,
    term: raft.term,
    votedFor: name(raft.votedFor),
    leader: name(raft.leader),
    commitIndex: raft.commitIndex,
    lastApplied: raft.lastApplied,
    lastIndex: raft.log.lastIndex,
    log: logStrip(raft),
    votes: votesOf(state, nameOf),
    peers: peersOf(state, nameOf),
    store: newest(state.store),
    fields: [
      { label: 'Role', value: raft.role },
      { label: 'Term', value: raft.term },
      { label: 'Voted for', value: name(raft.votedFor) },
      { label: 'Leader it knows', value: name(raft.leader) },
      { label: 'Commit index', value: raft.commitIndex },
      { label: 'Last index', value: raft.log.lastIndex },
      { label: 'Last index on disk', value: raft.durableIndex },
      { label: 'Writes waiting', value: state.writes.size },
      { label: 'Reads waiting', value: state.reads.size },
    ],
  };
}

function logStrip(raft: RaftState): readonly LogCell[] {
  const cells: LogCell[] = [];
  const last = raft.log.lastIndex;
  const first = Math.max(raft.log.firstIndex, last - LOG_STRIP_ENTRIES + 1);
  for (let index = first; index <= last; index++) {
    const entry = raft.log.entry(index);
    if (entry === undefined) continue;
    cells.push({
      index,
      term: entry.term,
      committed: index <= raft.commitIndex,
      durable: index <= raft.durableIndex,
      label: labelOf(entry),
    });
  }
  return cells;
}

function labelOf(entry: RaftEntry): string {
  if (entry.command === null) return 'no-op';
  const command = entry.command as KvCommand;
  return `${command.key} = ${String(command.value)}`;
}

function votesOf(state: RaftKvState, nameOf: NameOf): RaftKvView['votes'] {
  const { role, votes, conf } = state.raft;
  if (role !== 'candidate' && role !== 'pre-candidate') return [];
  const result: { readonly from: string; readonly granted: boolean }[] = [];
  conf.peers.forEach((voter, i) => {
    const vote = votes[i] ?? null;
    if (vote !== null) result.push({ from: nameOf(voter), granted: vote });
  });
  return result;
}

function peersOf(state: RaftKvState, nameOf: NameOf): RaftKvView['peers'] {
  const { role, next, match, probing, snapshots, conf } = state.raft;
  if (role !== 'leader') return [];
  const result: RaftKvView['peers'][number][] = [];
  conf.peers.forEach((voter, i) => {
    if (voter === state.config.id) return;
    result.push({
      name: nameOf(voter),
      next: next[i] ?? 0,
      match: match[i] ?? 0,
      mode: (snapshots[i] ?? 0) > 0 ? 'snapshot' : probing[i] === true ? 'probe' : 'replicate',
    });
  });
  return result;
}

function newest(store: RaftKvState['store']): RaftKvView['store'] {
  const keys = [...store];
  return keys
    .slice(-STORE_KEYS)
    .reverse()
    .map(([key, value]) => ({ key, value: String(value) }));
}
