/** Expectations 13 to 20 of the table: one primary, its replicas, isolation. */
import { NONE_LOST, allServed, facts, lost } from './expectation.ts';
import type { Row } from './expectation.ts';

export const replicas: readonly Row[] = [
  {
    number: 13,
    title: 'an asynchronous primary crashes, a replica is promoted',
    runs: [
      {
        says: 'what was not shipped is lost; the old primary drops its tail when it is back',
        scenario: 'storage/failover',
        variant: 'default',
        told: {
          'nothing-lost': 'fail Lost write 1 of 38:',
          'a-standby-takes-over': 'pass once',
        },
        asks: [facts('replica.rewound', 1), { use: 'replica-safety', told: 'pass' }],
      },
      {
        says: 'of unique keys: all 130 orders since the link died, none before',
        scenario: 'storage/semi-sync-timeout',
        variant: 'default',
        told: { 'lost-as-reckoned': /^pass 199 acknowledged: 69 there, 0 replaced, 130 lost/ },
      },
    ],
  },
  {
    number: 14,
    title: 'the primary is cut off with clients, another is promoted',
    runs: [
      {
        says: 'two primaries, and all 65 orders that the old one answered are lost',
        scenario: 'storage/split-brain',
        variant: 'no-lease',
        told: {
          'one-primary': 'fail one-primary: n1 and n3 are primary at once.',
          'lost-as-reckoned': /^pass 268 acknowledged: 203 there, 0 replaced, 65 lost/,
          'inside-is-told-no': 'fail ok-count is 24 ',
        },
      },
      {
        says: 'with a lease one primary, and 15 lost until it ends',
        scenario: 'storage/split-brain',
        variant: 'default',
        told: {
          'one-primary': 'pass',
          'lost-as-reckoned': /^pass 218 acknowledged: 203 there, 0 replaced, 15 lost/,
          'inside-is-told-no': 'pass ok-count 0',
        },
      },
      {
        says: 'sentinels promote: two primaries, and all 70 orders of the old one are lost',
        scenario: 'storage/sentinel',
        variant: 'default',
        told: {
          'one-primary': 'fail one-primary: ',
          'lost-as-reckoned': /^pass .* 70 lost/,
          'nothing-lost': 'fail',
        },
      },
      {
        says: 'where a majority of the sentinels is cut off with it, nobody is promoted',
        scenario: 'storage/sentinel',
        variant: 'majority-inside',
        told: { 'one-primary': 'pass', 'nothing-lost': 'pass' },
      },
    ],
  },
  {
    number: 15,
    title: 'the timeout of semi-synchronous replication',
    runs: [
      {
        says: 'one spike of 10 s, then asynchronous, then a failover loses 130 orders',
        scenario: 'storage/semi-sync-timeout',
        variant: 'default',
        told: {
          'one-spike': 'pass p999-ms 10002',
          'falls-back-once': 'pass once',
          'quick-again': 'pass p999-ms 4',
        },
        asks: [lost(130)],
      },
    ],
  },
  {
    number: 16,
    title: 'one synchronous standby, and it dies',
    runs: [
      {
        says: 'no write is answered',
        scenario: 'storage/semi-sync-timeout',
        variant: 'synchronous',
        told: { 'writes-go-on': 'fail ok-count is 0 ' },
        asks: [NONE_LOST],
      },
      {
        says: 'degraded mode: it is struck from the list, and writes go on',
        scenario: 'storage/semi-sync-timeout',
        variant: 'struck-from-the-list',
        told: { 'writes-go-on': 'pass ok-count 20' },
        asks: [NONE_LOST],
      },
    ],
  },
  {
    number: 17,
    title: 'one’s own writes, through a balancer, from a replica',
    runs: [
      {
        says: 'missed for the lag: 80 of 125, and none that comes after it',
        scenario: 'storage/read-your-writes',
        variant: 'default',
        told: {
          'reads-its-writes': 'fail read-your-writes',
          'stale-as-reckoned': 'pass 80 of 125 ',
          'fresh-after-the-lag': 'pass',
        },
      },
      {
        says: 'from the primary: none',
        scenario: 'storage/read-your-writes',
        variant: 'primary',
        told: { 'reads-its-writes': 'pass', 'stale-as-reckoned': 'pass 0 of 125 ' },
      },
      {
        says: 'with a position of the log: none',
        scenario: 'storage/read-your-writes',
        variant: 'tokens',
        told: { 'reads-its-writes': 'pass', 'stale-as-reckoned': 'pass 0 of 125 ' },
      },
    ],
  },
  {
    number: 18,
    title: 'a causal store',
    runs: [
      {
        says: 'the answer waits for its question; a cut: both serve, each sees its own order',
        scenario: 'cap/causal',
        variant: 'default',
        told: {
          'bob-has-read-the-question': 'pass once of 1',
          'no-answer-without-its-question': 'pass 0 times',
          'answer-in-the-end': 'pass 2 times of 3',
          'small-side-serves': 'pass success-share 1',
          'large-side-serves': 'pass success-share 1',
          'ann-sees-no-coffee': 'pass once of 1',
          'bob-sees-no-tea': 'pass once of 1',
          'one-dinner': 'pass 3 times of 3',
          'datacentres-agree': 'pass',
          causal: 'pass',
        },
        asks: [
          { use: 'linearizable', told: 'fail' },
          { use: 'causal', told: 'pass' },
          { use: 'session', args: { guarantee: 'read-your-writes' }, told: 'pass' },
          { use: 'session', args: { guarantee: 'monotonic-reads' }, told: 'pass' },
          { use: 'session', args: { guarantee: 'monotonic-writes' }, told: 'pass' },
          { use: 'session', args: { guarantee: 'writes-follow-reads' }, told: 'pass' },
          allServed('put', { clients: 'a', fromMs: 6_500, untilMs: 9_500 }),
          allServed('get', { clients: 'a', fromMs: 6_500, untilMs: 9_500 }),
          allServed('put', { clients: 'b', fromMs: 6_500, untilMs: 9_500 }),
          allServed('get', { clients: 'b', fromMs: 6_500, untilMs: 9_500 }),
        ],
      },
      {
        says: 'without the check of dependencies the answer is seen without its question, once',
        scenario: 'cap/causal',
        variant: 'no-dependency-check',
        told: {
          'no-answer-without-its-question': /^fail .*I have!: once/,
          causal: 'fail',
          'datacentres-agree': 'pass',
          'one-dinner': 'pass 3 times of 3',
        },
        asks: [{ use: 'session', args: { guarantee: 'writes-follow-reads' }, told: 'fail' }],
      },
    ],
  },
  {
    number: 19,
    title: 'snapshot isolation, two doctors on call',
    runs: [
      {
        says: 'both go: G2-item',
        scenario: 'distributed-transactions/write-skew',
        variant: 'default',
        told: { 'somebody-is-on-call': 'fail', serializable: 'fail G2-item:' },
        asks: [{ use: 'transactions', args: { level: 'snapshot-isolation' }, told: 'pass' }],
      },
      {
        says: 'serializable snapshots: one is aborted',
        scenario: 'distributed-transactions/write-skew',
        variant: 'ssi',
        told: { 'somebody-is-on-call': 'pass 0 times', serializable: 'pass' },
        asks: [facts('txn.aborted', 39)],
      },
      {
        says: 'two-phase locking: one is aborted',
        scenario: 'distributed-transactions/write-skew',
        variant: 'two-phase-locking',
        told: { 'somebody-is-on-call': 'pass 0 times', serializable: 'pass' },
        asks: [facts('txn.aborted', 20)],
      },
    ],
  },
  {
    number: 20,
    title: 'read committed, a counter',
    runs: [
      {
        says: 'increments are lost: P4',
        scenario: 'distributed-transactions/lost-update',
        variant: 'default',
        told: { 'every-sale-counts': 'fail', serializable: 'fail lost-update:' },
      },
      {
        says: 'snapshots: the second is aborted',
        scenario: 'distributed-transactions/lost-update',
        variant: 'snapshot',
        told: { 'every-sale-counts': 'pass', serializable: 'pass' },
        asks: [facts('txn.aborted', 63)],
      },
      {
        says: 'added where it is: safe, and nobody is aborted',
        scenario: 'distributed-transactions/lost-update',
        variant: 'atomic',
        told: { 'every-sale-counts': 'pass', 'nobody-is-aborted': 'pass 0 times' },
      },
    ],
  },
];
