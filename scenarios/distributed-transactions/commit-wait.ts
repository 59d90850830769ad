/**
 * Somebody commits, tells a friend, and the friend looks: does she see it? With clocks that differ
 * by a few milliseconds only if the commit was kept back until its time was past for everybody.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CLOCK_SI, SPANNER } from '../sources.ts';

const params = {
  uncertaintyMs: field.millis({
    about:
      'By how much the store believes that a clock may be wrong, at most (epsilon). 0: it takes ' +
      'clocks at their word, and waits for nothing.',
    default: 0,
    max: 15,
    source: 'Spanner: 1 to 7 ms',
  }),
  errorMs: field.millis({
    about: 'By how much clocks are wrong: that of shard 1 is ahead, that of shard 2 behind.',
    default: 6,
    max: 20,
  }),
};
type Params = Static<TObject<typeof params>>;

const WAIT = 'mvcc.commit-wait';
const JUMP_MS = 100;
const SHIFTED_MS = 500;
const END_MS = 4_000;
const WRITERS = 2;
const READERS = 2;
/** Two statements and a commit, nearby, where nobody waits. */
const QUICK_MS = 6;

/** How late a reader may be by its clock, and a writer early by its own. */
const apart = ({ errorMs }: Params): number => 2 * errorMs;
const isWaiting = ({ uncertaintyMs }: Params, off: readonly string[]): boolean =>
  uncertaintyMs > 0 && !off.includes(WAIT);
const isCovered = (p: Params, off: readonly string[]): boolean =>
  p.errorMs === 0 || (isWaiting(p, off) && p.errorMs <= p.uncertaintyMs);

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'shard',
    component: 'txn-store',
    count: 2,
    config: { isolation: 'snapshot', clockUncertaintyMs: p.uncertaintyMs },
    disk: { fsync: { kind: 'constant', ms: 0.5 } },
  },
  {
    name: 'writers',
    component: 'txn-client',
    count: 1,
    links: { store: 'shard' },
    config: {
      workload: 'rw-register',
      keys: 1,
      statementsMax: 1,
      readShare: 0,
      workers: WRITERS,
      firstShard: 1,
      thinkMs: 60,
      maxAttempts: 20,
    },
  },
  {
    name: 'readers',
    component: 'txn-client',
    count: 1,
    links: { store: 'shard' },
    config: {
      workload: 'rw-register',
      keys: 1,
      statementsMax: 1,
      readShare: 1,
      workers: READERS,
      firstShard: 2,
      thinkMs: 6,
    },
  },
];

const faults = ({ errorMs }: Params): readonly FaultEntry[] =>
  errorMs === 0
    ? []
    : [
        {
          id: 'ahead',
          atMs: JUMP_MS,
          fault: { type: 'clock-jump', target: 'shard1', byMs: errorMs },
        },
        {
          id: 'behind',
          atMs: JUMP_MS,
          fault: { type: 'clock-jump', target: 'shard2', byMs: -errorMs },
        },
      ];

const waits = (p: Params): readonly CheckPlan[] =>
  p.uncertaintyMs === 0
    ? []
    : [
        {
          id: 'waits-two-epsilon',
          use: 'slo',
          args: {
            metric: 'p50-ms',
            clients: 'writers',
            atLeast: 2 * p.uncertaintyMs,
            atMost: 2 * p.uncertaintyMs + QUICK_MS,
            fromMs: SHIFTED_MS,
          },
          about: `A commit takes twice ${p.uncertaintyMs} ms longer.`,
        },
      ];

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'sees-what-was-committed',
    use: 'transactions',
    args: { level: 'strong-snapshot-isolation' },
    about: 'Who begins after a commit was answered sees it, wherever it asks.',
  },
  {
    id: 'one-snapshot',
    use: 'transactions',
    args: { level: 'snapshot-isolation' },
    about: 'What anybody sees is the store as it once was: nothing torn, nothing lost.',
  },
  {
    id: 'commits-are-quick',
    use: 'slo',
    args: { metric: 'p50-ms', clients: 'writers', atMost: QUICK_MS, fromMs: SHIFTED_MS },
    about: `Half of the transactions that write take less than ${QUICK_MS} ms.`,
  },
  ...waits(p),
];

const OPTIONS = ['Always.', 'Not always.', 'Never.'] as const;

function because(p: Params, off: readonly string[]): string {
  if (p.errorMs === 0)
    return 'Both clocks agree: what begins later has a later time, whoever stamps it.';
  if (!isWaiting(p, off))
    return (
      `The commit was stamped by a clock that is ${p.errorMs} ms ahead, and the reader begins by ` +
      `one that is ${p.errorMs} ms behind. For ${apart(p)} ms readers there look at a time ` +
      'before the commit, though it is over.'
    );
  if (isCovered(p, off))
    return (
      'The commit is answered only when its time is past by the slowest clock that there may be. ' +
      'Whoever begins after that has a later time, by any clock.'
    );
  return (
    `It waits as if clocks were wrong by ${p.uncertaintyMs} ms at most, and they are wrong by ` +
    `${p.errorMs}. A bound that does not hold protects nobody.`
  );
}

const story = (p: Params, off: readonly string[]): readonly StoryStep[] => [
  {
    title: 'Time instead of a queue',
    at: { ms: 50 },
    text:
      'Two shards, and no place through which all transactions go. A transaction sees what was ' +
      'committed before it began, by the clock of the shard that it asks first.',
    focus: ['shard'],
  },
  {
    title: 'Clocks',
    at: { ms: SHIFTED_MS },
    text:
      `The clock of shard 1 is ${p.errorMs} ms ahead, that of shard 2 as much behind. Writers ` +
      'ask shard 1, readers ask shard 2.' +
      (p.uncertaintyMs === 0
        ? ' The store takes clocks at their word.'
        : ` The store knows that a clock may be wrong by ${p.uncertaintyMs} ms` +
          (isWaiting(p, off)
            ? ', and keeps each commit back until its time is past by every clock.'
            : ', and does not wait for that.')),
    focus: ['shard1', 'shard2'],
    predict: {
      question:
        'A writer has its answer. A reader begins a moment later at shard 2. ' +
        'Does it see the write?',
      options: [...OPTIONS],
      answer: isCovered(p, off) ? 0 : 1,
      because: because(p, off),
    },
  },
  {
    title: isCovered(p, off) ? 'In the order of the world' : 'Out of order',
    at: { ms: 2_500 },
    text: isCovered(p, off)
      ? 'It is called external consistency: the order of commits agrees with what people outside ' +
        'can tell each other.'
      : 'The reader is not shown anything false, it is shown the past. But the writer may have ' +
        'phoned it before: for people outside cause comes after effect.',
    focus: ['writers', 'readers'],
    check: 'sees-what-was-committed',
  },
  {
    title: 'The price',
    at: { ms: END_MS - 300 },
    text: isWaiting(p, off)
      ? `Each commit waits about twice the uncertainty, ${2 * p.uncertaintyMs} ms. So better ` +
        'clocks make quicker commits: that is what atomic clocks and GPS in a data centre are for.'
      : 'Commits were quick. To wait costs about twice as long as clocks may be wrong, each time.',
    focus: ['writers'],
    check: 'commits-are-quick',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Wait until it is true',
  summary: 'Two shards whose clocks differ by a few milliseconds, and readers who were told.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.3, maxMs: 0.6 } },
  groups: groups(p),
  faults: faults(p),
  checks: checks(p),
  story: story(p, ablations),
});

const MISSED = { 'sees-what-was-committed': { breaks: {} } } as const;
const SLOW = { 'commits-are-quick': { breaks: {} } } as const;

export default defineScenario({
  id: 'distributed-transactions/commit-wait',
  title: 'Wait until it is true',
  summary:
    'Commits stamped by clocks that differ: a reader who begins after a commit may not see it. ' +
    'Waiting out the uncertainty of the clocks puts that right, for twice as long as they may err.',
  tier: 'calm',
  sources: [SPANNER, CLOCK_SI],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Clocks are taken at their word: who was told of a commit may not see it.',
      expect: MISSED,
    },
    {
      name: 'commit-wait',
      about: 'Clocks may be wrong by 7 ms, and commits wait that out: everybody sees them.',
      params: { uncertaintyMs: 7 },
      expect: SLOW,
    },
    {
      name: 'without-the-wait',
      about: 'The same, but commits are answered at once.',
      params: { uncertaintyMs: 7 },
      ablations: [WAIT],
      expect: { ...MISSED, 'waits-two-epsilon': { breaks: {} } },
    },
    {
      name: 'worse-clocks',
      about: 'The store waits for 7 ms, and clocks are wrong by 15.',
      params: { uncertaintyMs: 7, errorMs: 15 },
      expect: { ...MISSED, ...SLOW },
    },
    {
      name: 'same-time',
      about: 'Clocks that agree need no wait. Nobody can promise that they do.',
      params: { errorMs: 0 },
    },
  ],
  thingsToTry: [
    'Halve the uncertainty and the error of the clocks: how long does a commit take?',
    'Let the clock of shard 1 jump by hand while commits wait.',
    'Let the readers ask shard 1 as well: what do they see, and why?',
  ],
  leavesOut: [
    'An uncertainty that grows between two readings of the time server, and shrinks at each.',
    'A clock that is beyond its bound and knows it: in Spanner such a machine is taken out.',
    'Waiting while the commit is replicated, which hides most of it.',
  ],
});
