import { describe, expect, it } from 'vitest';
import type { RaftMembers } from '../../../src/sim/contracts/raft.ts';
import { configurationOf, plainMembers } from '../../../src/sim/protocols/raft/configuration.ts';
import {
  enterJoint,
  leaveJoint,
  simpleChange,
} from '../../../src/sim/protocols/raft/members-change.ts';
import type { ChangeResult } from '../../../src/sim/protocols/raft/members-change.ts';
import { parseChanges } from '../../sim/protocols/raft/support/cluster.ts';
import type { Cluster } from '../../sim/protocols/raft/support/cluster.ts';
import { MEMBERSHIP, plainCluster, rowsOf, runsAll } from './cases.ts';

runsAll(MEMBERSHIP);

interface Row {
  readonly cmd: 'simple' | 'enter-joint' | 'leave-joint';
  readonly autoleave: boolean;
  readonly ops: readonly string[];
  readonly error?: string;
  readonly voters?: readonly number[];
  readonly outgoing?: readonly number[] | null;
  readonly learners?: readonly number[];
  readonly learners_next?: readonly number[];
}

function perform(members: RaftMembers, { cmd, ops, autoleave }: Row): ChangeResult {
  const changes = parseChanges(ops.join(' '));
  if (cmd === 'leave-joint') return leaveJoint(members);
  if (cmd === 'enter-joint') return enterJoint(members, changes, autoleave);
  return simpleChange(members, changes);
}

for (const table of MEMBERSHIP.filter((name) => name.startsWith('confchange'))) {
  describe(table, () => {
    const rows = rowsOf<Row>(table);

    it('every change, one after the other', () => {
      let members = plainMembers([]);
      for (const [i, row] of rows.entries()) {
        const where = `row ${i + 1}: ${row.cmd} ${row.ops.join(' ')}`;
        const after = perform(members, row);
        // A change that is refused leaves the configuration as it is.
        expect(typeof after === 'string', where).toBe(row.error !== undefined);
        if (typeof after === 'string') continue;
        members = after;
        expect(members, where).toEqual({
          voters: row.voters,
          outgoing: row.outgoing ?? [],
          learners: row.learners,
          learnersNext: row.learners_next,
          autoLeave: row.autoleave,
        });
        const { peers } = configurationOf(1, members, 0);
        expect(new Set(peers).size, where).toBe(peers.length);
      }
    });
  });
}

/** Server 1 votes; server 2 learns. */
const withLearner = (): Cluster => plainCluster(2, { voters: [1], learners: [2] });

const LEARNERS: Readonly<Record<string, () => void>> = {
  'never starts election on timeout': () => {
    const cluster = withLearner();
    cluster.campaign(2);
    expect(cluster.network).toEqual([]);
    expect(cluster.state(2)).toMatchObject({ role: 'follower', term: 0 });
  },
  'receives log + commit (match advances) but does not count for quorum': () => {
    const cluster = withLearner();
    cluster.campaign(1);
    cluster.step(1, { type: 'propose', command: 'x', tag: 1 });
    expect(cluster.state(1).commitIndex).toBe(2);
    cluster.settle();
    expect(cluster.state(2)).toMatchObject({ commitIndex: 2 });
    expect(cluster.logTerms(2)).toEqual([1, 1]);
    expect(cluster.state(1).match[1]).toBe(2);
  },
  'answers RequestVote if asked (may be a voter in a newer config)': () => {
    const cluster = withLearner();
    const message = { type: 'raft.vote', term: 2, lastLogIndex: 11, lastLogTerm: 11 } as const;
    cluster.step(2, { type: 'message', from: 1, message });
    const [answer] = cluster.network;
    expect(answer?.message).toEqual({ type: 'raft.vote-reply', term: 2, granted: true });
  },
  'after promotion may campaign and win': () => {
    const cluster = withLearner();
    cluster.campaign(1);
    cluster.settle();
    cluster.change(1, 'v2');
    cluster.settle();
    cluster.campaign(2);
    cluster.settle();
    expect(cluster.leaders()).toEqual([2]);
  },
  'ignores MsgHup / TimeoutNow while learner': () => {
    const cluster = withLearner();
    cluster.campaign(2);
    const message = { type: 'raft.timeout-now', term: 0 } as const;
    cluster.step(2, { type: 'message', from: 1, message });
    expect(cluster.network).toEqual([]);
    expect(cluster.state(2).role).toBe('follower');
  },
};

describe('learners', () => {
  it.each(rowsOf<{ rule: string }>('learners'))('$rule', ({ rule }) => {
    const test = LEARNERS[rule];
    expect(test, 'a test of this rule').toBeDefined();
    test?.();
  });
});

describe('commit_after_remove_node', () => {
  const [row] = rowsOf<{ after_cc_ack: string[]; after_apply: string[] }>(
    'commit_after_remove_node',
  );

  it('what waited for the removed server is committed by the one that is left', () => {
    const cluster = plainCluster(2);
    cluster.campaign(1);
    cluster.settle();
    const names: string[] = [];
    const committed = (): string[] =>
      cluster.server(1).machine.map(({ command, members }) => {
        if (members !== undefined) return 'confchange';
        return command === null ? 'noop' : String(command);
      });
    // Etcd uses a configuration once it is applied, we once it is appended: so the removed server
    // need not store its removal. The order of what is committed is the same.
    cluster.change(1, 'r2');
    names.push(...committed());
    expect(names).toEqual(row?.after_cc_ack);
    cluster.step(1, { type: 'propose', command: 'hello', tag: 2 });
    expect(committed().slice(names.length)).toEqual(row?.after_apply);
  });
});
