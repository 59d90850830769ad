import { describe, expect, it } from 'vitest';
import {
  jointIndex,
  jointVote,
  majorityIndex,
  majorityVote,
} from '../../../src/sim/protocols/raft/quorum.ts';
import type { VoteResult } from '../../../src/sim/protocols/raft/quorum.ts';
import {
  COMMIT,
  ELECTION,
  eachRow,
  MEMBERSHIP,
  QUORUM,
  REPLICATION,
  runsAll,
  TABLES,
} from './cases.ts';

interface CommitRow {
  readonly incoming: readonly number[];
  readonly outgoing: readonly number[] | null;
  readonly acked: Readonly<Record<string, number | null>>;
  readonly committed: number | null;
}
interface VoteRow {
  readonly incoming: readonly number[];
  readonly outgoing: readonly number[] | null;
  readonly votes: Readonly<Record<string, boolean | null>>;
  readonly result: 'VoteWon' | 'VoteLost' | 'VotePending';
}

const RESULTS: Readonly<Record<VoteRow['result'], VoteResult>> = {
  VoteWon: 'won',
  VoteLost: 'lost',
  VotePending: 'pending',
};

runsAll(QUORUM);

describe('the tables', () => {
  it('are all run', () => {
    const run: string[] = [...QUORUM, ...ELECTION, ...COMMIT, ...REPLICATION, ...MEMBERSHIP];
    expect(run.sort()).toEqual(Object.keys(TABLES).sort());
    expect(new Set(run).size).toBe(run.length);
  });
});

for (const table of ['quorum_majority_commit', 'quorum_joint_commit'] as const) {
  eachRow<CommitRow>(table, ({ incoming, outgoing, acked, committed }) => {
    const of = (ids: readonly number[]): number[] => ids.map((id) => acked[id] ?? 0);
    const index =
      outgoing === null ? majorityIndex(of(incoming)) : jointIndex(of(incoming), of(outgoing));
    expect(index).toBe(committed ?? Infinity);
    // Both halves have the same say.
    if (outgoing !== null) expect(jointIndex(of(outgoing), of(incoming))).toBe(index);
  });
}

for (const table of ['quorum_majority_vote', 'quorum_joint_vote'] as const) {
  eachRow<VoteRow>(table, ({ incoming, outgoing, votes, result }) => {
    const of = (ids: readonly number[]): (boolean | null)[] => ids.map((id) => votes[id] ?? null);
    const got =
      outgoing === null ? majorityVote(of(incoming)) : jointVote(of(incoming), of(outgoing));
    expect(got).toBe(RESULTS[result]);
    if (outgoing !== null) expect(jointVote(of(outgoing), of(incoming))).toBe(got);
  });
}
