/**
 * What can be had while replicas cannot reach each other: the classes of Bailis et al., Highly
 * Available Transactions (VLDB 2014), table 3. Each by a run that is cut in two: what everybody is
 * served with, what only those who stay with their replica are, and costs one side its service.
 */
import { allServed, noneServed } from './expectation.ts';
import type { Question, Run } from './expectation.ts';

export type Availability = 'highly available' | 'sticky available' | 'unavailable';

export interface HatRow {
  readonly availability: Availability;
  readonly levels: readonly string[];
  readonly runs: readonly Run[];
}

const session = (guarantee: string, told: 'pass' | 'fail'): Question => ({
  use: 'session',
  args: { guarantee },
  told,
});
const transactions = (level: string, told: string): Question => ({
  use: 'transactions',
  args: { level },
  told,
});

const cutIsolation = (level: 'item' | 'predicate', told: string): Question => ({
  use: 'cut-isolation',
  args: { level },
  told,
});
const REPORTS_SERVED = {
  'west-is-served': 'pass success-share 1',
  'east-is-served': 'pass success-share 1',
};

/** Of cap/causal: from when the cut is known to its end. */
const CAUSAL_CUT = { fromMs: 6_500, untilMs: 9_500 };
/** Of cap/cp-partition: the small side, from when nobody waits for an answer from before it. */
const SMALL_SIDE = { clients: 'a', fromMs: 4_500, untilMs: 7_500 };

const everybodyIsServed: readonly Question[] = ['a', 'b'].flatMap((clients) => [
  allServed('put', { clients, ...CAUSAL_CUT }),
  allServed('get', { clients, ...CAUSAL_CUT }),
]);
const commit = {
  scenario: 'distributed-transactions/two-phase-commit',
  /** Both sides end the transaction under way, each for itself. */
  available: 'three-phase-cut',
  /** The side without a majority waits. */
  consistent: 'paxos-commit-cut',
} as const;
const bothAreServed = { 'anna-is-served': 'pass', 'bob-is-served': 'pass' };
const oneWaits = { 'anna-is-served': 'pass', 'bob-is-served': 'fail longest-gap-ms is' };

export const hat: readonly HatRow[] = [
  {
    availability: 'highly available',
    levels: ['read uncommitted', 'read committed', 'monotonic atomic view'],
    runs: [
      {
        says: 'both sides of a cut commit, and none of these is broken',
        scenario: commit.scenario,
        variant: commit.available,
        told: bothAreServed,
        asks: ['read-uncommitted', 'read-committed', 'monotonic-atomic-view'].map((level) =>
          transactions(level, 'pass'),
        ),
      },
    ],
  },
  {
    availability: 'highly available',
    levels: ['item cut isolation', 'predicate cut isolation'],
    runs: [
      {
        says: 'reports are made on both sides of a cut, and keep what they have read',
        scenario: 'cap/read-twice',
        variant: 'keeps-answers',
        told: REPORTS_SERVED,
        asks: [cutIsolation('item', 'pass'), cutIsolation('predicate', 'pass')],
      },
      {
        says: 'a copy of single items is not one of the answer to a question',
        scenario: 'cap/read-twice',
        variant: 'keeps-items',
        told: REPORTS_SERVED,
        asks: [
          cutIsolation('item', 'pass'),
          cutIsolation('predicate', 'fail predicate-many-preceders'),
        ],
      },
      {
        says: 'being served is not enough: who keeps nothing has neither',
        scenario: 'cap/read-twice',
        variant: 'default',
        told: REPORTS_SERVED,
        asks: [cutIsolation('item', 'fail item-many-preceders'), cutIsolation('predicate', 'fail')],
      },
    ],
  },
  {
    availability: 'highly available',
    levels: ['monotonic reads', 'monotonic writes', 'writes follow reads'],
    runs: [
      {
        says: 'both sides of a cut read and write, and none of these is broken',
        scenario: 'cap/causal',
        variant: 'default',
        asks: [
          ...everybodyIsServed,
          session('monotonic-reads', 'pass'),
          session('monotonic-writes', 'pass'),
          session('writes-follow-reads', 'pass'),
        ],
      },
      {
        says: 'being served is not enough: a store that shows writes as they come breaks one',
        scenario: 'cap/causal',
        variant: 'no-dependency-check',
        asks: [...everybodyIsServed, session('writes-follow-reads', 'fail')],
      },
    ],
  },
  {
    availability: 'sticky available',
    levels: ['read your writes'],
    runs: [
      {
        says: 'who stays with a replica is served behind the cut, and reads what was written',
        scenario: 'cap/session-guarantees',
        variant: 'sticky-while-cut',
        told: { 'always-served': 'pass success-share 1', 'reads-its-writes': 'pass' },
      },
      {
        says: 'who is sent to any replica does not, without any cut',
        scenario: 'cap/session-guarantees',
        variant: 'default',
        told: {
          'always-served': 'pass success-share 1',
          'reads-its-writes': 'fail read-your-writes',
        },
      },
      {
        says: 'nor does who must leave the own one',
        scenario: 'cap/session-guarantees',
        variant: 'node-lost',
        told: { 'reads-its-writes': 'fail read-your-writes' },
      },
    ],
  },
  {
    availability: 'sticky available',
    levels: ['PRAM', 'causal'],
    runs: [
      {
        says: 'who stays with a datacentre is served behind the cut; sequential it is not',
        scenario: 'cap/causal',
        variant: 'default',
        asks: [
          ...everybodyIsServed,
          { use: 'pram', told: 'pass' },
          { use: 'causal', told: 'pass' },
          { use: 'sequential', told: 'fail' },
        ],
      },
    ],
  },
  {
    availability: 'unavailable',
    levels: ['cursor stability', 'repeatable read', 'snapshot isolation', 'serializable'],
    runs: [
      {
        says: 'where both sides of a cut commit, an update is lost: none of these holds',
        scenario: commit.scenario,
        variant: commit.available,
        told: bothAreServed,
        asks: ['cursor-stability', 'repeatable-read', 'snapshot-isolation', 'serializable'].map(
          (level) => transactions(level, 'fail lost-update:'),
        ),
      },
      {
        says: 'where they hold, strictly even, one side waits',
        scenario: commit.scenario,
        variant: commit.consistent,
        told: oneWaits,
        asks: [
          'cursor-stability',
          'repeatable-read',
          'snapshot-isolation',
          'serializable',
          'strict-serializable',
        ].map((level) => transactions(level, 'pass')),
      },
    ],
  },
  {
    availability: 'unavailable',
    levels: ['recency', 'safe', 'regular', 'linearizable'],
    runs: [
      {
        says: 'by consensus: nothing is stale, and the small side has neither reads nor writes',
        scenario: 'cap/cp-partition',
        variant: 'default',
        told: { linearizable: 'pass' },
        asks: [
          noneServed('put', SMALL_SIDE),
          noneServed('get', SMALL_SIDE),
          { use: 'staleness', args: {}, told: 'pass' },
        ],
      },
      {
        says: 'by quorums: nothing is stale, and the small side is refused',
        scenario: 'cap/session-guarantees',
        variant: 'quorum-while-cut',
        told: { 'always-served': 'fail success-share is', linearizable: 'pass' },
        asks: [{ use: 'staleness', args: {}, told: 'pass' }],
      },
      {
        says: 'where it is served it reads what is old',
        scenario: 'cap/session-guarantees',
        variant: 'sticky-while-cut',
        told: { 'always-served': 'pass success-share 1', linearizable: 'fail' },
        asks: [{ use: 'staleness', args: {}, told: 'fail' }],
      },
    ],
  },
];
