/**
 * One monitor, three kinds of silence: a stop, a bad link, a crash. A detector that is quick takes
 * the first for the last; one that listens to the link learns at least the second.
 */
import { defineScenario, field, phiOfNormal } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { AKKA_DETECTOR, CASSANDRA_GOSSIP, DETECTOR_QUALITY, PHI_ACCRUAL } from '../sources.ts';

const params = {
  detector: field.choice(['timeout', 'phi-normal', 'phi-exponential'], {
    about: 'How the monitor judges a silence.',
    default: 'phi-normal',
  }),
  timeoutMs: field.millis({
    about: 'Of a timeout: the silence after which it suspects.',
    default: 1_500,
    min: 1_200,
    max: 20_000,
  }),
  threshold: field.number({
    about: 'Of the others: the phi from which on they suspect.',
    default: 8,
    min: 1,
    max: 12,
    unit: '',
  }),
  acceptablePauseMs: field.millis({
    about: 'Of phi-normal: what it adds to the mean, for pauses.',
    default: 3_000,
    min: 0,
    max: 8_000,
  }),
  pauseMs: field.millis({
    about: 'For how long the first member stops.',
    default: 2_000,
    min: 500,
    max: 10_000,
  }),
  jitterMs: field.millis({
    about: 'On the bad link each heartbeat comes so much later at most.',
    default: 1_000,
    min: 0,
    max: 1_500,
  }),
};
type Params = Static<TObject<typeof params>>;

const BEAT_MS = 1_000;
const LOOK_MS = 100;
const HOP_MS = 1;
const [PAUSED, FAR, DEAD] = ['m1', 'm2', 'm3'];
/** Just after a heartbeat each time. */
const PAUSE_MS = 20_010;
const LINK_MS = 40_000;
const LINK_FOR_MS = 120_000;
/** From here on a detector that learns has learned. */
const LEARNED_MS = LINK_MS + LINK_FOR_MS / 2;
const CRASH_MS = 180_010;
const END_MS = 210_000;
const SOON_MS = 5_000;

const LN10 = 2.302585;
const MIN_DEVIATION_MS = 100;
const FIRST_GUESS_MS = 2 * BEAT_MS;

/** How many deviations beyond the mean phi of a normal distribution is so high: of 8 it is 5.2. */
function deviationsAt(phi: number): number {
  let [low, high] = [0, 40];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (phiOfNormal(middle, 0, 1) < phi) low = middle;
    else high = middle;
  }
  return high;
}

/** The silence after which a member on a quiet link is suspected, after so many heartbeats. */
function silenceMs(p: Params, beats: number): number {
  if (p.detector === 'timeout') return p.timeoutMs;
  if (p.detector === 'phi-normal') {
    return BEAT_MS + p.acceptablePauseMs + deviationsAt(p.threshold) * MIN_DEVIATION_MS;
  }
  const mean = (FIRST_GUESS_MS + BEAT_MS * (beats - 1)) / beats;
  return p.threshold * LN10 * mean;
}

const beatsBy = (ms: number): number => Math.floor(ms / BEAT_MS) + 1;
const dueMs = (p: Params): number => silenceMs(p, beatsBy(CRASH_MS));

/** From the last heartbeat before the stop to the one that is overdue when it is over. */
const pauseSilenceMs = (p: Params): number => Math.max(BEAT_MS, (PAUSE_MS % BEAT_MS) + p.pauseMs);
const takesPauseForDeath = (p: Params): boolean =>
  pauseSilenceMs(p) > silenceMs(p, beatsBy(PAUSE_MS)) + LOOK_MS / 2;

type Link = 'unnoticed' | 'learned' | 'never learned';
function linkOf(p: Params): Link {
  if (silenceMs(p, beatsBy(LINK_MS)) >= BEAT_MS + p.jitterMs) return 'unnoticed';
  return p.detector === 'timeout' ? 'never learned' : 'learned';
}

const faults = (p: Params): readonly FaultEntry[] => [
  { id: 'pause', fault: { type: 'pause', target: PAUSED! }, atMs: PAUSE_MS, forMs: p.pauseMs },
  ...(p.jitterMs === 0 ? [] : [badLink(p.jitterMs)]),
  { id: 'crash', fault: { type: 'crash', target: DEAD! }, atMs: CRASH_MS },
];

const badLink = (maxMs: number): FaultEntry => ({
  id: 'bad-link',
  fault: { type: 'latency', from: FAR!, to: 'watch', extra: { kind: 'uniform', minMs: 0, maxMs } },
  atMs: LINK_MS,
  forMs: LINK_FOR_MS,
});

const round = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

function checks(p: Params): readonly CheckPlan[] {
  const due = dueMs(p) + HOP_MS - (CRASH_MS % BEAT_MS);
  return [
    {
      id: 'as-published',
      use: 'failure-detection',
      args: { measure: 'detection-ms', atLeast: due - HOP_MS, atMost: due + LOOK_MS + HOP_MS },
      about: `The crash is found after the ${round(dueMs(p))} that its detector's formula gives.`,
    },
    {
      id: 'found-soon',
      use: 'failure-detection',
      args: { measure: 'detection-ms', atMost: SOON_MS },
      about: `The crash is found within ${round(SOON_MS)}.`,
    },
    {
      id: 'a-stop-is-no-death',
      use: 'failure-detection',
      args: { measure: 'mistakes', atMost: 0, untilMs: LINK_MS },
      about: 'Nobody is suspected because of the stop.',
    },
    {
      id: 'a-bad-link-is-learned',
      use: 'failure-detection',
      args: { measure: 'mistakes', atMost: 0, fromMs: LEARNED_MS, untilMs: CRASH_MS },
      about: 'After a minute of the bad link nobody is suspected because of it.',
    },
  ];
}

const PAUSE_OPTIONS = [
  'It suspects the member, which lives.',
  'It suspects nobody: the stop is shorter than the silence that it waits for.',
] as const;

function pauseBecause(p: Params): string {
  const silence = round(silenceMs(p, beatsBy(PAUSE_MS)));
  return takesPauseForDeath(p)
    ? `It waits for ${silence} of silence, and there were ${round(pauseSilenceMs(p))}. From ` +
        'outside a stop and a crash look the same until the next heartbeat.'
    : `It waits for ${silence} of silence, and there were ${round(pauseSilenceMs(p))}. Whoever ` +
        'forgives a stop of that length finds every crash that much later.';
}

function formula(p: Params): string {
  const silence = round(dueMs(p));
  if (p.detector === 'timeout') return `a fixed silence of ${silence}`;
  if (p.detector === 'phi-exponential') {
    const intervals = Math.round(p.threshold * LN10 * 100) / 100;
    return `${p.threshold} times ln 10, which is ${intervals} mean intervals: ${silence}`;
  }
  const k = Math.round(deviationsAt(p.threshold) * 10) / 10;
  return (
    `the mean of 1 s, the pause of ${round(p.acceptablePauseMs)} that it accepts, and ${k} ` +
    `deviations of 0.1 s: ${silence}`
  );
}

const LINK_TEXT: Readonly<Record<Link, string>> = {
  unnoticed:
    'No silence on this link is as long as the one that the monitor waits for: it notices nothing.',
  learned:
    'At first it may be surprised once or twice. But every interval that it hears makes the ' +
    'deviation larger that it reckons with, for this member alone, and it stops being surprised.',
  'never learned':
    'Each time that one heartbeat is quick and the next one slow, the silence between them is ' +
    'longer than the timeout. It suspects the member again and again, and learns nothing from it.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'One watches three',
    at: { ms: 15_000 },
    text:
      'Three members say once a second that they are there, and a monitor listens. It cannot ' +
      'see a crash: all that it has is a silence, and the question from when on it is too long. ' +
      `Here the answer is ${formula(p)}.`,
    focus: ['watch', 'm'],
  },
  {
    title: 'One stops',
    at: { ms: PAUSE_MS + 20 },
    text:
      `${PAUSED} stops for ${round(p.pauseMs)}, as a garbage collection or a moved virtual ` +
      'machine makes it stop, and then goes on as if nothing had been.',
    focus: [PAUSED!, 'watch'],
    predict: {
      question: 'What does the monitor make of it?',
      options: [...PAUSE_OPTIONS],
      answer: takesPauseForDeath(p) ? 0 : 1,
      because: pauseBecause(p),
    },
    check: 'a-stop-is-no-death',
  },
  {
    title: 'One is hard to hear',
    at: { ms: LEARNED_MS },
    text:
      `For a minute the heartbeats of ${FAR} have been up to ${round(p.jitterMs)} late, ` +
      `each by another time. ${LINK_TEXT[linkOf(p)]}`,
    focus: [FAR!, 'watch'],
    check: 'a-bad-link-is-learned',
  },
  {
    title: 'One crashes',
    at: { ms: CRASH_MS + 500 },
    text:
      `${DEAD} crashes right after a heartbeat. From now on there is silence, and whoever waits ` +
      `for the monitor to notice waits for ${formula(p)}.`,
    focus: [DEAD!, 'watch'],
    check: 'found-soon',
  },
  {
    title: 'What it cost',
    at: { ms: END_MS - 5_000 },
    text:
      'How soon a crash is found, how often the living are taken for dead, and for how long: ' +
      'these three numbers are what a detector is, and no setting makes all of them small. ' +
      'A detector that learns is only better at the noise that it has heard before.',
    focus: ['watch'],
    check: 'as-published',
  },
];

/** A monitor is told only what its detector reads. */
function monitorConfig(p: Params) {
  const { detector, threshold } = p;
  const all = { detector, checkIntervalMs: LOOK_MS };
  if (detector === 'timeout') return { ...all, timeoutMs: p.timeoutMs };
  if (detector === 'phi-exponential') return { ...all, threshold };
  return { ...all, threshold, acceptableHeartbeatPauseMs: p.acceptablePauseMs };
}

const plan = (p: Params): Plan => ({
  title: 'How long is too silent?',
  summary: 'A stop, a bad link and a crash, as a failure detector hears them.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: HOP_MS } },
  groups: [
    { name: 'watch', component: 'failure-monitor', count: 1, config: monitorConfig(p) },
    {
      name: 'm',
      component: 'heartbeat-sender',
      count: 3,
      config: { heartbeatIntervalMs: BEAT_MS },
      links: { monitors: 'watch' },
    },
  ],
  faults: faults(p),
  checks: checks(p),
  story: story(p),
});

const SLOW = { 'found-soon': { breaks: {} } } as const;
const HASTY = { 'a-stop-is-no-death': { breaks: {} } } as const;

export default defineScenario({
  id: 'coordination/failure-detectors',
  title: 'How long is too silent?',
  summary:
    'A monitor hears a stop, a bad link and a crash as the same thing: silence. A timeout and ' +
    'phi accrual (Akka, Cassandra) compared by when they find the crash and whom they wrong.',
  tier: 'hostile',
  sources: [PHI_ACCRUAL, DETECTOR_QUALITY, AKKA_DETECTOR, CASSANDRA_GOSSIP],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Akka: it accepts pauses of 3 s, wrongs nobody, and finds the crash after 4.5 s.',
    },
    {
      name: 'no-pause-accepted',
      about: 'Three times as quick. It takes the stop for a death, but it learns the bad link.',
      params: { acceptablePauseMs: 0 },
      expect: HASTY,
    },
    {
      name: 'short-timeout',
      about: 'As quick by a timeout of 1.5 s: it takes the stop for a death and never learns.',
      params: { detector: 'timeout' },
      expect: { ...HASTY, 'a-bad-link-is-learned': { breaks: {} } },
    },
    {
      name: 'long-timeout',
      about: 'A timeout of 10 s wrongs nobody, and finds the crash after 10 s.',
      params: { detector: 'timeout', timeoutMs: 10_000 },
      expect: SLOW,
    },
    {
      name: 'cassandra',
      about: 'Exponential intervals: phi is 8 only after 18.4 of them, and nobody is wronged.',
      params: { detector: 'phi-exponential' },
      expect: SLOW,
    },
  ],
  thingsToTry: [
    'Let the first member stop for ten seconds: which of the detectors still forgive it?',
    'Set the threshold of Cassandra to 2: is it as quick as the others now, and at what price?',
    'Crash the second member while its link is bad: how much later is it found?',
  ],
  leavesOut: [
    'What is done about a suspicion: here nobody is replaced, so a mistake costs nothing.',
    'Asking others before one suspects, as the gossip of SWIM does.',
  ],
});
