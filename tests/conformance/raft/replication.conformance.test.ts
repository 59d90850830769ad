import { describe, expect, it } from 'vitest';
import type { RaftAppend, RaftAppendReply } from '../../../src/sim/contracts/raft.ts';
import type { RaftEffect } from '../../../src/sim/protocols/raft/effects.ts';
import { RaftLog } from '../../../src/sim/protocols/raft/log.ts';
import type { Cluster } from '../../sim/protocols/raft/support/cluster.ts';
import { eachRow, grantVotes, plainCluster, REPLICATION, rowsOf, runsAll } from './cases.ts';

runsAll(REPLICATION);

function propose(cluster: Cluster, leader: number, command: string): void {
  cluster.step(leader, { type: 'propose', command, tag: 1 });
}

interface Append {
  readonly term: number;
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly terms?: readonly number[];
  readonly commit?: number;
}

/** Server 1 takes an append from server 2. */
function take(cluster: Cluster, append: Append): readonly RaftEffect[] {
  const { term, prevIndex, prevTerm, terms = [], commit = 0 } = append;
  const entries = terms.map((t, i) => ({ term: t, index: prevIndex + 1 + i, command: 'new' }));
  const place = { prevLogIndex: prevIndex, prevLogTerm: prevTerm };
  const message: RaftAppend = { type: 'raft.append', term, ...place, entries, commit, round: 0 };
  return cluster.step(1, { type: 'message', from: 2, message });
}

function reply(effects: readonly RaftEffect[]): RaftAppendReply | null {
  for (const effect of effects) {
    if (effect.type === 'send' && effect.message.type === 'raft.append-reply') {
      return effect.message;
    }
  }
  return null;
}

function follower(term: number, log: readonly number[], commit: number): Cluster {
  const cluster = plainCluster(2);
  cluster.seed(1, term, log);
  const state = cluster.state(1);
  state.commitIndex = commit;
  state.lastApplied = commit;
  return cluster;
}

eachRow<{
  log: number[];
  missing_entries: boolean;
  extra_uncommitted: boolean;
  leader_would_receive_vote_from: boolean;
}>('figure7_paper', (row, { leader_log, leader_term }) => {
  const term = leader_term as number;
  const log = leader_log as number[];
  const cluster = plainCluster(3);
  cluster.seed(1, term - 1, log);
  cluster.seed(2, term - 1, row.log);
  // The third server holds what the leader holds, so that the election never hangs on the second.
  cluster.seed(3, term - 1, log);
  let voted = false;
  let truncated = false;
  let firstAppended = Infinity;
  cluster.observers.push({
    onStep(server, _input, effects) {
      if (server.id !== 2) return;
      for (const effect of effects) {
        if (effect.type === 'truncated') truncated = true;
        if (effect.type === 'appended') firstAppended = Math.min(firstAppended, effect.fromIndex);
        if (effect.type === 'send' && effect.message.type === 'raft.vote-reply') {
          voted = effect.message.granted;
        }
      }
    },
  });
  cluster.campaign(1);
  cluster.settle();
  expect(cluster.logTerms(2)).toEqual([...log, term]);
  expect(voted).toBe(row.leader_would_receive_vote_from);
  expect(truncated).toBe(row.extra_uncommitted);
  // The column means: entries are missing, and nothing else is wrong.
  expect(firstAppended <= log.length && !truncated).toBe(row.missing_entries);
});

describe('probe_and_replicate', () => {
  const rows = rowsOf<{ node: string; log: number[] }>('probe_and_replicate');

  it.each([1, 2, 64])('the leader makes all logs its own, %i entries per append', (max) => {
    const cluster = plainCluster(rows.length, { maxEntriesPerAppend: max });
    rows.forEach(({ log }, i) => cluster.seed(i + 1, 7, log));
    cluster.campaign(1);
    cluster.settle();
    expect(cluster.leaders()).toEqual([1]);
    const expected = [...(rows[0]?.log ?? []), 8];
    for (const { id } of cluster.servers) {
      expect(cluster.logTerms(id), `server ${id}`).toEqual(expected);
      expect(cluster.state(id).commitIndex, `server ${id}`).toBe(expected.length);
    }
  });
});

eachRow<{
  prev_term: number;
  prev_index: number;
  reject: boolean;
  hint_index: number;
  hint_term: number;
}>('follower_check_append', ({ prev_term, prev_index, reject, hint_index, hint_term }) => {
  const cluster = follower(2, [1, 2], 1);
  const answer = reply(take(cluster, { term: 2, prevIndex: prev_index, prevTerm: prev_term }));
  const hints = { hintIndex: hint_index, hintTerm: hint_term };
  expect(answer).toMatchObject({ success: !reject, ...hints, index: prev_index });
});

eachRow<{ first_index: number; terms: number[]; conflict: number }>(
  'find_conflict',
  ({ first_index, terms, conflict }, { log }) => {
    const cluster = follower(3, log as number[], 0);
    const prevIndex = first_index - 1;
    const prevTerm = cluster.state(1).log.term(prevIndex);
    const effects = take(cluster, { term: 4, prevIndex, prevTerm, terms });
    const appended = effects.find((effect) => effect.type === 'appended');
    expect(appended?.fromIndex ?? 0).toBe(conflict);
    const kept = (log as number[]).slice(0, Math.max(0, conflict - 1));
    const expected = conflict === 0 ? log : [...kept, ...terms.slice(conflict - first_index)];
    expect(cluster.logTerms(1)).toEqual(expected);
  },
);

eachRow<{
  leader_log: number[];
  follower_log: number[];
  follower_compacted: number;
  hint_term: number;
  hint_index: number;
  next_prev_term: number;
  next_prev_index: number;
}>('fast_log_rejection', (row) => {
  const cluster = plainCluster(2);
  cluster.seed(1, 9, row.leader_log);
  cluster.seed(2, 9, row.follower_log);
  if (row.follower_compacted > 0) {
    const at = row.follower_compacted;
    const log = RaftLog.of([], at, row.follower_log[at - 1]);
    cluster.server(2).state = { ...cluster.state(2), log };
  }
  cluster.campaign(1);
  grantVotes(cluster, 1, [2]);
  cluster.network = cluster.network.filter(({ message }) => message.type === 'raft.append');
  cluster.deliver(0);
  const hint = { success: false, hintIndex: row.hint_index, hintTerm: row.hint_term };
  expect(cluster.network[0]?.message).toMatchObject(hint);
  cluster.deliver(0);
  const next = { prevLogIndex: row.next_prev_index, prevLogTerm: row.next_prev_term };
  expect(cluster.network[0]?.message).toMatchObject({ type: 'raft.append', ...next });
  if (row.follower_compacted > 0) return;
  cluster.settle();
  expect(cluster.logTerms(2)).toEqual([...row.leader_log, 10]);
});

eachRow<{
  prev_term: number;
  prev_index: number;
  leader_commit: number;
  entries: number[];
  last_new: number;
  ok: boolean;
  commit: number;
  must_refuse: boolean;
}>('log_maybe_append', (row) => {
  const cluster = follower(3, [1, 2, 3], 1);
  const { prev_index: prevIndex, prev_term: prevTerm, entries: terms } = row;
  const append = { term: 4, prevIndex, prevTerm, terms, commit: row.leader_commit };
  const answer = reply(take(cluster, append));
  if (row.must_refuse) {
    expect(answer).toBeNull();
    expect(cluster.logTerms(1)).toEqual([1, 2, 3]);
    expect(cluster.state(1).commitIndex).toBe(1);
    return;
  }
  expect(answer?.success).toBe(row.ok);
  if (row.ok) expect(answer?.index).toBe(row.last_new);
  expect(cluster.state(1).commitIndex).toBe(row.commit);
  const kept = [1, 2, 3].slice(0, terms.length === 0 || !row.ok ? 3 : prevIndex);
  expect(cluster.logTerms(1)).toEqual(row.ok ? [...kept, ...terms] : kept);
});

eachRow<{ script: string[]; commit_on_all: number }>(
  'log_replication',
  ({ script, commit_on_all }) => {
    const cluster = plainCluster(3);
    for (const line of script) {
      const [verb, id] = line.split(' ');
      if (verb === 'campaign') cluster.campaign(Number(id));
      else propose(cluster, Number(id), line);
      cluster.settle();
    }
    for (const { state } of cluster.servers) expect(state?.commitIndex).toBe(commit_on_all);
  },
);

eachRow<{ peers: string[]; success: boolean }>(
  'proposal',
  ({ peers, success }, { expect_log, term }) => {
    const cluster = plainCluster(peers.length);
    const isDown = ({ to }: { to: number }): boolean => peers[to - 1] === 'down';
    cluster.campaign(1);
    cluster.settle(isDown);
    const effects = cluster.step(1, { type: 'propose', command: 'x', tag: 7 });
    const accepted = effects.some((effect) => effect.type === 'propose-accepted');
    expect(accepted).toBe(success);
    cluster.settle(isDown);
    expect(cluster.state(1).term).toBe(term);
    for (const { id, state } of cluster.servers) {
      const up = !isDown({ to: id });
      const committed = cluster.logTerms(id).slice(0, state?.commitIndex);
      expect(committed, `server ${id}`).toEqual(up && success ? expect_log : []);
    }
  },
);

eachRow<{ all_logs: number[] }>('old_messages', ({ all_logs }) => {
  const cluster = plainCluster(3);
  for (const id of [1, 2, 1]) {
    cluster.campaign(id);
    cluster.settle();
  }
  expect(cluster.state(1)).toMatchObject({ role: 'leader', term: 3 });
  take(cluster, { term: 2, prevIndex: 2, prevTerm: 2, terms: [2], commit: 3 });
  cluster.settle();
  propose(cluster, 1, 'x');
  cluster.settle();
  for (const { id } of cluster.servers) expect(cluster.logTerms(id)).toEqual(all_logs);
});

eachRow<{
  index: number;
  reject: boolean;
  match: number;
  next: number;
  msgs: number;
  msg_index: number;
  commit: number;
}>('leader_app_resp', (row) => {
  const cluster = plainCluster(3);
  cluster.seed(1, 0, [1, 1]);
  cluster.campaign(1);
  grantVotes(cluster, 1, [2]);
  const state = cluster.state(1);
  expect(cluster.logTerms(1)).toEqual([1, 1, 1]);
  // The table starts from a leader that has sent nothing yet.
  state.paused.fill(false);
  cluster.network = [];
  const rest = { hintIndex: 0, hintTerm: 0, round: 0 };
  const success = !row.reject;
  const hint = row.reject ? { ...rest, hintIndex: row.index } : rest;
  const message = { type: 'raft.append-reply', term: 1, success, index: row.index } as const;
  cluster.step(1, { type: 'message', from: 2, message: { ...message, ...hint } });
  expect([state.match[1], state.next[1]]).toEqual([row.match, row.next]);
  expect(state.commitIndex).toBe(row.commit);
  expect(cluster.network).toHaveLength(row.msgs);
  for (const sent of cluster.network) {
    expect(sent.message).toMatchObject({ type: 'raft.append', prevLogIndex: row.msg_index });
  }
});

describe('read_index', () => {
  const rows = rowsOf<{ node: 'a' | 'b' | 'c'; proposals: number; read_index: number }>(
    'read_index',
  );

  it('the index of a read covers every write before it, whoever is asked first', () => {
    const cluster = plainCluster(3, { followerReads: 'forward' });
    cluster.campaign(1);
    cluster.settle();
    let ready: number | null = null;
    cluster.observers.push({
      onStep(_server, _input, effects) {
        for (const effect of effects) if (effect.type === 'read-ready') ready = effect.index;
      },
    });
    for (const [i, { node, proposals, read_index }] of rows.entries()) {
      for (let k = 0; k < proposals; k += 1) propose(cluster, 1, `${i}.${k}`);
      cluster.settle();
      ready = null;
      cluster.step('abc'.indexOf(node) + 1, { type: 'read', tag: i });
      cluster.settle();
      expect(ready, `row ${i + 1}`).toBe(read_index);
    }
  });
});

describe('flow_control', () => {
  /** By turn, the number of entries in each message. */
  const [{ sends }] = rowsOf('flow_control') as unknown as [{ sends: number[][] }];
  const maxInflight = 3;
  const maxEntriesPerAppend = 2;

  it('probes with one append, then streams within the window, in order, nothing twice', () => {
    const cluster = plainCluster(2, { maxInflight, maxEntriesPerAppend });
    cluster.campaign(1);
    grantVotes(cluster, 1, [2]);
    for (let k = 0; k < 22; k += 1) propose(cluster, 1, `x${k}`);
    const sent: number[] = [];
    let widest = 0;
    const appends = (): number => {
      const under = cluster.network.filter(({ message }) => message.type === 'raft.append');
      for (const { message } of under) {
        if (message.type !== 'raft.append') continue;
        for (const { index } of message.entries) if (!sent.includes(index)) sent.push(index);
        expect(message.entries.length).toBeLessThanOrEqual(maxEntriesPerAppend);
      }
      return under.filter(({ message }) => message.type === 'raft.append' && message.entries.length)
        .length;
    };
    cluster.network = cluster.network.filter(({ message }) => message.type !== 'raft.vote');
    expect(appends()).toBe(1);
    let entriesSent = 0;
    cluster.observers.push({
      onStep(_server, _input, effects) {
        for (const effect of effects) {
          if (effect.type !== 'send' || effect.message.type !== 'raft.append') continue;
          entriesSent += effect.message.entries.length;
        }
      },
    });
    while (cluster.network.length > 0) {
      cluster.deliver(0);
      widest = Math.max(widest, appends());
    }
    expect(widest).toBe(maxInflight);
    expect(Math.max(...sends.map((turn) => turn.length))).toBe(widest);
    expect(Math.max(...sends.flat())).toBe(maxEntriesPerAppend);
    expect(sends.flat().reduce((sum, each) => sum + each)).toBe(cluster.state(2).log.lastIndex);
    // The probe carried the no-op alone; the other 22 went once each, in order.
    expect(entriesSent).toBe(22);
    expect(sent).toEqual(Array.from({ length: 23 }, (_, i) => i + 1));
    expect(cluster.state(2).commitIndex).toBe(23);
  });

  it('a window lost as a whole is sent again once a heartbeat is answered', () => {
    const cluster = plainCluster(2, { maxInflight, maxEntriesPerAppend });
    cluster.campaign(1);
    cluster.settle();
    for (let k = 0; k < 10; k += 1) propose(cluster, 1, `x${k}`);
    cluster.network = [];
    cluster.settle();
    expect(cluster.state(2).log.lastIndex).toBe(1);
    cluster.step(1, { type: 'heartbeat-timeout' });
    cluster.settle();
    expect(cluster.state(2).commitIndex).toBe(11);
  });
});
