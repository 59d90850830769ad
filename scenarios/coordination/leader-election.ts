/**
 * A leader by lease: whoever holds the lock leads. When it is gone, nobody leads until its lease
 * has run out; when it is only out of sight, two believe that they lead.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CHUBBY, GRAY_CHERITON, KLEPPMANN_LOCKS } from '../sources.ts';

const params = {
  trouble: field.choice(['crash', 'pause', 'cut'], {
    about: 'What befalls the leader: it dies, stops for a while, or cannot reach the locks.',
    default: 'crash',
  }),
  ttlMs: field.millis({
    about: 'How long a lease runs; the leader prolongs it each third of that.',
    default: 3_000,
    min: 1_000,
    max: 6_000,
  }),
  retryMs: field.millis({
    about: 'The mean pause before a candidate asks again.',
    default: 100,
    min: 20,
    max: 300,
  }),
  checkTokens: field.flag({
    about: 'The storage refuses tokens that are older than one it has seen.',
    default: true,
  }),
  checkLease: field.flag({
    about: 'A leader looks at its own clock before it writes.',
    default: false,
  }),
};
type Params = Static<TObject<typeof params>>;

const CANDIDATES = 3;
const WORK_MS = 100;
const TROUBLE_MS = 5_000;
const TROUBLE_FOR_MS = 10_000;
const END_MS = 20_000;
/** Time on the way, and a little more. */
const SLACK_MS = 20;
const RENEWALS = 3;

const LEADER = { role: 'holder', group: 'c' } as const;

/** For at least and at most so long nobody is let in after the leader: TTL and a retry. */
const gapMs = (p: Params): readonly [least: number, most: number] => [
  (p.ttlMs * (RENEWALS - 1)) / RENEWALS - SLACK_MS,
  // Nine mean pauses of the quicker of two candidates: longer once in e^9, about 8000, runs.
  p.ttlMs + (9 * p.retryMs) / (CANDIDATES - 1) + SLACK_MS,
];

const round = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

type Ending = 'one' | 'refused' | 'both write' | 'stops itself';
function endingOf(p: Params): Ending {
  if (p.trouble === 'crash') return 'one';
  if (p.checkLease) return 'stops itself';
  return p.checkTokens ? 'refused' : 'both write';
}

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'c',
    component: 'lock-client',
    count: CANDIDATES,
    links: { locks: 'locks', storage: 'storage' },
    config: {
      lead: true,
      workMs: WORK_MS,
      retryMs: p.retryMs,
      checkLease: p.checkLease,
      timeoutMs: 200,
    },
  },
  {
    name: 'locks',
    component: 'lock-service',
    count: 1,
    // As etcd: nobody's office ends because somebody sets a clock.
    config: { ttlMs: p.ttlMs, clock: 'monotonic' },
  },
  {
    name: 'storage',
    component: 'fenced-storage',
    count: 1,
    config: { checkTokens: p.checkTokens },
  },
];

function faults({ trouble }: Params): readonly FaultEntry[] {
  if (trouble === 'crash') {
    return [{ id: 'dies', fault: { type: 'crash', target: LEADER }, atMs: TROUBLE_MS }];
  }
  const fault =
    trouble === 'pause'
      ? ({ type: 'pause', target: LEADER } as const)
      : ({ type: 'cut-link', a: LEADER, b: 'locks' } as const);
  return [{ id: 'out-of-sight', fault, atMs: TROUBLE_MS, forMs: TROUBLE_FOR_MS }];
}

function checks(p: Params): readonly CheckPlan[] {
  const [least, most] = gapMs(p);
  const granted = 'lock.granted';
  const both: CheckPlan = {
    id: 'two-believe-it',
    use: 'sometimes',
    args: { predicate: 'role-played', with: { group: 'c', role: 'holder', count: 2 } },
    about: 'At some moment two take themselves for the leader.',
  };
  return [
    {
      id: 'a-lease-is-waited-for',
      use: 'fact-count',
      args: { fact: granted, atMost: 0, fromMs: TROUBLE_MS, untilMs: TROUBLE_MS + least },
      about: `For ${round(least)}, two thirds of a lease, nobody leads in its stead.`,
    },
    {
      id: 'led-again',
      use: 'fact-count',
      args: { fact: granted, atLeast: 1, fromMs: TROUBLE_MS, untilMs: TROUBLE_MS + most },
      about: `After ${round(most)}, a lease and a retry, somebody leads.`,
    },
    {
      id: 'one-leader-acts',
      use: 'linearizable',
      about: 'Nobody writes over what another leader has written.',
    },
    // By its own clock a leader stops within one piece of work of the next one's beginning.
    ...(p.checkLease ? [] : [both]),
  ];
}

const TROUBLE_TEXT: Readonly<Record<Params['trouble'], string>> = {
  crash: 'The leader dies. It can tell nobody, and the lock service sees only that it is silent.',
  pause: `The leader stops for ${round(TROUBLE_FOR_MS)}, and does not know that time passes.`,
  cut:
    `The leader cannot reach the lock service for ${round(TROUBLE_FOR_MS)}. The storage it ` +
    'reaches as before, and it goes on writing.',
};

const OPTIONS = [
  'At once: the candidates have been asking all the while.',
  'After the rest of the lease, and the pause until somebody asks again.',
  'When the old leader has been asked and does not answer.',
] as const;

const because = (p: Params): string =>
  `The lease was prolonged at most ${round(p.ttlMs / RENEWALS)} ago, a third of its time, so ` +
  `${round((2 * p.ttlMs) / RENEWALS)} to ${round(p.ttlMs)} of it are left, and as long the lock ` +
  'service keeps its word. Nobody asks the leader anything: that is what a lease is for.';

const AFTER: Readonly<Record<Ending, string>> = {
  one:
    'A shorter lease would have been over sooner, and prolonged more often; and a leader that ' +
    'only stops for a moment would lose it. The length of the lease is the price of a crash.',
  refused:
    'The old leader wrote once more, with the older token. The storage refused it, and only ' +
    'then did it learn that its time was over. There were two who believed; one of them acted.',
  'both write':
    'Both lead: each reads, computes and writes over what the other has written. The lock ' +
    'service has done nothing wrong, and has no means to stop the one that does not hear it.',
  'stops itself':
    'The old leader counts its lease from when it asked for it, which is before the service ' +
    'began to count. So it stopped before the next one began: as long as clocks run alike, and ' +
    'no write is late on its way.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Whoever holds the lock leads',
    at: { ms: 2_500 },
    text:
      `${CANDIDATES} candidates asked for one lock, and one of them got it, for ` +
      `${round(p.ttlMs)}. It leads: ten times a second it reads, computes and writes. Each ` +
      `${round(p.ttlMs / RENEWALS)} it has its lease prolonged; the others ask again and again.`,
    focus: ['c', 'locks'],
  },
  {
    title: 'The leader is gone',
    at: { ms: TROUBLE_MS + 10 },
    text: TROUBLE_TEXT[p.trouble],
    focus: ['c', 'locks'],
    predict: {
      question: 'When is the next one let in?',
      options: [...OPTIONS],
      answer: 1,
      because: because(p),
    },
    check: 'a-lease-is-waited-for',
  },
  {
    title: 'The next one',
    at: { ms: TROUBLE_MS + gapMs(p)[1] },
    text:
      'The lease ran out, and the first candidate that asked after that leads now, with a larger ' +
      'token. ' +
      (p.trouble === 'cut'
        ? p.checkLease
          ? 'The old leader had its own clock, and has stopped by it.'
          : 'For the old leader nothing has ended but its talk with the lock service.'
        : `For at least ${round(gapMs(p)[0])} nobody did.`),
    focus: ['c', 'storage'],
    check: 'led-again',
  },
  {
    title: 'Who has led',
    at: { ms: END_MS - 1_000 },
    text: AFTER[endingOf(p)],
    focus: ['c', 'storage'],
    check: 'one-leader-acts',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Who leads?',
  summary: 'A leader by lease dies, stops, or is out of sight. For how long does nobody lead?',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: groups(p),
  faults: faults(p),
  checks: checks(p),
  story: story(p),
});

const ALONE = { 'two-believe-it': { breaks: {} } } as const;

export default defineScenario({
  id: 'coordination/leader-election',
  title: 'Who leads?',
  summary:
    'A leader by lease dies, stops or is cut off. Nobody leads for the rest of the lease and a ' +
    'retry; then two may believe that they do, and a fence sees to it that one acts.',
  tier: 'hostile',
  sources: [GRAY_CHERITON, CHUBBY, KLEPPMANN_LOCKS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The leader dies: for 2 to 3 s and a retry nobody leads, and never do two.',
      expect: ALONE,
    },
    {
      name: 'short-lease',
      about: 'A third of the lease: a third of the time without a leader.',
      params: { ttlMs: 1_000 },
      expect: ALONE,
    },
    {
      name: 'pause',
      about: 'The leader wakes when another leads: its next write is refused.',
      params: { trouble: 'pause' },
    },
    {
      name: 'cut',
      about: 'It cannot hear that its time is over: it writes on until the fence refuses it.',
      params: { trouble: 'cut' },
    },
    {
      name: 'cut-unfenced',
      about: 'Without the fence two lead, and each writes over the work of the other.',
      params: { trouble: 'cut', checkTokens: false },
      expect: { 'one-leader-acts': { breaks: {} } },
    },
    {
      name: 'cut-own-clock',
      about: 'Without the fence, but it looks at its own clock and stops in time.',
      params: { trouble: 'cut', checkTokens: false, checkLease: true },
    },
  ],
  thingsToTry: [
    'Make the lease 1 s and stop the leader for 0.8 s by hand: does it keep its office?',
    'Crash the lock service instead of the leader: who leads, and for how long?',
    'With the leader cut off and no fence, let its clock drift: does its own clock still save you?',
  ],
  leavesOut: [
    'A lock service of several servers: while this one is down nobody is elected.',
    'Giving the office up on purpose, which would save the wait.',
  ],
});
