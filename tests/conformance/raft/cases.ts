/** The Raft tables: where they are read from, and which of them are run where. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cluster } from '../../sim/protocols/raft/support/cluster.ts';
import type { ClusterOptions } from '../../sim/protocols/raft/support/cluster.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

type Table = { readonly rows: readonly object[] } & Readonly<Record<string, unknown>>;

export const TABLES = (
  JSON.parse(readFileSync(join(folder, 'raft_cases.json'), 'utf8')) as {
    readonly cases: Readonly<Record<string, Table>>;
  }
).cases;

export const QUORUM = [
  'quorum_majority_commit',
  'quorum_joint_commit',
  'quorum_majority_vote',
  'quorum_joint_vote',
] as const;
export const ELECTION = [
  'voter_up_to_date',
  'is_up_to_date',
  'follower_vote_once',
  'election_one_round',
  'leader_election_network',
  'leader_cycle',
  'candidate_fallback',
  'state_transitions',
  'election_timeout_spread',
] as const;
export const COMMIT = [
  'commit_rule',
  'only_commits_current_term',
  'figure8',
  'leader_ack_commit',
  'commit_preceding',
  'commit_without_new_term_entry',
  'handle_heartbeat_commit',
] as const;
export const REPLICATION = [
  'figure7_paper',
  'probe_and_replicate',
  'follower_check_append',
  'find_conflict',
  'fast_log_rejection',
  'log_maybe_append',
  'log_replication',
  'proposal',
  'old_messages',
  'leader_app_resp',
  'read_index',
  'flow_control',
] as const;

export const MEMBERSHIP = [
  'learners',
  'confchange_simple_safety',
  'confchange_simple_idempotency',
  'confchange_joint_idempotency',
  'confchange_joint_learners_next',
  'commit_after_remove_node',
] as const;

type TableName = (
  typeof QUORUM | typeof MEMBERSHIP | typeof ELECTION | typeof COMMIT | typeof REPLICATION
)[number];

/** The tables whose rows some test has asked for. */
const asked = new Set<string>();

function tableOf(name: TableName): Table {
  asked.add(name);
  return TABLES[name] as Table;
}

/** All rows of a table, for a test that needs more than one at a time. */
export const rowsOf = <Row>(table: TableName): readonly Row[] =>
  tableOf(table).rows as readonly Row[];

/** A test that the file really runs the tables that it is said to run. */
export function runsAll(tables: readonly TableName[]): void {
  it('every table listed for this file is run', () => {
    expect(tables.filter((name) => !asked.has(name))).toEqual([]);
    const counts = tables.map((name) => `${name} ${TABLES[name]?.rows.length ?? 0}`);
    console.info(`rows run from ${folder}: ${counts.join(', ')}`);
  });
}

/** One test for each row of a table. */
export function eachRow<Row extends object>(
  table: TableName,
  run: (row: Row, context: Table) => void,
): void {
  const context = tableOf(table);
  describe(table, () => {
    it.each(context.rows.map((row, i) => [i + 1, row as Row] as const))('row %i: %o', (_, row) => {
      run(row, context);
    });
  });
}

/** A cluster without pre-votes, refusals or quorum checks, as most tables assume. */
export function plainCluster(size: number, options: Partial<ClusterOptions> = {}): Cluster {
  const ids = Array.from({ length: size }, (_, i) => i + 1);
  const plain = { preVote: false, preVoteLease: false, checkQuorum: false };
  return new Cluster({ ids, ...plain, ...options });
}

/** Votes for a candidate, from the given voters, in its own term. */
export function grantVotes(cluster: Cluster, candidate: number, voters: readonly number[]): void {
  for (const from of voters) {
    const { term } = cluster.state(candidate);
    const message = { type: 'raft.vote-reply', term, granted: true } as const;
    cluster.step(candidate, { type: 'message', from, message });
  }
}

/** An acknowledgement of everything up to `index`, in the leader's own term. */
export function acknowledge(cluster: Cluster, leader: number, from: number, index: number): void {
  const { term } = cluster.state(leader);
  const rest = { success: true, hintIndex: 0, hintTerm: 0, round: 0 } as const;
  const message = { type: 'raft.append-reply', term, index, ...rest } as const;
  cluster.step(leader, { type: 'message', from, message });
}
