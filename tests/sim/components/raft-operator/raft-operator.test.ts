/** An operator finds the leader, does one thing after the other, and says what was refused. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, Session } from 'faultline';
import type { FaultEntry, Plan } from 'faultline';
import { specOf } from '../../../support/plans.ts';

interface Orders {
  readonly orders: readonly object[];
  readonly faults?: readonly FaultEntry[];
}

function operated({ orders, faults = [] }: Orders): Session {
  const document: Plan = {
    title: 'A group that is operated',
    summary: 'An operator changes a group.',
    durationMs: 8_000,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: [
      { name: 'n', component: 'raft-kv', count: 5, config: { initialVoters: 3 } },
      {
        name: 'op',
        component: 'raft-operator',
        count: 1,
        links: { servers: 'n' },
        config: { orders, timeoutMs: 1_000 },
      },
    ],
    faults,
    checks: [{ id: 'safety', use: 'raft-safety' }],
    story: [],
  };
  return new Session(specOf(document));
}

/** What the operator shows in the end, and who votes and leads then. */
function after(run: Session): { told: object; voters: unknown; leader: string } {
  const report = run.run();
  expect(report.checks.map(({ result }) => result)).toEqual(['pass']);
  const { nodes } = run.world;
  const leader = nodes.find((node) => node.roles().includes('leader'));
  const operator = nodes.find(({ name }) => name === 'op1')?.state as Record<string, unknown>;
  const raft = leader?.state as { raft: { conf: { members: { voters: readonly number[] } } } };
  const voters = raft.raft.conf.members.voters.map((index) => nodes[index]?.name);
  const { next, done, refused, isUnderWay } = operator;
  return { told: { next, done, refused, isUnderWay }, voters, leader: leader?.name ?? '' };
}

describe('an operator', () => {
  it('finds the leader, and does one thing after the other', () => {
    const { told, voters, leader } = after(
      operated({
        orders: [
          { atMs: 1_000, add: ['n4'] },
          { atMs: 1_001, add: ['n5'], remove: ['n1'] },
          { atMs: 4_000, transferTo: 'n5' },
        ],
      }),
    );
    expect(told).toEqual({ next: 3, done: 3, refused: 0, isUnderWay: false });
    expect(voters).toEqual(['n2', 'n3', 'n4', 'n5']);
    expect(leader).toBe('n5');
  });

  it('asks again where there is no answer, until there is a leader again', () => {
    const { told, voters } = after(
      operated({
        orders: [{ atMs: 1_000, add: ['n4'] }],
        faults: [{ fault: { type: 'crash', target: ['n1', 'n2', 'n3'] }, atMs: 900, forMs: 3_000 }],
      }),
    );
    expect(told).toEqual({ next: 1, done: 1, refused: 0, isUnderWay: false });
    expect(voters).toEqual(['n1', 'n2', 'n3', 'n4']);
  });

  it('goes on where an order is refused for good', () => {
    const { told, voters } = after(
      operated({
        orders: [
          { atMs: 1_000, transferTo: 'n5' },
          { atMs: 1_100, learn: ['n5'] },
        ],
      }),
    );
    expect(told).toEqual({ next: 2, done: 1, refused: 1, isUnderWay: false });
    expect(voters).toEqual(['n1', 'n2', 'n3']);
  });

  it('refuses an order of a server that was taken away since, and goes on', () => {
    const run = operated({
      orders: [
        { atMs: 1_000, learn: ['n4'] },
        { atMs: 3_000, remove: ['n4'] },
        { atMs: 3_001, add: ['n5'] },
      ],
    });
    run.advance({ untilMicros: 2_000_000 });
    run.intervene({ do: 'retire', node: 'n4' });
    const { told, voters } = after(run);
    expect(told).toEqual({ next: 3, done: 2, refused: 1, isUnderWay: false });
    expect(voters).toEqual(['n1', 'n2', 'n3', 'n5']);
  });

  it('that starts again does not do again what was due before', () => {
    const { told } = after(
      operated({
        orders: [
          { atMs: 1_000, add: ['n4'] },
          { atMs: 5_000, remove: ['n4'] },
        ],
        faults: [{ fault: { type: 'crash', target: 'op' }, atMs: 3_000, forMs: 100 }],
      }),
    );
    expect(told).toEqual({ next: 2, done: 1, refused: 0, isUnderWay: false });
  });
});

describe('orders', () => {
  it.each([
    ['none at all', [], /does nothing/],
    ['an empty one', [{ atMs: 1 }], /order is empty/],
    ['two things in one', [{ add: ['n4'], transferTo: 'n1' }], /changes members or transfers/],
    ['a stranger', [{ add: ['n9'] }], /no server "n9"/],
    ['one server twice', [{ add: ['n4'], remove: ['n4'] }], /names n4 twice/],
  ])('are refused: %s', (_what, orders, why) => {
    expect(() => operated({ orders })).toThrow(ScenarioError);
    expect(() => operated({ orders })).toThrow(why);
  });
});
