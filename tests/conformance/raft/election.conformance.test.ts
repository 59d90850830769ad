import { describe, expect, it } from 'vitest';
import type { RaftMessage } from '../../../src/sim/contracts/raft.ts';
import type { RaftEffect, RaftRole } from '../../../src/sim/protocols/raft/effects.ts';
import { isUpToDate } from '../../../src/sim/protocols/raft/election.ts';
import { RaftLog } from '../../../src/sim/protocols/raft/log.ts';
import type { Cluster } from '../../sim/protocols/raft/support/cluster.ts';
import { Prng } from '../../sim/protocols/raft/support/prng.ts';
import { randomRun } from '../../sim/protocols/raft/support/random-run.ts';
import { eachRow, ELECTION, plainCluster, rowsOf, runsAll } from './cases.ts';

runsAll(ELECTION);

type Named = 'follower' | 'precandidate' | 'candidate' | 'leader';
const ROLES: Readonly<Record<Named, RaftRole>> = {
  follower: 'follower',
  precandidate: 'pre-candidate',
  candidate: 'candidate',
  leader: 'leader',
};

function replies(effects: readonly RaftEffect[]): RaftMessage[] {
  return effects.flatMap((effect) => (effect.type === 'send' ? [effect.message] : []));
}

function requestVote(
  cluster: Cluster,
  from: number,
  term: number,
  lastLogIndex = 0,
  lastLogTerm = 0,
): readonly RaftEffect[] {
  const message = { type: 'raft.vote', term, lastLogIndex, lastLogTerm } as const;
  return cluster.step(1, { type: 'message', from, message });
}

eachRow<{
  voter_log: number[];
  cand_last_term: number;
  cand_last_index: number;
  reject: boolean;
}>('voter_up_to_date', ({ voter_log, cand_last_term, cand_last_index, reject }) => {
  const cluster = plainCluster(3);
  cluster.seed(1, 2, voter_log);
  const effects = requestVote(cluster, 2, 3, cand_last_index, cand_last_term);
  expect(replies(effects)).toEqual([{ type: 'raft.vote-reply', term: 3, granted: !reject }]);
});

eachRow<{ last_index: number; last_term: number; up_to_date: boolean }>(
  'is_up_to_date',
  ({ last_index, last_term, up_to_date }, { log }) => {
    const entries = (log as number[]).map((term, i) => ({ term, index: i + 1, command: null }));
    expect(isUpToDate(RaftLog.of(entries), last_index, last_term)).toBe(up_to_date);
  },
);

eachRow<{ already_voted_for: number | null; request_from: number; reject: boolean }>(
  'follower_vote_once',
  ({ already_voted_for, request_from, reject }) => {
    const cluster = plainCluster(3);
    cluster.seed(1, 1, [], already_voted_for);
    const effects = requestVote(cluster, request_from, 1);
    expect(replies(effects)).toEqual([{ type: 'raft.vote-reply', term: 1, granted: !reject }]);
  },
);

eachRow<{ size: number; votes: Record<string, boolean>; state: Named; term: number }>(
  'election_one_round',
  ({ size, votes, state, term }) => {
    const cluster = plainCluster(size);
    cluster.campaign(1);
    for (const [id, granted] of Object.entries(votes)) {
      const message = { type: 'raft.vote-reply', term: 1, granted } as const;
      cluster.step(1, { type: 'message', from: Number(id), message });
    }
    expect(cluster.state(1)).toMatchObject({ role: ROLES[state], term });
  },
);

interface NetworkRow {
  readonly peers: readonly string[];
  readonly state: Named;
  readonly term: number;
  readonly state_prevote: Named;
  readonly term_prevote: number;
}

for (const preVote of [false, true]) {
  eachRow<NetworkRow>('leader_election_network', (row) => {
    const cluster = plainCluster(row.peers.length, { preVote });
    row.peers.forEach((peer, i) => {
      if (!peer.startsWith('log:')) return;
      const terms = JSON.parse(peer.slice(4)) as number[];
      cluster.seed(i + 1, terms[terms.length - 1] ?? 0, terms);
    });
    cluster.campaign(1);
    cluster.settle(({ to }) => row.peers[to - 1] === 'down');
    const role = ROLES[preVote ? row.state_prevote : row.state];
    const term = preVote ? row.term_prevote : row.term;
    expect(cluster.state(1)).toMatchObject({ role, term });
  });
}

describe('leader_cycle', () => {
  const rows = rowsOf<{ campaigner: number; leader: number }>('leader_cycle');
  it.each([false, true])('each campaigner leads, the others follow; pre-vote %s', (preVote) => {
    const cluster = plainCluster(3, { preVote });
    for (const { campaigner, leader } of rows) {
      cluster.campaign(campaigner);
      cluster.settle();
      for (const { id, state } of cluster.servers) {
        expect(state?.role, `server ${id}`).toBe(id === leader ? 'leader' : 'follower');
      }
    }
  });
});

eachRow<{ msg_term: number; state: Named; term: number }>(
  'candidate_fallback',
  ({ msg_term, state, term }) => {
    const cluster = plainCluster(3);
    cluster.campaign(1);
    expect(cluster.state(1)).toMatchObject({ role: 'candidate', term: 1 });
    const place = { prevLogIndex: 0, prevLogTerm: 0, entries: [], commit: 0, round: 0 };
    const message = { type: 'raft.append', term: msg_term, ...place } as const;
    cluster.step(1, { type: 'message', from: 2, message });
    expect(cluster.state(1)).toMatchObject({ role: ROLES[state], term });
  },
);

describe('state_transitions', () => {
  const rows = rowsOf<{ from: Named; to: Named; allowed: number }>('state_transitions');
  /** A pre-candidate stands for election first, even when it is the only voter. */
  const NEVER_TAKEN = ['pre-candidate to leader'];

  it('random runs take every allowed transition and no forbidden one', () => {
    const taken = new Set<string>();
    for (let seed = 1; seed <= 400; seed += 1) {
      for (const move of randomRun({ seed, steps: 400 }).roleMoves) taken.add(move);
    }
    for (const { from, to, allowed } of rows) {
      const move = `${ROLES[from]} to ${ROLES[to]}`;
      const expected = allowed === 1 && !NEVER_TAKEN.includes(move);
      expect(taken.has(move), move).toBe(expected);
    }
  });
});

describe('election_timeout_spread', () => {
  const [row] = rowsOf<{ exact_conflict_prob: number }>('election_timeout_spread');
  const range = { electionTimeoutMinMicros: 10, electionTimeoutMaxMicros: 19 };

  function timeouts(seed: number, size: number, rounds: number): number[][] {
    const cluster = plainCluster(size, { ...range, random: new Prng(seed).word });
    return Array.from({ length: rounds }, () => {
      cluster.start();
      return cluster.servers.map((server) => server.timers.get('election') ?? 0);
    });
  }

  it('draws every integer of the range, and no other', () => {
    const drawn = new Set(timeouts(1, 1, 500).flat());
    expect([...drawn].sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it('lets two of five servers come first together as often as chance does', () => {
    const rounds = 1_000;
    const conflicts = timeouts(2, 5, rounds).filter((drawn) => {
      const first = Math.min(...drawn);
      return drawn.filter((each) => each === first).length > 1;
    }).length;
    const expected = row?.exact_conflict_prob ?? 0;
    const deviation = Math.sqrt((expected * (1 - expected)) / rounds);
    expect(conflicts / rounds).toBeLessThanOrEqual(0.3);
    expect(Math.abs(conflicts / rounds - expected)).toBeLessThan(4 * deviation);
  });
});
