/**
 * Windows over event time: six events that come out of order, one of them very late. The watermark
 * says when a window gives its result, and the allowed lateness when it is over.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, StoryStep } from 'faultline';
import { NETWORK } from '../queue-parts.ts';
import { DATAFLOW_MODEL, FLINK_WATERMARKS, FLINK_WINDOWS } from '../sources.ts';
import {
  LOG,
  SINK,
  STORE,
  WINDOWS,
  jobOf,
  logOf,
  timesFrom,
  totalsCheck,
} from '../stream-parts.ts';

/** When they happened, in seconds; the windows are ten seconds long. */
const EVENT_SECONDS = [1, 4, 11, 9, 13, 8] as const;
const FIRST_MS = 1_000;
const GAP_MS = 500;
const END_MS = 5_000;
const SIZE_MS = 10_000;
const SLIDE_MS = 5_000;
const SESSION_GAP_MS = 3_000;
const DELAY_MS = 2_000;
const LATENESS_MS = 5_000;

const [FIRST, SECOND] = EVENT_SECONDS;
const SECOND_MS = SECOND * 1_000;

const comesMs = (k: number): number => FIRST_MS + k * GAP_MS;

interface Params {
  readonly windows: 'tumbling' | 'hopping' | 'session';
  readonly maxOutOfOrdernessMs: number;
  readonly allowedLatenessMs: number;
}

const inSeconds = (ms: number): string => `${ms / 1_000} s`;

/** Where the watermark is when so many events have come. */
const watermarkMs = (p: Params, count: number): number =>
  Math.max(...EVENT_SECONDS.slice(0, count)) * 1_000 - p.maxOutOfOrdernessMs;

/** The window of the first two events. */
const firstOf = ({ windows }: Params) =>
  windows === 'session'
    ? { name: `the session of seconds ${FIRST} and ${SECOND}`, endMs: SECOND_MS + SESSION_GAP_MS }
    : { name: 'the window of seconds 0 to 10', endMs: SIZE_MS };

type State = 'waits' | 'kept' | 'over';

function firstAfter(p: Params, count: number): State {
  const past = watermarkMs(p, count) - firstOf(p).endMs;
  return past < 0 ? 'waits' : past < p.allowedLatenessMs ? 'kept' : 'over';
}

/** Of the windows that events out of order belong to, only the first may have its result then. */
function results(p: Params): number {
  if (p.windows === 'session') return 2;
  const again = [3, 5].filter((count) => firstAfter(p, count) === 'kept').length;
  return (p.windows === 'hopping' ? 4 : 2) + again;
}

const checksOf = (p: Params): readonly CheckPlan[] => [
  totalsCheck('none-late', { late: 0 }, 'No event comes when its window is over.'),
  totalsCheck('all-counted', { missing: 0 }, 'Every event that is not late is in a result.'),
  totalsCheck(
    'right',
    { twice: 0, repeated: 0, wrong: 0 },
    'Each result is right, and given once.',
  ),
  {
    id: 'results-as-reckoned',
    use: 'fact-count',
    args: { fact: 'stream.fired', atLeast: results(p), atMost: results(p) },
    about: 'One result for each window, and one more for each event that comes behind it in time.',
  },
];

const ANSWERS = { over: 0, kept: 1, waits: 2 } as const;

function because(p: Params): string {
  const { endMs } = firstOf(p);
  const now = inSeconds(watermarkMs(p, 3));
  const later = inSeconds(watermarkMs(p, 5));
  const end = inSeconds(endMs);
  const reckoned = `The watermark is the latest event time less the delay: it is at ${now}`;
  switch (firstAfter(p, 3)) {
    case 'waits':
      return firstAfter(p, 5) === 'waits'
        ? `${reckoned}, and the end at ${end}. Even the event of second 13 moves it only to ` +
            `${later}: there is a result when the log has ended.`
        : `${reckoned}, and the end at ${end}. The event of second 13 moves it to ${later}: then ` +
            'there is a result.';
    case 'kept':
      return (
        `${reckoned}, past the end at ${end}. With an allowed lateness of ` +
        `${inSeconds(p.allowedLatenessMs)} it is over at ${inSeconds(endMs + p.allowedLatenessMs)}.`
      );
    case 'over':
      return `${reckoned}, past the end at ${end}, and what has given its result is not kept.`;
  }
}

function result(p: Params): string {
  const { name, endMs } = firstOf(p);
  const later = inSeconds(watermarkMs(p, 5));
  if (firstAfter(p, 5) === 'waits') {
    return `The event of second 13 has moved the watermark to ${later} only: ${name} still waits.`;
  }
  return firstAfter(p, 3) === 'waits'
    ? `The event of second 13 has moved the watermark to ${later}, past second ` +
        `${endMs / 1_000}: ${name} has given its result.`
    : `The event of second 11 moved the watermark past second ${endMs / 1_000}, so ${name} had ` +
        `given its result before that of second 9 came. Now the watermark is at ${later}.`;
}

const LAST: { readonly [state in State]: string } = {
  waits: 'The window of seconds 0 to 10 has not given its result, so it is just one of its events.',
  kept:
    'The window of seconds 0 to 10 is still kept, and gives a second result that replaces the ' +
    'first.',
  over: 'The window of seconds 0 to 10 is over, and the event is not in its result.',
};

function last(p: Params): string {
  if (p.windows === 'session') {
    return (
      'It is less than three seconds from that of second 9, so the session of seconds 9, 11 and ' +
      '13 takes it and begins a second earlier.'
    );
  }
  return p.windows === 'hopping'
    ? `${LAST[firstAfter(p, 5)]} It counts in the window of seconds 5 to 15 as well, which is open.`
    : LAST[firstAfter(p, 5)];
}

const SHAPES: { readonly [windows in Params['windows']]: string } = {
  tumbling: 'It belongs to the window of the first ten seconds.',
  hopping: 'Like each event it belongs to two windows: of seconds 0 to 10, and of 5 to 15.',
  session: 'They are less than three seconds apart, so both are in one session.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'When it happened',
    at: { ms: comesMs(2) - 100 },
    text:
      `Events say when they happened. Two have come, of second ${FIRST} and second ${SECOND}. ` +
      (p.maxOutOfOrdernessMs === 0
        ? 'The source expects none to be late, so its watermark is where the latest event was.'
        : `The source expects events that are up to ${inSeconds(p.maxOutOfOrdernessMs)} late, so ` +
          'its watermark is that much behind.'),
    focus: [LOG, WINDOWS],
  },
  {
    title: 'Out of order',
    at: { ms: comesMs(4) - 100 },
    text: `First came an event of second 11, then one of second 9. ${SHAPES[p.windows]}`,
    focus: [WINDOWS],
    predict: {
      question: `Second 11 has come: has ${firstOf(p).name} given its result?`,
      options: [
        'Yes: what still comes for it is late.',
        'Yes, but it is kept for a while: what still comes for it changes the result.',
        'No: the watermark has not passed its end.',
      ],
      answer: ANSWERS[firstAfter(p, 3)],
      because: because(p),
    },
  },
  {
    title: firstAfter(p, 5) === 'waits' ? 'No result yet' : 'The result',
    at: { ms: comesMs(5) - 100 },
    text: result(p),
    focus: [WINDOWS, SINK],
  },
  {
    title: 'Too late?',
    at: { ms: comesMs(5) + 200 },
    text: `Now an event of second 8 comes. ${last(p)}`,
    focus: [WINDOWS, STORE],
    check: 'none-late',
  },
];

const shapeOf = ({ windows }: Params) =>
  windows === 'session'
    ? { windows, gapMs: SESSION_GAP_MS }
    : windows === 'hopping'
      ? { windows, sizeMs: SIZE_MS, slideMs: SLIDE_MS }
      : { windows, sizeMs: SIZE_MS };

const plan = (params: Params): Plan => ({
  title: 'Windows and watermarks',
  summary: 'Six events out of order: when is a window complete, and when is it over?',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    logOf([
      {
        arrivals: { kind: 'replay', timesMs: timesFrom(FIRST_MS, GAP_MS, EVENT_SECONDS.length) },
        eventTimesMs: EVENT_SECONDS.map((second) => second * 1_000),
      },
    ]),
    ...jobOf({
      sources: 1,
      source: { maxOutOfOrdernessMs: params.maxOutOfOrdernessMs, bounded: true },
      window: { ...shapeOf(params), allowedLatenessMs: params.allowedLatenessMs },
    }),
  ],
  faults: [],
  checks: checksOf(params),
  story: story(params),
});

export default defineScenario({
  id: 'realtime/windows',
  title: 'Windows and watermarks',
  summary:
    'Six events come out of order. The watermark decides when a window gives its result, the ' +
    'allowed lateness how long it can still change it.',
  tier: 'calm',
  sources: [DATAFLOW_MODEL, FLINK_WATERMARKS, FLINK_WINDOWS],
  params: {
    windows: field.choice(['tumbling', 'hopping', 'session'], {
      about: 'Side by side; overlapping, one each five seconds; or as long as events keep coming.',
      default: 'tumbling',
    }),
    maxOutOfOrdernessMs: field.millis({
      about: 'How late an event may be before the watermark has passed it.',
      default: DELAY_MS,
      max: 20_000,
    }),
    allowedLatenessMs: field.count({
      about: 'How long after its result a window still takes events (ms).',
      default: LATENESS_MS,
      max: 20_000,
    }),
  },
  plan,
  variants: [
    {
      name: 'default',
      about: 'Two seconds of delay, five of lateness: the first window gives a second result.',
    },
    {
      name: 'no-lateness',
      about: 'A window is over with its result: the event of second 8 is dropped.',
      params: { allowedLatenessMs: 0 },
      expect: { 'none-late': { breaks: { witness: 'of 1 late' } } },
    },
    {
      name: 'no-delay',
      about: 'The watermark trusts the latest event, nothing is kept: seconds 9 and 8 are dropped.',
      params: { maxOutOfOrdernessMs: 0, allowedLatenessMs: 0 },
      expect: { 'none-late': { breaks: { witness: 'of 2 late' } } },
    },
    {
      name: 'patient',
      about: 'With six seconds of delay nothing is late, and each window has one result, later.',
      params: { maxOutOfOrdernessMs: 6_000, allowedLatenessMs: 0 },
    },
    {
      name: 'hopping',
      about: 'Windows of ten seconds, one each five: every event counts in two of them.',
      params: { windows: 'hopping' },
    },
    {
      name: 'session',
      about: 'Sessions end after three quiet seconds: there are two, and nothing came too late.',
      params: { windows: 'session' },
    },
  ],
  thingsToTry: [
    'Lower the allowed lateness step by step: at which number is the event of second 8 lost?',
    'Choose sessions and no lateness: which events are in which session?',
    'Pause the source while events come: does the watermark move?',
  ],
  leavesOut: [
    'Several keys: each has windows of its own, and all follow one watermark.',
    'Triggers that give results early, or by the clock on the wall.',
    'Checkpoints: another scenario is about those.',
  ],
});
