/**
 * A partition that falls silent: the watermark is the least of all partitions, so that one without
 * events holds all windows open, unless it is declared idle. And what if it comes back?
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, StoryStep } from 'faultline';
import { NETWORK } from '../queue-parts.ts';
import { DATAFLOW_MODEL, FLINK_WATERMARKS } from '../sources.ts';
import { LOG, SOURCES, WINDOWS, jobOf, logOf, timesFrom, totalsCheck } from '../stream-parts.ts';

const FIRST_MS = 500;
const EVERY_MS = 50;
const BUSY = 110;
/** The silent partition: so many events, and then none for long. */
const BEFORE = 20;
const SILENT_MS = FIRST_MS + BEFORE * EVERY_MS;
/** Events that happened while it was cut off, and come when it is back. */
const HELD = 30;
const BACK_MS = 4_000;
const HELD_GAP_MS = 5;
const NEVER_MS = 1_000_000;
const SIZE_MS = 500;
const IDLE_MS = 400;
const LOOK_MS = SILENT_MS + IDLE_MS + SIZE_MS + 600;
const END_MS = 8_000;

interface Params {
  readonly withIdlenessMs: number;
  readonly comesBack: boolean;
}

const checks: readonly CheckPlan[] = [
  totalsCheck('all-counted', { missing: 0 }, 'In the end every event is in a result, or was late.'),
  totalsCheck('none-late', { late: 0 }, 'No event comes when its window is over.'),
  totalsCheck(
    'right',
    { twice: 0, repeated: 0, wrong: 0 },
    'Each result is right, and given once.',
  ),
  {
    id: 'results-flow',
    use: 'fact-count',
    args: {
      fact: 'stream.fired',
      atLeast: 1,
      fromMs: SILENT_MS + IDLE_MS + SIZE_MS,
      untilMs: BACK_MS,
    },
    about: 'There are results while the partition is silent.',
  },
];

/** Whom the watermark waits for while the partition is silent. */
type Wait = 'nobody' | 'until-idle' | 'although-idle' | 'until-back';

function waitOf(p: Params, ablations: readonly string[]): Wait {
  if (ablations.includes('stream.watermark-minimum')) return 'nobody';
  const idleMs = SILENT_MS - EVERY_MS + p.withIdlenessMs;
  if (p.withIdlenessMs === 0 || idleMs >= (p.comesBack ? BACK_MS : END_MS)) return 'until-back';
  return ablations.includes('stream.idle-excluded') ? 'although-idle' : 'until-idle';
}

const ANSWERS: { readonly [wait in Wait]: number } = {
  nobody: 0,
  'until-idle': 1,
  'although-idle': 2,
  'until-back': 2,
};

const LEAST =
  'The watermark is the least of both, and a partition that says nothing does not raise its own. ';

const BECAUSE: { readonly [wait in Wait]: string } = {
  nobody:
    'The watermark of this operator is the greatest of both, not the least: the first partition ' +
    'alone raises it, whatever the second has still to bring.',
  'until-idle': `${LEAST}Idleness is a timeout: after it the partition is not waited for.`,
  'although-idle':
    `${LEAST}Idleness is a timeout after which the partition should not be waited for, but this ` +
    'operator does not exclude it.',
  'until-back': `${LEAST}No timeout declares it idle in time, so everybody waits for it.`,
};

function meanwhile({ withIdlenessMs }: Params, wait: Wait): string {
  switch (wait) {
    case 'nobody':
      return 'Each window gives its result as soon as the first partition is past its end.';
    case 'although-idle':
      return (
        `After ${withIdlenessMs} ms the second partition is declared idle. The watermark waits ` +
        'for it all the same, and the windows pile up.'
      );
    case 'until-idle':
      return SILENT_MS - EVERY_MS + withIdlenessMs < LOOK_MS - SIZE_MS
        ? `After ${withIdlenessMs} ms the second partition was declared idle. The watermark goes ` +
            'on with the first alone, and its windows give their results.'
        : `Only after ${withIdlenessMs} ms of silence the second partition is declared idle: ` +
            'until then the windows pile up.';
    case 'until-back':
      return 'Nobody has declared the second partition idle: the windows pile up.';
  }
}

/** What happens in the end. */
function ending({ comesBack }: Params, wait: Wait): Pick<StoryStep, 'title' | 'text' | 'check'> {
  const isMissed = wait === 'nobody' || wait === 'until-idle';
  if (!comesBack) {
    return {
      title: 'Still nothing',
      text: isMissed
        ? 'Nothing has come, and nobody waits for it.'
        : 'Nothing has come. Whoever waits for it waits to this day.',
      check: 'all-counted',
    };
  }
  return {
    title: 'It was not silent',
    text:
      'The partition was only cut off: what happened meanwhile comes now. ' +
      (isMissed
        ? 'Windows that were not kept open for it are over: it is late.'
        : 'All windows were kept open for it: nothing is late, and their results are whole.'),
    check: 'none-late',
  };
}

const storyOf = (p: Params, wait: Wait): readonly StoryStep[] => [
  {
    title: 'Two partitions',
    at: { ms: FIRST_MS + 700 },
    text:
      'Each source reads a partition and tells how far it is. The operator believes the ' +
      (wait === 'nobody'
        ? 'faster of the two, although the slower one may have more to bring.'
        : 'slower of the two: only then has it seen everything.'),
    focus: [LOG, SOURCES, WINDOWS],
  },
  {
    title: 'Silence',
    at: { ms: SILENT_MS + 100 },
    text: 'The second partition has no events any more. The first has as many as before.',
    focus: [LOG, SOURCES],
    predict: {
      question: 'What do the windows of the first partition do?',
      options: [
        'They give their results: their own events are there.',
        'They wait, until the second partition is declared idle.',
        'They wait, until the second partition has events again.',
        'They give results without the second partition, and correct them later.',
      ],
      answer: ANSWERS[wait],
      because: BECAUSE[wait],
    },
  },
  {
    title: 'Idle, or not',
    at: { ms: LOOK_MS },
    text: meanwhile(p, wait),
    focus: [WINDOWS],
    check: 'results-flow',
  },
  { ...ending(p, wait), at: { ms: BACK_MS + 600 }, focus: [WINDOWS] },
];

/** The last event never comes, so that the partition does not end. */
const silentPartition = ({ comesBack }: Params) => {
  const early = timesFrom(FIRST_MS, EVERY_MS, BEFORE);
  const held = comesBack ? timesFrom(BACK_MS, HELD_GAP_MS, HELD) : [];
  const happened = comesBack ? timesFrom(SILENT_MS, EVERY_MS, HELD) : [];
  return {
    arrivals: { kind: 'replay', timesMs: [...early, ...held, NEVER_MS] },
    eventTimesMs: [...early, ...happened, NEVER_MS],
  };
};

const plan = (params: Params, ablations: readonly string[]): Plan => ({
  title: 'An idle partition',
  summary: 'One of two partitions falls silent, and the watermark of all with it.',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    logOf([
      { arrivals: { kind: 'replay', timesMs: timesFrom(FIRST_MS, EVERY_MS, BUSY) } },
      silentPartition(params),
    ]),
    ...jobOf({
      sources: 2,
      source: { withIdlenessMs: params.withIdlenessMs, bounded: true },
      window: { sizeMs: SIZE_MS },
    }),
  ],
  faults: [],
  checks,
  story: storyOf(params, waitOf(params, ablations)),
});

export default defineScenario({
  id: 'realtime/idle-partition',
  title: 'An idle partition',
  summary:
    'One of two partitions falls silent. Without a timeout no window ever closes again; with ' +
    'one, what was only held up comes too late.',
  tier: 'calm',
  sources: [FLINK_WATERMARKS, DATAFLOW_MODEL],
  params: {
    withIdlenessMs: field.millis({
      about: 'After so long without an event a partition is not waited for; 0: it always is.',
      default: IDLE_MS,
      // So that it is idle before the run ends, also where it comes back.
      max: 3_500,
    }),
    comesBack: field.flag({
      about: 'The partition was only cut off: its events come later.',
      default: false,
    }),
  },
  plan,
  variants: [
    {
      name: 'default',
      about: `After ${IDLE_MS} ms it is idle: all windows of the other give their results.`,
    },
    {
      name: 'no-idleness',
      about: 'Everybody waits for it, for ever: 110 events are in no result.',
      params: { withIdlenessMs: 0 },
      expect: {
        'all-counted': { breaks: { witness: 'of 110 missing' } },
        'results-flow': { breaks: {} },
      },
    },
    {
      name: 'idle-but-waited-for',
      about: 'It is declared idle, and the watermark still waits for it.',
      ablations: ['stream.idle-excluded'],
      expect: {
        'all-counted': { breaks: { witness: 'of 110 missing' } },
        'results-flow': { breaks: {} },
      },
    },
    {
      name: 'held-up',
      about: 'It was only cut off: its 30 events come when the windows are closed.',
      params: { comesBack: true },
      expect: { 'none-late': { breaks: { witness: 'of 30 late' } } },
    },
    {
      name: 'held-up-and-waited-for',
      about: 'Without a timeout nothing is late; there was no result meanwhile, and 80 still wait.',
      params: { withIdlenessMs: 0, comesBack: true },
      expect: {
        'all-counted': { breaks: { witness: 'of 80 missing' } },
        'results-flow': { breaks: {} },
      },
    },
    {
      name: 'the-fastest',
      about: 'The greatest watermark counts: results flow, and what was held up is late.',
      params: { withIdlenessMs: 0, comesBack: true },
      ablations: ['stream.watermark-minimum'],
      expect: { 'none-late': { breaks: { witness: 'of 30 late' } } },
    },
  ],
  thingsToTry: [
    'Let the partition come back, and allow a timeout of three seconds: how many events are late?',
    'Cut the second source from the log instead: is that silence, too?',
    'Pause a source: its partition cannot declare itself idle then.',
  ],
  leavesOut: [
    'Sources that align their watermarks, so that the faster one reads less far ahead.',
    'Heartbeat events that a producer sends to say that it has nothing to say.',
    'A lateness that would keep the windows for what comes back.',
  ],
});
