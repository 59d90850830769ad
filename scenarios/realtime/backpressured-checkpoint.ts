/**
 * A checkpoint of a job that cannot keep up: the barrier waits behind everything that waits, and
 * the checkpoint times out. An unaligned barrier overtakes it, and takes it along.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, StoryStep } from 'faultline';
import { NETWORK } from '../queue-parts.ts';
import { ASYNC_BARRIERS, CHANDY_LAMPORT, FLINK_BACKPRESSURE } from '../sources.ts';
import {
  COORDINATOR,
  LOG,
  SOURCES,
  WINDOWS,
  jobOf,
  logOf,
  timesFrom,
  totalsCheck,
} from '../stream-parts.ts';

const FIRST_MS = 507;
const EVERY_MS = 10;
const EVENTS = 200;
const RECORD_MS = 8;
const BUFFER = 40;
const SIZE_MS = 500;
const INTERVAL_MS = 400;
const TIMEOUT_MS = 600;
const CRASH_MS = 3_050;
const DOWN_MS = 50;
const END_MS = 10_000;
const READ_MAX = 2 * EVENTS + 100;
const TOLERABLE = 100;

interface Params {
  readonly unaligned: boolean;
}

const checks: readonly CheckPlan[] = [
  totalsCheck('counted', { missing: 0, late: 0 }, 'Every event is in a result.'),
  totalsCheck('once', { twice: 0, wrong: 0 }, 'No event counts twice in a result.'),
  {
    id: 'in-time',
    use: 'fact-count',
    args: { fact: 'checkpoint.expired', atMost: 0 },
    about: 'No checkpoint times out.',
  },
  {
    id: 'channels-kept',
    use: 'gauge',
    args: { group: WINDOWS, gauge: 'In-flight elements', measure: 'max', atLeast: 20 },
    about: 'A snapshot has what was waiting in the channels.',
  },
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
];

const storyOf = ({ unaligned }: Params, isForgotten: boolean): readonly StoryStep[] => [
  {
    title: 'More than it can do',
    at: { ms: 1_500 },
    text:
      'Each event keeps the operator busy for eight milliseconds, and one comes each five. Its ' +
      'inputs are full, so the sources wait, and read more slowly.',
    focus: [SOURCES, WINDOWS],
  },
  {
    title: 'A barrier in the queue',
    at: { ms: 2_000 },
    text: 'A checkpoint is triggered, and its barriers set out.',
    focus: [COORDINATOR, SOURCES],
    predict: {
      question: 'How long does a barrier take to the operator, if it keeps its place?',
      options: [
        'About as long as any packet.',
        'As long as all that waits before it takes.',
        'Until the operator has nothing to do.',
      ],
      answer: 1,
      because:
        'It stands in line with the events. With a hundred before it that is most of a second: ' +
        'the busier the job, the longer its checkpoints, until they time out.',
    },
  },
  {
    title: unaligned ? 'Overtaking' : 'Timed out',
    at: { ms: 2_900 },
    text: unaligned
      ? 'These barriers overtake. What they overtake ' +
        (isForgotten
          ? 'is in no state, and behind the offsets of the sources: the checkpoint lacks it.'
          : 'is stored with the checkpoint, as if it were part of the state.')
      : 'The checkpoint is given up, and the next as well. The last one that was complete was ' +
        'taken before the inputs were full.',
    focus: [COORDINATOR, WINDOWS],
    check: 'in-time',
  },
  {
    title: 'The crash',
    at: { ms: CRASH_MS + 500 },
    text: unaligned
      ? 'The operator has crashed, and is back: with its windows, ' +
        (isForgotten
          ? 'but without the events that had been on their way. Nobody reads those again.'
          : 'and with the events that had been on their way.')
      : 'The operator has crashed, and all that was read since that checkpoint is read again.',
    focus: [WINDOWS, LOG],
    check: isForgotten ? 'counted' : 'little-again',
  },
];

const faults: readonly FaultEntry[] = [
  {
    id: 'crash',
    fault: { type: 'crash', target: WINDOWS, machineUp: true },
    atMs: CRASH_MS,
    forMs: DOWN_MS,
  },
];

function plan(params: Params, ablations: readonly string[]): Plan {
  const isForgotten = params.unaligned && ablations.includes('stream.in-flight-in-snapshot');
  const events = { kind: 'replay', timesMs: timesFrom(FIRST_MS, EVERY_MS, EVENTS) };
  return {
    title: 'Checkpoints under backpressure',
    summary: 'A job cannot keep up, and its barriers wait in line.',
    durationMs: END_MS,
    network: NETWORK,
    groups: [
      logOf([{ arrivals: events }, { arrivals: events }]),
      ...jobOf({
        sources: 2,
        source: { bounded: true, bufferMax: BUFFER, maxPollRecords: 10, maxOutOfOrdernessMs: 100 },
        window: { sizeMs: SIZE_MS, recordMs: RECORD_MS, bufferMax: BUFFER },
        sink: { delivery: 'idempotent' },
        coordinator: {
          checkpointIntervalMs: INTERVAL_MS,
          checkpointTimeoutMs: TIMEOUT_MS,
          tolerableFailedCheckpoints: TOLERABLE,
          unaligned: params.unaligned,
        },
      }),
    ],
    faults,
    checks,
    story: storyOf(params, isForgotten),
  };
}

export default defineScenario({
  id: 'realtime/backpressured-checkpoint',
  title: 'Checkpoints under backpressure',
  summary:
    'A job that cannot keep up: aligned checkpoints time out behind what waits, unaligned ones ' +
    'overtake it and take it along.',
  tier: 'hostile',
  sources: [FLINK_BACKPRESSURE, ASYNC_BARRIERS, CHANDY_LAMPORT],
  params: {
    unaligned: field.flag({
      about: 'Barriers overtake what waits in the channels.',
      default: true,
    }),
  },
  plan,
  variants: [
    {
      name: 'default',
      about: 'Unaligned: every checkpoint is done in time, and has the channels.',
    },
    {
      name: 'aligned',
      about:
        'Barriers stand in line: checkpoints time out, and a crash costs all since the last one.',
      params: { unaligned: false },
      expect: {
        'in-time': { breaks: {} },
        'channels-kept': { breaks: {} },
        'little-again': { breaks: {} },
      },
    },
    {
      name: 'channels-forgotten',
      about: 'What was overtaken is not in the checkpoint: after the crash 113 events are nowhere.',
      ablations: ['stream.in-flight-in-snapshot'],
      expect: {
        counted: { breaks: { witness: 'of 113 missing' } },
        'channels-kept': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Stay aligned, and crash the operator at the end: how much is read twice?',
    'Slow the operator down by half again: does the unaligned checkpoint take longer?',
    'Crash a source instead: are the events in its outputs counted?',
  ],
  leavesOut: [
    'Checkpoints that begin aligned and overtake only after a while (aligned-checkpoint-timeout).',
    'Smaller buffers instead (buffer debloating): fewer events wait, and barriers are faster.',
    'What it costs to store the channels.',
  ],
});
