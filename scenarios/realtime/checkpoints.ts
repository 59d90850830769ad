/**
 * Checkpoints: barriers flow with the events, and cut the stream in two. An operator crashes, and
 * everything goes on from the last checkpoint. What does it count again?
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, StoryStep } from 'faultline';
import { NETWORK } from '../queue-parts.ts';
import { ASYNC_BARRIERS, CHANDY_LAMPORT, FLINK_CHECKPOINTING } from '../sources.ts';
import {
  COORDINATOR,
  LOG,
  SINK,
  SOURCES,
  WINDOWS,
  jobOf,
  logOf,
  timesFrom,
  totalsCheck,
} from '../stream-parts.ts';

const FIRST_MS = 507;
const EVERY_MS = 20;
const EVENTS = 150;
const SIZE_MS = 500;
const DELAY_MS = 100;
const INTERVAL_MS = 500;
/** So much later than its own packets those of the second source arrive. */
const FAR_MS = 60;
/** Between the fourth checkpoint and the fifth. */
const CRASH_MS = 2_250;
const DOWN_MS = 50;
const END_MS = 7_000;
/** Events that are read in all, if only what is behind the checkpoint is read again. */
const READ_MAX = 2 * EVENTS + 60;

interface Params {
  readonly checkpoints: 'exactly-once' | 'at-least-once' | 'none';
  readonly startingOffsets: 'earliest' | 'latest';
}

const checks: readonly CheckPlan[] = [
  totalsCheck('counted', { missing: 0 }, 'Every event is in a result.'),
  totalsCheck('once', { twice: 0, wrong: 0 }, 'No event counts twice in a result.'),
  totalsCheck('in-time', { late: 0 }, 'No event comes when its window is over.'),
  {
    id: 'little-again',
    use: 'gauge',
    args: {
      group: SOURCES,
      gauge: 'Stream events',
      measure: 'total',
      across: 'sum',
      atMost: READ_MAX,
    },
    about: 'Only what came after a checkpoint is read again.',
  },
  {
    id: 'restarted',
    use: 'fact-count',
    args: { fact: 'job.failed', atLeast: 1, atMost: 1 },
    about: 'The job fails once, and is started again.',
  },
];

type Way =
  'aligned' | 'counted' | 'not-aligned' | 'offsets-apart' | 'from-the-first' | 'from-the-end';

/** What a restart does with state and offsets. */
function wayOf(p: Params, ablations: readonly string[]): Way {
  if (p.checkpoints === 'none') {
    return p.startingOffsets === 'earliest' ? 'from-the-first' : 'from-the-end';
  }
  if (ablations.includes('stream.restore-offsets-with-state')) return 'offsets-apart';
  if (p.checkpoints === 'at-least-once') return 'counted';
  return ablations.includes('stream.align-barriers') ? 'not-aligned' : 'aligned';
}

const FROM: { readonly [offsets in Params['startingOffsets']]: string } = {
  earliest: 'at the first event of the log',
  latest: 'at the end of the log',
};

const AGAIN =
  'Those events are in the snapshot, and the source will read them again after a restart. ';
const WITH_NOTHING = 'All tasks were started again, with nothing. ';
const BETWEEN =
  'The events that came between the two barriers were in the windows already, and count twice.';

const back = (way: Way, p: Params): string => {
  switch (way) {
    case 'from-the-first':
      return `${WITH_NOTHING}The sources read the log from its first event on.`;
    case 'from-the-end':
      return (
        `${WITH_NOTHING}What the windows had is gone, and the sources begin ${FROM.latest}: ` +
        'nobody reads it again.'
      );
    case 'offsets-apart':
      return (
        'All tasks were started again, from the last complete checkpoint: windows as they were ' +
        `then. But the sources begin ${FROM[p.startingOffsets]}.`
      );
    default:
      return (
        'All tasks were started again, from the last complete checkpoint: windows as they were ' +
        'then, and sources at the offsets of that moment.'
      );
  }
};

const account = (way: Way, p: Params): { readonly text: string; readonly check: string } => {
  switch (way) {
    case 'aligned':
      return { text: 'Each is.', check: 'once' };
    case 'counted':
    case 'not-aligned':
      return { text: BETWEEN, check: 'once' };
    case 'from-the-first':
      return {
        text: 'Each is, but what was read before the crash was read and counted again.',
        check: 'little-again',
      };
    case 'from-the-end':
      return {
        text: 'What the open windows had counted, and what came meanwhile, is in none of them.',
        check: 'counted',
      };
    case 'offsets-apart':
      return p.startingOffsets === 'earliest'
        ? { text: 'What the windows of the checkpoint had is in them twice.', check: 'once' }
        : { text: 'What came behind the checkpoint is in none of them.', check: 'counted' };
  }
};

const question = (p: Params, way: Way): Pick<StoryStep, 'title' | 'text' | 'predict'> => {
  if (way === 'from-the-first' || way === 'from-the-end') {
    return {
      title: 'Nothing is written down',
      text: 'The windows are in the memory of the operator, and nowhere else. Soon it will crash.',
      predict: {
        question: 'Where do the sources read on then?',
        options: ['Where they were.', 'At the first event of the log.', 'At the end of the log.'],
        answer: way === 'from-the-first' ? 1 : 2,
        because:
          'Where they were is known only to them, and they are started anew with all the others. ' +
          `Without a checkpoint they begin where they are told to: ${FROM[p.startingOffsets]}.`,
      },
    };
  }
  const isAligned = p.checkpoints === 'exactly-once' && way !== 'not-aligned';
  return {
    title: 'Two inputs, one moment',
    text:
      'The second source is far away, so its barrier comes later. The operator has to say what ' +
      'it had counted at the checkpoint.',
    predict: {
      question: 'The barrier of the near source is there. What with the events behind it?',
      options: [
        'They are counted: there is work to do.',
        'They wait until the barrier of the far source is there, too.',
        'They are dropped, and read again later.',
      ],
      answer: isAligned ? 1 : 0,
      because: isAligned
        ? 'Counted, they would be in the snapshot, and the source would read them again after a ' +
          'restart. That is AT_LEAST_ONCE. Aligned, the input is blocked until all barriers are in.'
        : way === 'not-aligned'
          ? `${AGAIN}EXACTLY_ONCE would block the input, but this operator does not.`
          : `${AGAIN}AT_LEAST_ONCE takes that in exchange for not waiting.`,
    },
  };
};

const storyOf = (p: Params, way: Way): readonly StoryStep[] => [
  p.checkpoints === 'none'
    ? {
        title: 'No checkpoints',
        at: { ms: 1_000 },
        text: 'The coordinator asks for no checkpoints. Two sources read, an operator counts.',
        focus: [COORDINATOR, SOURCES],
      }
    : {
        title: 'Barriers',
        at: { ms: 1_000 },
        text:
          'The coordinator triggers a checkpoint: each source notes where it is in the log, and ' +
          'lets a barrier go along with the events.',
        focus: [COORDINATOR, SOURCES],
      },
  { ...question(p, way), at: { ms: 1_540 }, focus: [WINDOWS] },
  {
    title: 'A crash',
    at: { ms: CRASH_MS },
    text: 'The operator ends, and all windows that it kept are gone.',
    focus: [WINDOWS],
  },
  {
    title: p.checkpoints === 'none' ? 'With nothing' : 'From the checkpoint on',
    at: { ms: CRASH_MS + 400 },
    text: back(way, p),
    focus: [COORDINATOR, LOG],
  },
  {
    title: 'The account',
    at: { ms: END_MS - 1_000 },
    text:
      'The sink puts rows by key and window, so that what is given again replaces what was ' +
      `there. What counts is whether each sum is right. ${account(way, p).text}`,
    focus: [SINK],
    check: account(way, p).check,
  },
];

const faults: readonly FaultEntry[] = [
  {
    id: 'far',
    fault: {
      type: 'latency',
      from: `${SOURCES}2`,
      to: WINDOWS,
      extra: { kind: 'constant', ms: FAR_MS },
    },
    atMs: 0,
  },
  {
    id: 'crash',
    fault: { type: 'crash', target: WINDOWS, machineUp: true },
    atMs: CRASH_MS,
    forMs: DOWN_MS,
  },
];

const coordinatorOf = ({ checkpoints }: Params) =>
  checkpoints === 'none'
    ? {}
    : {
        checkpointIntervalMs: INTERVAL_MS,
        mode: checkpoints === 'exactly-once' ? 'EXACTLY_ONCE' : 'AT_LEAST_ONCE',
      };

function plan(params: Params, ablations: readonly string[]): Plan {
  const events = { kind: 'replay', timesMs: timesFrom(FIRST_MS, EVERY_MS, EVENTS) };
  return {
    title: 'Checkpoints and barriers',
    summary: 'An operator crashes, and a job goes on from its last checkpoint.',
    durationMs: END_MS,
    network: NETWORK,
    groups: [
      logOf([{ arrivals: events }, { arrivals: events }]),
      ...jobOf({
        sources: 2,
        source: {
          maxOutOfOrdernessMs: DELAY_MS,
          startingOffsets: params.startingOffsets,
          bounded: true,
        },
        window: { sizeMs: SIZE_MS },
        sink: { delivery: 'idempotent' },
        coordinator: coordinatorOf(params),
      }),
    ],
    faults,
    checks,
    story: storyOf(params, wayOf(params, ablations)),
  };
}

export default defineScenario({
  id: 'realtime/checkpoints',
  title: 'Checkpoints and barriers',
  summary:
    'An operator crashes, and the job goes on from its last checkpoint. Aligned barriers count ' +
    'each event once; without them, or without checkpoints, the numbers say what is wrong.',
  tier: 'hostile',
  sources: [ASYNC_BARRIERS, CHANDY_LAMPORT, FLINK_CHECKPOINTING],
  params: {
    checkpoints: field.choice(['exactly-once', 'at-least-once', 'none'], {
      about: 'Whether barriers are aligned, only counted, or there are none.',
      default: 'exactly-once',
    }),
    startingOffsets: field.choice(['earliest', 'latest'], {
      about: 'Where sources begin to read without a checkpoint.',
      default: 'earliest',
    }),
  },
  plan,
  variants: [
    { name: 'default', about: 'Aligned barriers: each event counts once, whatever crashes.' },
    {
      name: 'at-least-once',
      about: 'Barriers are only counted: six events came between the two, and count twice.',
      params: { checkpoints: 'at-least-once' },
      expect: { once: { breaks: { witness: 'of 6 twice' } } },
    },
    {
      name: 'not-aligned',
      about: 'EXACTLY_ONCE is asked for, and nobody blocks an input: the same six.',
      ablations: ['stream.align-barriers'],
      expect: { once: { breaks: { witness: 'of 6 twice' } } },
    },
    {
      name: 'no-checkpoints',
      about: 'Without checkpoints everything is read again: right in the end, and dear.',
      params: { checkpoints: 'none' },
      expect: { 'little-again': { breaks: {} } },
    },
    {
      name: 'no-checkpoints-latest',
      about: 'Or nothing is: 36 events are gone, which it had counted or which came meanwhile.',
      params: { checkpoints: 'none', startingOffsets: 'latest' },
      expect: { counted: { breaks: { witness: 'of 36 missing' } } },
    },
    {
      name: 'offsets-apart',
      about: 'The state is restored and the offsets are not: 50 events count again.',
      ablations: ['stream.restore-offsets-with-state'],
      expect: { once: { breaks: { witness: 'of 50 twice' } }, 'little-again': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Crash the operator while a checkpoint is under way: from which one does it go on?',
    'Crash the coordinator: does it know its checkpoints when it is back?',
    'Take the latency of the second source away: how many events count twice at least once?',
  ],
  leavesOut: [
    'Where snapshots are kept, and how large they are: here they are with the coordinator.',
    'Restarting only what has failed: all tasks start again.',
    'Sinks that only add rows: another scenario is about those.',
  ],
});
