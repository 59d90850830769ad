/**
 * A sink that adds rows: after a restart it adds some of them again, unless rows are in
 * transactions that are committed with a checkpoint. Then they are seen later, and a transaction
 * has to outlive whatever keeps the sink from committing it.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, StoryStep } from 'faultline';
import { NETWORK } from '../queue-parts.ts';
import { FLINK_CHECKPOINTING, FLINK_KAFKA_SINK } from '../sources.ts';
import {
  COORDINATOR,
  SINK,
  SOURCES,
  STORE,
  jobOf,
  logOf,
  timesFrom,
  totalsCheck,
} from '../stream-parts.ts';

const FIRST_MS = 507;
const EVERY_MS = 20;
const EVENTS = 250;
const KEYS = 4;
const SIZE_MS = 500;
const INTERVAL_MS = 500;
/** The coordinator writes slowly when the fourth checkpoint is acknowledged. */
const SLOW_MS = 1_900;
const SLOW_FOR_MS = 400;
const SLOW_BY_MS = 80;
/** In between: all have acknowledged it, and nothing is committed. */
const CRASH_MS = 2_060;
const DOWN_MS = 600;
/** The first source is not heard: a checkpoint fails, and then the job. */
const UNHEARD_MS = 4_000;
const UNHEARD_FOR_MS = 600;
const END_MS = 9_000;
const HOUR_MS = 3_600_000;
const SHORT_MS = 800;
const UNSEEN_MS = 400;

interface Params {
  readonly delivery: 'plain' | 'idempotent' | 'transactional';
  readonly transactionTimeoutMs: number;
}

const checks: readonly CheckPlan[] = [
  totalsCheck('counted', { missing: 0, late: 0 }, 'Every event is in a row that readers see.'),
  totalsCheck('no-row-again', { repeated: 0 }, 'No row is there twice.'),
  totalsCheck('right', { twice: 0, wrong: 0 }, 'Each sum is that of its events.'),
  {
    id: 'seen-late',
    use: 'gauge',
    args: { group: STORE, gauge: 'Longest unseen', measure: 'max', atLeast: UNSEEN_MS },
    about: 'Rows wait for their checkpoint before anybody sees them.',
  },
  {
    id: 'failed-twice',
    use: 'fact-count',
    args: { fact: 'job.failed', atLeast: 2, atMost: 2 },
    about: 'The job fails twice.',
  },
];

/** From the first row of the closed transaction until the sink that is back commits it. */
const OPEN_MS = 1_140;

type Fate = 'committed' | 'timed-out' | 'forgotten' | 'too-early' | 'again' | 'replaced';

/** What becomes of the rows that the sink had when it crashed. */
function fateOf({ delivery, transactionTimeoutMs }: Params, ablations: readonly string[]): Fate {
  if (delivery === 'plain') return 'again';
  if (delivery === 'idempotent') return 'replaced';
  if (ablations.includes('stream.commit-on-complete')) return 'too-early';
  if (ablations.includes('stream.commit-on-restore')) return 'forgotten';
  return transactionTimeoutMs <= OPEN_MS ? 'timed-out' : 'committed';
}

const BEHIND_BARRIER = 'What becomes of the rows that it has written behind the last barrier?';
const OF_TRANSACTION = 'What becomes of the rows of the transaction that it had closed?';
const KEPT_FOR =
  'The operators go on behind those rows, so nobody computes them again. That is why the ' +
  'checkpoint names the transaction, and why the store must keep it for as long.';

const FATES: {
  readonly [fate in Fate]: {
    readonly answer: number;
    readonly because: string;
    readonly back: string;
    readonly check: string;
    readonly price: string;
  };
} = {
  committed: {
    answer: 2,
    because: KEPT_FOR,
    back: 'The sink is there, and has committed what the checkpoint names.',
    check: 'seen-late',
    price:
      'No row is there twice. But each was seen only when its checkpoint was complete: half a ' +
      'second later, or, around a failure, much later.',
  },
  'timed-out': {
    answer: 0,
    because: `${KEPT_FOR} Here it does not: the transaction times out before the sink is back.`,
    back:
      'The sink is there, and wants to commit what the checkpoint names. The store has aborted ' +
      'it: it had been open for too long. The operators are past its rows, so they are lost.',
    check: 'counted',
    price:
      'No row is there twice, but those of one transaction are not there at all. A timeout has ' +
      'to be longer than the longest time that a job may be down.',
  },
  forgotten: {
    answer: 0,
    because: `${KEPT_FOR} Here it is kept, but the sink that is back does not commit it.`,
    back:
      'The sink is there, and has forgotten what the checkpoint names: it aborts what is left ' +
      'open. The operators are past those rows, so they are lost.',
    check: 'counted',
    price:
      'No row is there twice, but those of one transaction are not there at all: a checkpoint ' +
      'that is complete is a promise to commit.',
  },
  'too-early': {
    answer: 3,
    because:
      'This sink does not wait until the checkpoint is complete: it commits what it has closed. ' +
      'This time that does no harm, for the checkpoint is completed without it.',
    back: 'The sink is there, and finds nothing to commit: it was done before the crash.',
    check: 'no-row-again',
    price:
      'The rows that were committed for the checkpoint that failed were computed again, and are ' +
      'there twice.',
  },
  again: {
    answer: 1,
    because:
      'The job goes on from the checkpoint, and computes everything again that came behind it. ' +
      'The store cannot tell those rows from new ones.',
    back: 'The sink is there, and adds the rows from behind the checkpoint once more.',
    check: 'no-row-again',
    price:
      'Each row was seen at once. But what was computed again after the two failures is there ' +
      'twice.',
  },
  replaced: {
    answer: 2,
    because:
      'The job goes on from the checkpoint, and computes everything again that came behind it. ' +
      'A row is put by its key and window, so the second one takes the place of the first.',
    back: 'The sink is there, and puts the rows from behind the checkpoint once more.',
    check: 'no-row-again',
    price:
      'Each row was seen at once, and none is there twice: what was computed again replaced what ' +
      'was there. It takes a store with keys, and results that come out the same again.',
  },
};

const isOpen = (p: Params): boolean => p.delivery === 'transactional';

const beginning = (p: Params, fate: Fate): Pick<StoryStep, 'title' | 'text'> =>
  isOpen(p)
    ? {
        title: 'A transaction for each checkpoint',
        text:
          'The sink writes rows into a transaction. At a barrier it closes it, and begins ' +
          'another with the next row. ' +
          (fate === 'too-early'
            ? 'What is closed it commits at once, whatever becomes of the checkpoint.'
            : 'Readers see none of it yet.'),
      }
    : {
        title: 'No transactions',
        text:
          `The sink ${p.delivery === 'plain' ? 'adds a row' : 'puts a row by key and window'} ` +
          'as it comes, and readers see it at once. At a barrier it has nothing to close.',
      };

const failing = (p: Params, fate: Fate): string =>
  'A source cannot be heard by the coordinator, so no checkpoint is complete. ' +
  (isOpen(p)
    ? 'The sink has closed a transaction for it. ' +
      (fate === 'too-early'
        ? 'It will commit that too early, with its next row.'
        : 'Committing that now would be too early.')
    : 'The job will fail, and compute again what came behind the last one: rows that the store ' +
      'has already.');

const optionsOf = (p: Params): readonly string[] =>
  isOpen(p)
    ? [
        'They are lost.',
        'They are computed again.',
        'The transaction is in the checkpoint: the sink commits it when it is back.',
        'They have been seen already: the sink has committed them.',
      ]
    : [
        'They are lost with the sink.',
        'They are computed again, and are there twice.',
        'They are computed again, and are there once.',
      ];

const storyOf = (p: Params, fate: Fate): readonly StoryStep[] => [
  { ...beginning(p, fate), at: { ms: 1_800 }, focus: [SINK, STORE] },
  {
    title: 'Between acknowledged and complete',
    at: { ms: CRASH_MS },
    text:
      'All tasks have acknowledged a checkpoint, and the coordinator is still writing it. Now ' +
      'the sink ends.',
    focus: [COORDINATOR, SINK],
    predict: {
      question: isOpen(p) ? OF_TRANSACTION : BEHIND_BARRIER,
      options: optionsOf(p),
      answer: FATES[fate].answer,
      because: FATES[fate].because,
    },
  },
  {
    title: 'Back again',
    at: { ms: CRASH_MS + DOWN_MS + 300 },
    text: FATES[fate].back,
    focus: [SINK, STORE],
    check: 'counted',
  },
  {
    title: 'A checkpoint that fails',
    at: { ms: UNHEARD_MS + 300 },
    text: failing(p, fate),
    focus: [SOURCES, COORDINATOR],
  },
  {
    title: 'The price',
    at: { ms: END_MS - 1_000 },
    text: FATES[fate].price,
    focus: [STORE],
    check: FATES[fate].check,
  },
];

const faults: readonly FaultEntry[] = [
  {
    id: 'slow-writes',
    fault: { type: 'slow-disk', target: COORDINATOR, extraMs: SLOW_BY_MS },
    atMs: SLOW_MS,
    forMs: SLOW_FOR_MS,
  },
  {
    id: 'crash',
    fault: { type: 'crash', target: SINK, machineUp: true },
    atMs: CRASH_MS,
    forMs: DOWN_MS,
  },
  {
    id: 'unheard',
    fault: { type: 'one-way', from: `${SOURCES}1`, to: COORDINATOR },
    atMs: UNHEARD_MS,
    forMs: UNHEARD_FOR_MS,
  },
];

function plan(params: Params, ablations: readonly string[]): Plan {
  const { delivery, transactionTimeoutMs } = params;
  const events = { kind: 'replay', timesMs: timesFrom(FIRST_MS, EVERY_MS, EVENTS) };
  const partition = { arrivals: events, keys: KEYS };
  return {
    title: 'A sink with transactions',
    summary: 'A sink that adds rows fails, and comes back. Are they there once?',
    durationMs: END_MS,
    network: NETWORK,
    groups: [
      logOf([partition, partition]),
      ...jobOf({
        sources: 2,
        source: { bounded: true },
        window: { sizeMs: SIZE_MS },
        sink: delivery === 'transactional' ? { delivery, transactionTimeoutMs } : { delivery },
        coordinator: { checkpointIntervalMs: INTERVAL_MS },
      }),
    ],
    faults,
    checks,
    story: storyOf(params, fateOf(params, ablations)),
  };
}

export default defineScenario({
  id: 'realtime/transactional-sink',
  title: 'A sink with transactions',
  summary:
    'A sink fails between a checkpoint and its commit. With transactions every row is there ' +
    'once, and is seen later; one that times out before the sink is back is lost.',
  tier: 'hostile',
  sources: [FLINK_KAFKA_SINK, FLINK_CHECKPOINTING],
  params: {
    delivery: field.choice(['transactional', 'plain', 'idempotent'], {
      about: 'Rows in transactions, added at once, or put by key and window.',
      default: 'transactional',
    }),
    transactionTimeoutMs: field.millis({
      about: 'The store aborts a transaction that is open for longer.',
      default: HOUR_MS,
      min: 700,
      max: HOUR_MS,
    }),
  },
  plan,
  variants: [
    { name: 'default', about: 'Committed with the checkpoint, and again after the restart: once.' },
    {
      name: 'plain',
      about: 'Rows are added at once: nine from behind the checkpoints are there twice.',
      params: { delivery: 'plain' },
      expect: {
        'no-row-again': { breaks: { witness: 'of 9 repeated' } },
        'seen-late': { breaks: {} },
      },
    },
    {
      name: 'idempotent',
      about: 'Rows are put by key and window: written twice, there once, and seen at once.',
      params: { delivery: 'idempotent' },
      expect: { 'seen-late': { breaks: {} } },
    },
    {
      name: 'short-timeout',
      about: 'The transaction is aborted before the sink is back: its 50 events are lost.',
      params: { transactionTimeoutMs: SHORT_MS },
      expect: { counted: { breaks: { witness: 'of 50 missing' } } },
    },
    {
      name: 'not-committed-again',
      about: 'The sink forgets what the checkpoint names: the same 50 are lost.',
      ablations: ['stream.commit-on-restore'],
      expect: { counted: { breaks: { witness: 'of 50 missing' } } },
    },
    {
      name: 'committed-too-early',
      about: 'It commits at the barrier: when the checkpoint fails, four rows are seen twice.',
      ablations: ['stream.commit-on-complete'],
      expect: { 'no-row-again': { breaks: { witness: 'of 4 repeated' } } },
    },
  ],
  thingsToTry: [
    'Raise the timeout of transactions step by step: from when on is nothing lost?',
    'Crash the store: do transactions survive?',
    'Halve the checkpoint interval in the plan: how long is a row unseen then?',
  ],
  leavesOut: [
    'Readers that do see rows of open transactions (read_uncommitted).',
    'A job that stops for good where a commit fails: here it goes on, and says what is lost.',
    'A final checkpoint as tasks end: sources of this job stay, and checkpoints go on.',
  ],
});
