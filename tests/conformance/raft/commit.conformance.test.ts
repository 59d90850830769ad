import { describe, expect, it } from 'vitest';
import { majorityIndex } from '../../../src/sim/protocols/raft/quorum.ts';
import type { Cluster, Envelope } from '../../sim/protocols/raft/support/cluster.ts';
import {
  acknowledge,
  COMMIT,
  eachRow,
  grantVotes,
  plainCluster,
  rowsOf,
  runsAll,
} from './cases.ts';

runsAll(COMMIT);

const isAppend = ({ message }: Envelope): boolean => message.type === 'raft.append';

function propose(cluster: Cluster, leader: number, command: string): void {
  cluster.step(leader, { type: 'propose', command, tag: 1 });
}

eachRow<{ matches: number[]; log: number[]; term: number; commit: number }>(
  'commit_rule',
  ({ matches, log, term, commit }) => {
    const cluster = plainCluster(matches.length, { instantDisk: false });
    cluster.seed(1, term, log);
    const state = cluster.state(1);
    // A leader whose own copy is the last to be counted: its write completes now.
    state.role = 'leader';
    state.match = [0, ...matches.slice(1)];
    state.next.fill(log.length + 1);
    state.durableIndex = 0;
    state.pending.push({ ticket: 1, lastIndex: matches[0] ?? 0, sends: [] });
    cluster.step(1, { type: 'persisted', upTo: 1 });
    expect(state.match).toEqual(matches);
    expect(state.commitIndex).toBe(commit);
  },
);

eachRow<{ follower_match: number; commit: number }>(
  'only_commits_current_term',
  ({ follower_match, commit }, { log, leader_term }) => {
    const cluster = plainCluster(2);
    cluster.seed(1, (leader_term as number) - 1, log as number[]);
    cluster.campaign(1);
    grantVotes(cluster, 1, [2]);
    propose(cluster, 1, 'x');
    expect(cluster.logTerms(1)).toEqual([...(log as number[]), leader_term, leader_term]);
    acknowledge(cluster, 1, 2, follower_match);
    expect(cluster.state(1).commitIndex).toBe(commit);
  },
);

describe('figure8', () => {
  const [c, d, e] = rowsOf('figure8') as unknown as [
    { logs: Record<string, number[]>; match_majority_index: number; commit_index_max: number },
    { voters_that_grant: string[]; final_log: number[] },
    { commit_index: number; S5_can_win: boolean },
  ];
  const number = (name: string): number => Number(name.slice(1));

  /** Stage (c): S1 leads term 4 and has brought its entry of term 2 to S2 and S3. */
  function stageC(): Cluster {
    const cluster = plainCluster(5, { maxEntriesPerAppend: 1 });
    for (const [name, terms] of Object.entries(c.logs)) {
      // Before S1's election its entry of term 4 does not exist, and S3 has only the first entry.
      const seeded = terms.filter((term) => term < 4);
      cluster.seed(number(name), 3, name === 'S3' ? seeded.slice(0, 1) : seeded);
    }
    cluster.campaign(1);
    cluster.settle((envelope) => isAppend(envelope) || envelope.to > 3);
    cluster.step(1, { type: 'heartbeat-timeout' });
    // S3 refuses, and is brought to index 2; whoever could store the entry of term 4 misses it.
    cluster.settle(({ to, message }) => {
      if (to > 3) return true;
      if (message.type !== 'raft.append') return false;
      const storable = cluster.state(to).log.lastIndex >= message.prevLogIndex;
      return storable && message.entries.some(({ term }) => term === 4);
    });
    acknowledge(cluster, 1, 2, 2);
    return cluster;
  }

  it('(c) a majority holds the entry of term 2 and the leader of term 4 does not commit it', () => {
    const cluster = stageC();
    for (const [name, terms] of Object.entries(c.logs)) {
      expect(cluster.logTerms(number(name)), name).toEqual(terms);
    }
    expect(majorityIndex(cluster.state(1).match)).toBe(c.match_majority_index);
    expect(cluster.state(1).commitIndex).toBeLessThanOrEqual(c.commit_index_max);
  });

  it('(d) S5 can win then, and overwrites it', () => {
    const cluster = stageC();
    cluster.crash(1);
    cluster.network = [];
    cluster.campaign(5);
    // S5 learned of no term since 3: its first candidacy is refused for its term alone.
    if (cluster.state(5).term < 5) {
      cluster.settle();
      cluster.campaign(5);
    }
    const granting = new Set<number>();
    cluster.settle(({ from, message }) => {
      if (message.type === 'raft.vote-reply' && message.granted) granting.add(from);
      return false;
    });
    expect([...granting].sort()).toEqual(d.voters_that_grant.map(number));
    expect(cluster.leaders()).toEqual([5]);
    for (const id of [2, 3, 4, 5]) {
      expect(cluster.logTerms(id).slice(0, 2), `S${id}`).toEqual(d.final_log);
    }
  });

  it('(e) once an entry of term 4 is on a majority, S5 cannot win', () => {
    const cluster = stageC();
    cluster.step(1, { type: 'heartbeat-timeout' });
    cluster.settle(({ to }) => to > 3);
    expect(cluster.state(1).commitIndex).toBe(e.commit_index);
    cluster.crash(1);
    for (let i = 0; i < 5; i += 1) {
      cluster.campaign(5);
      cluster.settle();
    }
    expect(cluster.leaders().includes(5)).toBe(e.S5_can_win);
  });
});

eachRow<{ size: number; acks: number[]; committed: boolean }>(
  'leader_ack_commit',
  ({ size, acks, committed }) => {
    const cluster = plainCluster(size);
    cluster.campaign(1);
    cluster.settle();
    expect(cluster.state(1).commitIndex).toBe(1);
    propose(cluster, 1, 'x');
    cluster.settle(({ to }) => to !== 1 && !acks.includes(to));
    expect(cluster.state(1).commitIndex).toBe(committed ? 2 : 1);
  },
);

eachRow<{ log: number[]; committed_log: number[] }>(
  'commit_preceding',
  ({ log, committed_log }) => {
    const cluster = plainCluster(3);
    cluster.seed(1, 2, log);
    cluster.campaign(1);
    cluster.settle();
    propose(cluster, 1, 'x');
    cluster.settle();
    for (const { id } of cluster.servers) {
      const { commitIndex } = cluster.state(id);
      expect(cluster.logTerms(id).slice(0, commitIndex), `server ${id}`).toEqual(committed_log);
    }
  },
);

describe('commit_without_new_term_entry', () => {
  const [dropped, normal] = rowsOf('commit_without_new_term_entry') as unknown as [
    { commit_of_2: number; then_propose_commit: number },
    { commit_of_2: number },
  ];

  function cutOff(): Cluster {
    const cluster = plainCluster(5);
    cluster.campaign(1);
    cluster.settle();
    for (const command of ['some', 'more']) {
      propose(cluster, 1, command);
      cluster.settle(({ to }) => to > 2);
    }
    expect(cluster.state(1).commitIndex).toBe(1);
    cluster.campaign(2);
    return cluster;
  }

  it('without the new term’s entry on a majority nothing more is committed', () => {
    const cluster = cutOff();
    cluster.settle(isAppend);
    expect(cluster.leaders()).toEqual([2]);
    expect(cluster.state(2).commitIndex).toBe(dropped.commit_of_2);
    cluster.step(2, { type: 'heartbeat-timeout' });
    propose(cluster, 2, 'again');
    cluster.settle();
    expect(cluster.state(2).commitIndex).toBe(dropped.then_propose_commit);
  });

  it('with it, the earlier entries are committed too', () => {
    const cluster = cutOff();
    cluster.settle();
    expect(cluster.state(2).commitIndex).toBe(normal.commit_of_2);
  });
});

eachRow<{ msg_commit: number; commit: number }>(
  'handle_heartbeat_commit',
  ({ msg_commit, commit }) => {
    const cluster = plainCluster(2);
    cluster.seed(1, 2, [1, 2, 3]);
    const state = cluster.state(1);
    state.commitIndex = 2;
    const message = { type: 'raft.heartbeat', term: 3, commit: msg_commit, round: 0 } as const;
    cluster.step(1, { type: 'message', from: 2, message });
    expect(state.commitIndex).toBe(commit);
  },
);
