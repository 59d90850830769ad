/** Expectations 21 to 28 of the table: wide areas, elections, clocks, commitment, merging. */
import { lost } from './expectation.ts';
import type { FaultPlan, Row } from './expectation.ts';

/** One follower hears nothing of the leader, which hears all of it. */
const unheardLeader: readonly FaultPlan[] = [
  {
    id: 'unheard',
    fault: {
      type: 'one-way',
      from: { role: 'leader', group: 'n' },
      to: { first: 1, of: { except: { role: 'leader', group: 'n' }, from: 'n' } },
    },
    atMs: 3_000,
    forMs: 2_000,
  },
];

export const clusters: readonly Row[] = [
  {
    number: 21,
    title: 'PACELC',
    runs: [
      {
        says: 'PA/EL: 1 ms, and stale as computed',
        scenario: 'cap/pacelc',
        variant: 'default',
        told: {
          'writes-are-local': 'pass p50-ms 1',
          'asia-reads-locally': 'pass p50-ms 1',
          'stale-as-computed': 'pass 165 of 1018 ',
        },
      },
      {
        says: 'PC/EC: no majority is nearer than another region, and nothing is stale',
        scenario: 'cap/pacelc',
        variant: 'raft',
        told: {
          'nobody-below-one-round-trip': 'pass p50-ms 168.8',
          'stale-as-computed': 'fail 0 of 995 ',
          linearizable: 'pass',
        },
      },
      {
        says: 'PC/EL: one log, read where one is: stale, and never out of its order',
        scenario: 'cap/wan-reads',
        variant: 'default',
        told: { 'reads-are-local': 'pass p50-ms 1', 'never-stale': 'fail' },
        asks: [{ use: 'session', args: { guarantee: 'monotonic-reads' }, told: 'pass' }],
      },
      {
        says: 'PA/EC: undisturbed, reads from the primary are never stale',
        scenario: 'storage/read-your-writes',
        variant: 'primary',
        asks: [{ use: 'staleness', args: {}, told: 'pass' }],
      },
      {
        says: 'PA/EC: cut in two it goes on, and a failover loses',
        scenario: 'storage/split-brain',
        variant: 'default',
        told: { 'outside-is-served': 'pass success-share 1' },
        asks: [lost(15)],
      },
    ],
  },
  {
    number: 22,
    title: 'Raft in three regions, the leader in one',
    runs: [
      {
        says: 'follower reads: to the leader and its round; from 80.5 ms on',
        scenario: 'cap/wan-reads',
        variant: 'read-index',
        told: {
          'writes-as-computed': 'pass p50-ms 81.75',
          'virginia-as-computed': 'pass p50-ms 81.599',
          'ireland-as-computed': 'pass p50-ms 162.175',
          'tokyo-as-computed': 'pass p50-ms 226.943',
        },
      },
      {
        says: 'a lease: at once at the leader, one way and back for the others',
        scenario: 'cap/wan-reads',
        variant: 'lease',
        told: {
          'virginia-as-computed': 'pass p50-ms 1',
          'ireland-as-computed': 'pass p50-ms 81.55',
          'tokyo-as-computed': 'pass p50-ms 146.3',
          linearizable: 'pass',
        },
      },
    ],
  },
  {
    number: 23,
    title: 'flexible quorums, Q1 = 4, Q2 = 2 of five',
    runs: [
      {
        says: 'three down: writes go on; two down, the leader among them: no election',
        scenario: 'consensus/flexible-quorums',
        variant: 'default',
        told: {
          'writes-go-on': 'pass longest-gap-ms 46',
          'new-leader': 'fail paxos.leader came 0 times',
          'paxos-safety': 'pass',
        },
      },
      {
        says: 'majorities: the other way round',
        scenario: 'consensus/flexible-quorums',
        variant: 'majorities',
        told: { 'writes-go-on': 'fail longest-gap-ms is 1997', 'new-leader': 'pass once' },
      },
      {
        says: 'the same sizes in Raft: the same',
        scenario: 'consensus/flexible-quorums',
        variant: 'raft',
        told: {
          'writes-go-on': 'pass longest-gap-ms',
          'new-leader': 'fail raft.leader came 0 times',
          'raft-safety': 'pass',
        },
      },
    ],
  },
  {
    number: 24,
    title: 'a clock jumps by 10 s',
    runs: [
      {
        says: 'two holders of a lock, and an update is lost',
        scenario: 'coordination/clock-jump',
        variant: 'default',
        told: { 'ended-early': 'pass once', 'no-update-lost': 'fail' },
      },
      {
        says: 'fencing: two holders, one refused, nothing lost',
        scenario: 'coordination/clock-jump',
        variant: 'fencing',
        told: {
          'ended-early': 'pass once',
          'refused-by-the-fence': 'pass once',
          'no-update-lost': 'pass',
        },
      },
    ],
  },
  {
    number: 25,
    title: 'links that are dead in one direction',
    runs: [
      {
        says: 'leader to follower alive: the follower stays quiet; CheckQuorum deposes the leader',
        scenario: 'consensus/flapping-link',
        variant: 'deaf-leader',
        told: { 'leader-stays': 'fail', 'raft-safety': 'pass' },
        asks: [
          { use: 'fact-count', args: { fact: 'raft.stepped-down', atLeast: 1 }, told: 'pass' },
        ],
      },
      {
        says: 'without CheckQuorum it stays, and nobody is served',
        scenario: 'consensus/flapping-link',
        variant: 'deaf-and-proud',
        told: {
          'term-stays': 'pass 0 times',
          'leader-stays': 'pass 0 times',
          'clients-unhurt': 'fail',
        },
      },
      {
        says: 'follower to leader alive: without PreVote the follower deposes the leader',
        scenario: 'consensus/flapping-link',
        variant: 'no-pre-vote',
        faults: unheardLeader,
        told: { 'raft-safety': 'pass', linearizable: 'pass' },
        asks: [
          { use: 'fact-count', args: { fact: 'raft.stepped-down', atLeast: 1 }, told: 'pass' },
        ],
      },
      {
        says: 'with it the follower asks in vain',
        scenario: 'consensus/flapping-link',
        variant: 'default',
        faults: unheardLeader,
        told: { 'term-stays': 'pass 0 times', 'leader-stays': 'pass 0 times' },
      },
    ],
  },
  {
    number: 26,
    title: 'a flapping link',
    runs: [
      {
        says: 'PreVote: the term stays',
        scenario: 'consensus/flapping-link',
        variant: 'default',
        told: { 'term-stays': 'pass 0 times', 'leader-stays': 'pass 0 times' },
      },
      {
        says: 'without: the term grows',
        scenario: 'consensus/flapping-link',
        variant: 'no-pre-vote',
        told: { 'term-stays': 'fail', 'leader-stays': 'fail' },
      },
    ],
  },
  {
    number: 27,
    title: 'the coordinator crashes between the votes and the decision',
    runs: [
      {
        says: 'two-phase commit: both rows are locked until it is back',
        scenario: 'distributed-transactions/two-phase-commit',
        variant: 'default',
        told: {
          'anna-is-served': 'fail longest-gap-ms is 5089',
          'bob-is-served': 'fail longest-gap-ms is 5089',
          'one-fate': 'pass 0 times',
          'money-adds-up': 'pass',
        },
      },
      {
        says: 'three-phase commit goes on',
        scenario: 'distributed-transactions/two-phase-commit',
        variant: 'three-phase',
        told: { 'anna-is-served': 'pass', 'bob-is-served': 'pass', 'one-fate': 'pass 0 times' },
      },
      {
        says: 'and splits under a cut',
        scenario: 'distributed-transactions/two-phase-commit',
        variant: 'three-phase-cut',
        told: { 'one-fate': 'fail commit.split', 'money-adds-up': 'fail lost-update:' },
      },
      {
        says: 'Paxos Commit goes on, and does not split',
        scenario: 'distributed-transactions/two-phase-commit',
        variant: 'paxos-commit',
        told: {
          'anna-is-served': 'pass longest-gap-ms 608',
          'bob-is-served': 'pass longest-gap-ms 603',
          'one-fate': 'pass 0 times',
          'money-adds-up': 'pass',
        },
      },
      {
        says: 'nor under a cut: the larger side goes on',
        scenario: 'distributed-transactions/two-phase-commit',
        variant: 'paxos-commit-cut',
        told: { 'anna-is-served': 'pass', 'one-fate': 'pass 0 times', 'money-adds-up': 'pass' },
      },
    ],
  },
  {
    number: 28,
    title: 'data types that merge',
    runs: (
      [
        ['a counter that grows: 2 + 3 + 4 = 9', 'default', 'pass 2 times of 2'],
        ['and shrinks: 10 - 3 - 4 + 2 = 5', 'stock', 'pass 2 times of 2'],
        ['a set: an addition wins', 'cart', 'pass 2 times of 2'],
        ['a register loses one of two', 'title', 'fail'],
      ] as const
    ).map(([says, variant, kept]) => ({
      says,
      scenario: 'cap/merging-types',
      variant,
      told: {
        'both-sides-write': 'pass success-share 1',
        'merged-as-computed': 'pass 2 times of 2',
        'nothing-is-lost': kept,
        'replicas-agree': 'pass',
      },
    })),
  },
];
