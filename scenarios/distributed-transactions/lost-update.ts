/**
 * Two cashiers add one to the same counter: both read it, both write what they read plus one, and
 * one of the two sales is never counted.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { BERENSON, HERMITAGE, POSTGRES_ISOLATION } from '../sources.ts';

const LEVELS = [
  'read-committed',
  'innodb-repeatable-read',
  'snapshot',
  'repeatable-read',
  'serializable-ssi',
  'serializable-2pl',
] as const;

const params = {
  isolation: field.choice(LEVELS, {
    about: 'What transactions may see of each other.',
    default: 'read-committed',
  }),
  statement: field.choice(['read-then-write', 'for-update', 'atomic'], {
    about:
      'How a cashier counts: SELECT, then UPDATE with the sum; SELECT ... FOR UPDATE first; or ' +
      'UPDATE ... SET sold = sold + 1.',
    default: 'read-then-write',
  }),
  gapMs: field.millis({
    about: 'How long a cashier takes between two statements, on average.',
    default: 10,
    min: 2,
    max: 20,
  }),
};
type Params = Static<TObject<typeof params>>;

const CASHIERS = 2;
const END_MS = 6_000;
const ATTEMPTS_MAX = 50;
/** A sale every 55 ms or so, of each of the two. */
const SALES_MIN = 40;

const FIRST_WINS = 'mvcc.first-committer-wins';

/** What keeps the second of two from writing over the first. */
type Guard = 'none' | 'waits' | 'first-wins' | 'read-locks' | 'at-once';

function guardOf({ isolation, statement }: Params, off: readonly string[]): Guard {
  if (statement === 'atomic' && !isSnapshot(isolation)) return 'at-once';
  if (isSnapshot(isolation) && !off.includes(FIRST_WINS)) return 'first-wins';
  if (statement === 'atomic') return 'at-once';
  if (statement === 'for-update') return 'waits';
  return isolation === 'repeatable-read' || isolation === 'serializable-2pl'
    ? 'read-locks'
    : 'none';
}

const isSnapshot = (level: Params['isolation']): boolean =>
  level === 'snapshot' || level === 'serializable-ssi';

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'store',
    component: 'txn-store',
    count: 1,
    config: {
      isolation: p.isolation,
      rows: [{ key: 'counter', value: 0 }],
    },
  },
  {
    name: 'cashiers',
    component: 'txn-client',
    count: 1,
    links: { store: 'store' },
    config: {
      workload: 'counter',
      workers: CASHIERS,
      thinkMs: 40,
      statementGapMs: p.gapMs,
      maxAttempts: ATTEMPTS_MAX,
      ...(p.statement === 'for-update' ? { forUpdate: true } : {}),
      ...(p.statement === 'atomic' ? { atomicAdd: true } : {}),
    },
  },
];

const checks = (): readonly CheckPlan[] => [
  {
    id: 'both-sell',
    use: 'fact-count',
    args: { fact: 'txn.committed', atLeast: SALES_MIN },
    about: 'Many sales are committed.',
  },
  {
    id: 'every-sale-counts',
    use: 'always',
    args: { predicate: 'increments-kept', with: { group: 'store', clients: 'cashiers' } },
    about: 'The counter is never lower than the number of sales that were committed.',
  },
  {
    id: 'serializable',
    use: 'transactions',
    args: { level: 'serializable' },
    about: 'What was read and written could have happened one after the other.',
  },
  {
    id: 'nobody-is-aborted',
    use: 'fact-count',
    args: { fact: 'txn.aborted', atMost: 0 },
    about: 'No transaction has to be tried again.',
  },
];

const BECAUSE: Readonly<Record<Guard, string>> = {
  none:
    'Both have read 7. The first writes 8 and commits; the second was told 7 a moment ago, ' +
    'writes 8 as well, and nothing at this level minds. Two sales, and the counter has grown ' +
    'by one.',
  waits:
    'FOR UPDATE locks the row when it is read, as if it were written already. The second one ' +
    'waits before it reads, and then reads 8. Nobody is aborted; they queue.',
  'first-wins':
    'The second transaction sees the row as it was when it began, and has somebody else’s newer ' +
    'version in its way: first committer wins, and it is aborted with 40001. Tried again, it ' +
    'reads 8.',
  'read-locks':
    'Both hold a shared lock on what they read, and both wait for the other’s lock to be gone ' +
    'before they write. That is a deadlock: one of them is aborted with 40P01, and reads 8 when ' +
    'it tries again.',
  'at-once':
    'There is no moment between the reading and the writing: the store does both while it holds ' +
    'the lock of the row. The second one builds upon 8.',
};

const OPTIONS = ['9', '8', '7'] as const;

const isLost = (guard: Guard): boolean => guard === 'none';
const aborts = (guard: Guard): boolean => guard === 'first-wins' || guard === 'read-locks';

const story = (p: Params, guard: Guard): readonly StoryStep[] => [
  {
    title: 'A counter',
    at: { ms: 30 },
    text:
      'Two cashiers sell tickets, and one row of a database counts them. ' +
      (p.statement === 'atomic'
        ? 'For each ticket the database is told to add one.'
        : 'For each ticket a program reads the row, adds one, and writes the sum.'),
    focus: ['cashiers', 'store'],
  },
  {
    title: 'At the same time',
    at: { ms: 500 },
    text:
      `Each sale is a transaction, at the level "${p.isolation}". The counter stands at 7, and ` +
      'both sell a ticket at once.',
    focus: ['store'],
    predict: {
      question: 'Both transactions have committed, at once or when tried again. Where is it now?',
      options: [...OPTIONS],
      answer: isLost(guard) ? 1 : 0,
      because: BECAUSE[guard],
    },
  },
  {
    title: isLost(guard) ? 'A sale is gone' : 'Every sale counts',
    at: { ms: END_MS - 2_500 },
    text: isLost(guard)
      ? 'Compare the counter with the number of committed transactions: it falls behind, a ' +
        'little more with every collision. No error was told to anybody. It is called a lost ' +
        'update.'
      : 'The counter and the number of committed transactions agree, and they always will.',
    focus: ['store', 'cashiers'],
    check: 'every-sale-counts',
  },
  {
    title: 'What it costs',
    at: { ms: END_MS - 500 },
    text: aborts(guard)
      ? 'The price is transactions that were aborted and tried again. A program that uses such a ' +
        'level must be ready for that, and many are not.'
      : isLost(guard)
        ? 'Three ways out: let the database add, lock the row when it is read, or ask for a ' +
          'level that aborts the second. Look at the other variants.'
        : 'Nobody was aborted: whoever comes second waits for the lock of the row for a moment.',
    focus: ['store'],
    check: 'nobody-is-aborted',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Two cashiers, one counter',
  summary: 'Both add one to the same row at the same time. By how much does it grow?',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
  groups: groups(p),
  faults: [],
  checks: checks(),
  story: story(p, guardOf(p, ablations)),
});

const LOST = { 'every-sale-counts': { breaks: {} }, serializable: { breaks: {} } } as const;
const ABORTS = { 'nobody-is-aborted': { breaks: {} } } as const;

export default defineScenario({
  id: 'distributed-transactions/lost-update',
  title: 'Two cashiers, one counter',
  summary:
    'Read, add one, write: at read committed one of two increments is lost without an error. ' +
    'Snapshots abort the second, locks make it wait, and an atomic statement has no gap.',
  tier: 'calm',
  sources: [BERENSON, HERMITAGE, POSTGRES_ISOLATION],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'What most databases do unless told otherwise: increments are lost.',
      expect: LOST,
    },
    {
      name: 'mysql-repeatable-read',
      about: 'A snapshot to read from, and writes over what is newer: they are lost, too.',
      params: { isolation: 'innodb-repeatable-read' },
      expect: LOST,
    },
    {
      name: 'snapshot',
      about: 'First committer wins (PostgreSQL repeatable read): the second is aborted.',
      params: { isolation: 'snapshot' },
      expect: ABORTS,
    },
    {
      name: 'serializable',
      about: 'Serializable by locks: both hold what they read, and one of them is aborted.',
      params: { isolation: 'serializable-2pl' },
      expect: ABORTS,
    },
    {
      name: 'for-update',
      about: 'Read committed, and the row is locked when it is read: the second waits.',
      params: { statement: 'for-update' },
    },
    {
      name: 'atomic',
      about: 'Read committed, and the database adds: nothing comes between.',
      params: { statement: 'atomic' },
    },
    {
      name: 'snapshot-without-first-wins',
      about: 'A snapshot level that lets the second one write: they are lost.',
      params: { isolation: 'snapshot' },
      ablations: [FIRST_WINS],
      expect: LOST,
    },
  ],
  thingsToTry: [
    'Let the cashiers take longer between two statements: how many sales are lost then?',
    'Lock the row when it is read at the level "snapshot": who is aborted, and when?',
    'Compare the latencies of "for-update" and "serializable": who waits, who starts again?',
  ],
  leavesOut: [
    'A version column that the UPDATE compares (optimistic locking by hand), which aborts like ' +
      'a snapshot does.',
    'More than two at once: with many of them on one row, waiting is cheaper than starting again.',
  ],
});
