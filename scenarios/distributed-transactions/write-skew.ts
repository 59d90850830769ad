/**
 * Two doctors are on call, and each may go home if the other stays. Both look, both see the other,
 * both go: each transaction was right by itself, and together they are wrong.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CAHILL_SSI, HERMITAGE, POSTGRES_ISOLATION } from '../sources.ts';

const LEVELS = [
  'read-committed',
  'snapshot',
  'repeatable-read',
  'serializable-ssi',
  'serializable-2pl',
] as const;

const params = {
  isolation: field.choice(LEVELS, {
    about: 'What transactions may see of each other.',
    default: 'snapshot',
  }),
  gapMs: field.millis({
    about: 'How long a doctor thinks between two statements, on average.',
    default: 10,
    min: 2,
    max: 20,
  }),
};
type Params = Static<TObject<typeof params>>;
type Level = Params['isolation'];

const DOCTORS = 2;
const END_MS = 6_000;

const PIVOTS = 'mvcc.ssi-pivot';

/** Without the rule about pivots serializable snapshots are snapshots. */
function effective({ isolation }: Params, off: readonly string[]): Level {
  return isolation === 'serializable-ssi' && off.includes(PIVOTS) ? 'snapshot' : isolation;
}

/** Levels at which what was read may have changed by the time of the commit. */
const allowsSkew = (level: Level): boolean => level === 'read-committed' || level === 'snapshot';

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'roster',
    component: 'txn-store',
    count: 1,
    config: {
      isolation: p.isolation,
      deadlocks: 'wound-wait',
      rows: Array.from({ length: DOCTORS }, (_, i) => ({ key: `oncall/${i}`, value: 1 })),
    },
  },
  {
    name: 'doctors',
    component: 'txn-client',
    count: 1,
    links: { store: 'roster' },
    config: {
      workload: 'on-call',
      workers: DOCTORS,
      thinkMs: 40,
      statementGapMs: p.gapMs,
    },
  },
];

const checks = (): readonly CheckPlan[] => [
  {
    id: 'doctors-come-and-go',
    use: 'fact-count',
    args: { fact: 'txn.committed', atLeast: 30 },
    about: 'Many transactions commit.',
  },
  {
    id: 'somebody-is-on-call',
    use: 'fact-count',
    args: { fact: 'txn.wrong', atMost: 0 },
    about: 'No doctor ever finds that nobody is on call.',
  },
  {
    id: 'serializable',
    use: 'transactions',
    args: { level: 'serializable' },
    about: 'What the doctors saw and did could have happened one after the other.',
  },
];

const OPTIONS = [
  'Nothing: the store lets only one of the two go.',
  'Both go home, and nobody is on call.',
  'Both wait for each other, for ever.',
] as const;

const BECAUSE: Readonly<Record<Level, string>> = {
  snapshot:
    'Each transaction sees the roster as it was when it began: two doctors on call. They write ' +
    'different rows, so neither stands in the way of the other. Snapshot isolation looks for two ' +
    'that write the same; here each writes what the other has only read.',
  'read-committed':
    'Each sees what is committed at the moment of its statement, and keeps no hold of it. What ' +
    'was true when a doctor looked need not be true when she writes.',
  'repeatable-read':
    'Here what is read stays locked until the end. Each doctor holds the row that the other ' +
    'wants to write, so one of them is aborted, and when she tries again she finds that she ' +
    'has to stay.',
  'serializable-ssi':
    'The store notes who has read what others then write. Two such edges in a row could close a ' +
    'circle, and it aborts one of the transactions before they do (40001), without any waiting.',
  'serializable-2pl':
    'What is read stays locked until the commit, also the answer to "who is on call". One of the ' +
    'two is aborted and the other one goes.',
};

const story = (p: Params, level: Level): readonly StoryStep[] => [
  {
    title: 'The rule',
    at: { ms: 30 },
    text:
      'Two doctors are on call, and at least one must be at any time. A doctor who wants to go ' +
      'home begins a transaction, reads the whole roster, and takes her name off it only if the ' +
      'other one is there. Later she comes back.',
    focus: ['doctors', 'roster'],
  },
  {
    title: 'Both look at once',
    at: { ms: 500 },
    text:
      `The store runs its transactions at the level "${p.isolation}"` +
      (level === p.isolation ? '' : ', with its rule about dangerous pairs switched off') +
      '. The two doctors begin at about the same time, and each of them sees two names.',
    focus: ['roster'],
    predict: {
      question: 'What happens when both want to go home at once?',
      options: [...OPTIONS],
      answer: allowsSkew(level) ? 1 : 0,
      because: BECAUSE[level],
    },
  },
  {
    title: allowsSkew(level) ? 'Nobody is on call' : 'One has to stay',
    at: { ms: END_MS - 2_000 },
    text: allowsSkew(level)
      ? 'It has happened more than once by now. No transaction has read anything wrong, and none ' +
        'has overwritten another: the rule was broken between them. It is called write skew.'
      : 'It has not happened, and it cannot: whenever both wanted to go, one of the two ' +
        'transactions was aborted, and had to look again.',
    focus: ['doctors'],
    check: 'somebody-is-on-call',
  },
  {
    title: 'The circle',
    at: { ms: END_MS - 500 },
    text: allowsSkew(level)
      ? 'The check below names two transactions of which each must have come before the other. ' +
        'In real programs it is two bookings of one room, or two withdrawals from two accounts ' +
        'that must not be empty together.'
      : 'The price is transactions that are aborted and tried again. A program that uses such a ' +
        'level has to expect that.',
    focus: ['roster'],
    check: 'serializable',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Two doctors on call',
  summary: 'Each may go home if the other stays, and both look at the same time.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
  groups: groups(p),
  faults: [],
  checks: checks(),
  story: story(p, effective(p, ablations)),
});

const SKEW = { 'somebody-is-on-call': { breaks: {} }, serializable: { breaks: {} } } as const;

export default defineScenario({
  id: 'distributed-transactions/write-skew',
  title: 'Two doctors on call',
  summary:
    'Under snapshot isolation two transactions that are each right break a rule together: write ' +
    'skew. Serializable levels abort one of them.',
  tier: 'calm',
  sources: [CAHILL_SSI, HERMITAGE, POSTGRES_ISOLATION],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Snapshot isolation (PostgreSQL repeatable read): both go home.',
      expect: SKEW,
    },
    {
      name: 'read-committed',
      about: 'What most databases do unless told otherwise: both go home.',
      params: { isolation: 'read-committed' },
      expect: SKEW,
    },
    {
      name: 'locking-repeatable-read',
      about: 'What is read stays locked (SQL Server): one is aborted.',
      params: { isolation: 'repeatable-read' },
    },
    {
      name: 'ssi',
      about: 'Serializable snapshots (PostgreSQL serializable): one is aborted, nobody waits.',
      params: { isolation: 'serializable-ssi' },
    },
    {
      name: 'two-phase-locking',
      about: 'Serializable by locks: one is aborted.',
      params: { isolation: 'serializable-2pl' },
    },
    {
      name: 'ssi-without-pivots',
      about: 'Serializable snapshots that do not look for the dangerous pair of edges: both go.',
      params: { isolation: 'serializable-ssi' },
      ablations: [PIVOTS],
      expect: SKEW,
    },
  ],
  thingsToTry: [
    'Let the doctors think longer between their statements: how much more often does it happen?',
    'Compare the aborts of the two serializable levels: who pays, and when?',
    'Read one of the findings: which two transactions does it name, and what had they read?',
  ],
  leavesOut: [
    'A constraint in the database: there is none that speaks of two rows.',
    'SELECT ... FOR UPDATE, which makes a write of the read and so brings the conflict to light.',
  ],
});
