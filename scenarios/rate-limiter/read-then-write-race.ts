/**
 * Limiters that read a count, decide, and write it back: requests at the same time all read the
 * same count, and all of them pass.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { REDIS_INCR, REDIS_SCRIPTS, STRIPE_LIMITERS } from '../sources.ts';

const params = {
  counting: field.choice(['store-read-then-write', 'store-atomic'], {
    about: 'Whether a limiter reads the count and writes it back, or lets the store decide.',
    default: 'store-read-then-write',
  }),
  limitPerSecond: field.count({
    about: 'Requests a second that may pass all limiters together.',
    default: 10,
    min: 2,
    max: 20,
  }),
  atOnce: field.count({
    about: 'Requests that come at the same moment, fifty times a second.',
    default: 8,
    min: 1,
    max: 16,
  }),
  nodes: field.count({
    about: 'Limiters that share the store.',
    default: 4,
    min: 1,
    max: 8,
  }),
};
type Params = Static<TObject<typeof params>>;

const WAVE_EVERY_MS = 20;
const WAVES_PER_SECOND = 1_000 / WAVE_EVERY_MS;
/** Off the full second, in which counts begin anew: no wave is cut in two. */
const FIRST_WAVE_MS = 5;
/** Alone until here: a wave of one. */
const WAVES_FROM_MS = 2_000;
const END_MS = 6_000;
/** The seconds that are counted. */
const SECONDS = 3;
const counted = { fromMs: 2_000, untilMs: 2_000 + SECONDS * 1_000 };

/** Of the requests of a wave all pass that read the count before the first of them wrote it. */
const passPerCount = (p: Params): number => (p.counting === 'store-atomic' ? 1 : p.atOnce);
const predicted = (p: Params): number => p.limitPerSecond * passPerCount(p) * SECONDS;

function wavesMs(p: Params): readonly number[] {
  const count = (END_MS - WAVES_FROM_MS) / WAVE_EVERY_MS;
  const starts = Array.from(
    { length: count },
    (_, i) => WAVES_FROM_MS + FIRST_WAVE_MS + i * WAVE_EVERY_MS,
  );
  return starts.flatMap((at) => Array.from({ length: p.atOnce }, () => at));
}

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'early',
    component: 'http-client',
    count: 1,
    links: { target: 'limiter' },
    config: {
      arrivals: { kind: 'constant', ratePerSecond: WAVES_PER_SECOND },
      stopMs: WAVES_FROM_MS - WAVE_EVERY_MS,
    },
  },
  {
    name: 'crowd',
    component: 'http-client',
    count: 1,
    links: { target: 'limiter' },
    config: { arrivals: { kind: 'replay', timesMs: wavesMs(p) } },
  },
  {
    name: 'limiter',
    component: 'rate-limiter',
    count: p.nodes,
    links: { target: 'app', store: 'store' },
    config: {
      policy: 'fixed-window',
      where: p.counting,
      ratePerSecond: p.limitPerSecond,
      windowMs: 1_000,
    },
  },
  {
    name: 'store',
    component: 'limit-store',
    count: 1,
    config: { policy: 'fixed-window', ratePerSecond: p.limitPerSecond, windowMs: 1_000 },
  },
  {
    name: 'app',
    component: 'service',
    count: 1,
    config: { steps: [{ do: 'work', time: { kind: 'constant', ms: 1 } }] },
  },
];

const admitted = {
  group: 'limiter',
  gauge: 'Admitted',
  measure: 'total',
  across: 'sum',
} as const;

function checks(p: Params): readonly CheckPlan[] {
  const limit = p.limitPerSecond;
  const expected = predicted(p);
  return [
    {
      id: 'alone-it-works',
      use: 'gauge',
      args: { ...admitted, atLeast: limit, atMost: limit, fromMs: 1_000, untilMs: 2_000 },
      about: `While requests come one at a time, exactly ${limit} of them pass in a second.`,
    },
    {
      id: 'there-is-a-crowd',
      use: 'gauge',
      args: {
        group: 'limiter',
        gauge: 'Over the limit',
        measure: 'total',
        across: 'sum',
        atLeast: SECONDS * (WAVES_PER_SECOND - limit),
        ...counted,
      },
      about: 'More requests come than may pass.',
    },
    {
      id: 'keeps-the-limit',
      use: 'gauge',
      args: { ...admitted, atMost: limit * SECONDS, ...counted },
      about: `When they come together, ${limit} of them pass in a second, as before.`,
    },
    {
      id: 'exactly-the-race',
      use: 'gauge',
      args: { ...admitted, atLeast: expected, atMost: expected, ...counted },
      about:
        `${expected / SECONDS} pass in a second: each number up to ${limit} is counted by ` +
        `${passPerCount(p)} at once.`,
    },
  ];
}

const isAtomic = (p: Params): boolean => p.counting === 'store-atomic';
const passes = (p: Params): number => p.limitPerSecond * passPerCount(p);

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const limit = p.limitPerSecond;
  // Of waves of one several of these are the same: the first word for a number is kept.
  const options = new Map<number, string>();
  const offer = (count: number, words: string): unknown =>
    options.has(count) ? undefined : options.set(count, `${count}: ${words}`);
  offer(limit, 'the limit, for the store is one for all.');
  offer(limit + p.atOnce - 1, 'the limit, and the rest of one wave.');
  offer(limit * p.atOnce, 'as many waves as the limit says.');
  offer(WAVES_PER_SECOND * p.atOnce, 'all of them.');
  return {
    question:
      `The limit is ${limit} a second, and ` +
      (p.atOnce === 1 ? 'requests come one by one' : `${p.atOnce} requests come at once`) +
      (isAtomic(p) ? '. The store reads, decides and counts in one step' : '') +
      '. How many pass in a second?',
    options: [...options.values()],
    answer: [...options.keys()].indexOf(passes(p)),
    because: why(p),
  };
}

function why(p: Params): string {
  if (isAtomic(p))
    return (
      'The store takes one request after the other, and each finds the count that the one before ' +
      'left. Nothing can come between reading and writing, however many arrive together.'
    );
  if (p.atOnce === 1)
    return (
      'A request has read and written its count long before the next one comes. Reading and then ' +
      'writing goes wrong only when two are between the two at the same time.'
    );
  return (
    `All ${p.atOnce} of a wave read the same count before any of them has written, all of them ` +
    'pass, and all write the same number: the count goes up by one for a whole wave. So a second ' +
    `lets ${p.limitPerSecond} waves pass, not ${p.limitPerSecond} requests.`
  );
}

function whatTheStoreSays(p: Params): string {
  const says = `Look at the store: it says ${p.limitPerSecond}`;
  if (passPerCount(p) === 1) return `${says}, and as many requests have passed in this second.`;
  return (
    `${says}, and is wrong by the size of a wave. More limiters do not make it worse, and one ` +
    'alone does not make it better: what counts is how many decisions are between their read ' +
    'and their write at the same time.'
  );
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'One count for all',
    at: { ms: 1_500 },
    text:
      `One store holds the count of this second (limiters that use it: ${p.nodes}). ` +
      (isAtomic(p)
        ? `For each request a limiter asks the store, which adds one if the count is below ` +
          `${p.limitPerSecond}, and says whether it did. `
        : 'For each request a limiter reads the count; if it is below ' +
          `${p.limitPerSecond}, it writes back one more and lets the request pass. `) +
      'Fifty requests come each second, one by one, and exactly as many pass as may.',
    focus: ['limiter', 'store'],
    check: 'alone-it-works',
  },
  {
    title: p.atOnce === 1 ? 'Still one by one' : 'Together',
    at: { ms: WAVES_FROM_MS },
    text:
      (p.atOnce === 1
        ? 'From now on others ask, fifty times a second too, and still one at a time. '
        : `Now ${p.atOnce} requests come at the same moment, fifty times a second: a page that ` +
          'loads its parts, or somebody who has read how this limiter works. ') +
      'The count is still one number in one store, and nothing is lost on the way.',
    focus: ['crowd', 'limiter'],
    predict: prediction(p),
  },
  {
    title: passPerCount(p) === 1 ? 'As many as may' : 'Waves, not requests',
    at: { ms: 3_500 },
    text: whatTheStoreSays(p),
    focus: ['store'],
    check: 'keeps-the-limit',
  },
  {
    title: 'Let the store decide',
    at: { ms: 5_000 },
    text:
      'To read and write in one step, in the store, is ' +
      (isAtomic(p) ? 'what keeps the limit here' : 'the way out') +
      ': an increment that returns the new count, or a small script. It is also one message to ' +
      'and fro instead of two.',
    focus: ['store', 'limiter'],
    check: 'exactly-the-race',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Read, then write',
  summary: 'Requests at the same moment all read the same count, and all of them pass.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.9, maxMs: 1.1 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

const KEEPS = 'keeps-the-limit';

export default defineScenario({
  id: 'rate-limiter/read-then-write-race',
  title: 'Read, then write',
  summary:
    'Limiters read a count, add one and write it back. Eight requests at once count as one, and ' +
    'eight times the limit passes.',
  tier: 'calm',
  sources: [REDIS_INCR, REDIS_SCRIPTS, STRIPE_LIMITERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Four limiters, waves of eight: 80 pass instead of 10.',
      expect: { [KEEPS]: { breaks: {} } },
    },
    {
      name: 'atomic',
      about: 'The store reads, decides and counts in one step: 10 pass.',
      params: { counting: 'store-atomic' },
    },
    {
      name: 'one-limiter',
      about: 'One limiter alone: 80 as well, for it also decides on eight requests at a time.',
      params: { nodes: 1 },
      expect: { [KEEPS]: { breaks: {} } },
    },
    {
      name: 'one-by-one',
      about: 'The same number of waves, of one request each: nobody is in between, and 10 pass.',
      params: { atOnce: 1 },
    },
  ],
  thingsToTry: [
    'Set the limit to 2 and the waves to 16: how many pass, and what does the store say?',
    'Make the network to the store slower by hand: do waves begin to overlap?',
    'Crash the store: who passes now, and what would you rather have?',
  ],
  leavesOut: [
    'Requests at random: as many pass too much as come within a way to the store and back.',
    'Optimistic writes (compare and set), which try again instead of counting wrong.',
  ],
});
