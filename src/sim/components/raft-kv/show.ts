/** The picture of a Raft server's state, for the map and the inspector. */
import type { NameOf } from '../../node/behaviour.ts';
import type { RaftEntry } from '../../contracts/raft.ts';
import type { RaftState } from '../../protocols/raft/state.ts';
import type { KvCommand } from '../kv-machine.ts';
import { labelOfCommand, newestKeys } from '../kv-serving.ts';
import { namesOf } from './members.ts';
import type { RaftKvState } from './state.ts';
import { LOG_STRIP_ENTRIES } from './view.ts';
import type { LogCell, RaftKvView } from './view.ts';

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
    log: logStrip(raft, nameOf),
    votes: votesOf(state, nameOf),
    peers: peersOf(state, nameOf),
    store: newestKeys(state.store),
    fields: [
      { label: 'Role', value: raft.role },
      { label: 'Term', value: raft.term },
      { label: 'Voted for', value: name(raft.votedFor) },
      { label: 'Leader it knows', value: name(raft.leader) },
      { label: 'Commit index', value: raft.commitIndex },
      { label: 'Last index', value: raft.log.lastIndex },
      { label: 'Last index on disk', value: raft.durableIndex },
      ...membersOf(state, nameOf),
      { label: 'Writes waiting', value: state.writes.size },
      { label: 'Reads waiting', value: state.reads.size },
    ],
  };
}

/** Told once the group is not what it was at the start, or a snapshot holds some of the log. */
function membersOf({ raft }: RaftKvState, nameOf: NameOf): RaftKvView['fields'] {
  const { conf, snapshot } = raft;
  const { voters, outgoing, learners } = namesOf(conf.members, nameOf);
  const fields: RaftKvView['fields'][number][] = [];
  if (conf.index > 0 || !conf.votes) fields.push({ label: 'Voters', value: voters });
  if (outgoing !== '') fields.push({ label: 'Voters before', value: outgoing });
  if (learners !== '') fields.push({ label: 'Learners', value: learners });
  if (snapshot !== null) fields.push({ label: 'Snapshot up to', value: snapshot.index });
  return fields;
}

function logStrip(raft: RaftState, nameOf: NameOf): readonly LogCell[] {
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
      label: labelOf(entry, nameOf),
    });
  }
  return cells;
}

function labelOf({ command, members }: RaftEntry, nameOf: NameOf): string {
  if (members !== undefined) return `members ${namesOf(members, nameOf).voters}`;
  if (command === null) return 'no-op';
  return labelOfCommand(command as KvCommand);
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
