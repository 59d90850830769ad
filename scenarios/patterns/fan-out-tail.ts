/**
 * One in a hundred answers of a leaf is late. Who needs the answers of a hundred leaves is late two
 * times in three; who can do without the last two, once in twelve.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { TAIL_AT_SCALE } from '../sources.ts';

const params = {
  leaves: field.count({
    about: 'How many are asked for each request, all at once.',
    default: 100,
    min: 1,
    max: 100,
  }),
  spare: field.count({
    about: 'How many answers a request can do without.',
    default: 0,
    min: 0,
    max: 5,
  }),
  latePercent: field.number({
    about: 'How many of a hundred answers of a leaf are late.',
    default: 1,
    min: 0.1,
    max: 5,
    unit: '%',
  }),
};
type Params = Static<TObject<typeof params>>;

/** Asked altogether in a second, so that a run costs the same whatever the number of leaves. */
const LEAVES_PER_SECOND = 800;
const RATE_PER_SECOND_MAX = 160;
const LEAF_MS = 5;
const LATE_MS = 900;
/** What clients call late. */
const PATIENCE_MS = 500;
const STOP_MS = 10_000;
const END_MS = 12_000;
/** Enough for every request of the last moment, and for what is late by then. */
const DRAINED_MS = STOP_MS + LATE_MS + 200;

const rate = (p: Params): number => Math.min(RATE_PER_SECOND_MAX, LEAVES_PER_SECOND / p.leaves);
/** Requests at even gaps, the first after one gap, none from the stop on. */
const requests = (p: Params): number => Math.ceil((rate(p) * STOP_MS) / 1_000) - 1;
const needed = (p: Params): number => Math.max(1, p.leaves - p.spare);

/** The chance that more leaves are late than a request can do without: a binomial tail. */
function lateShare(p: Params): number {
  const late = p.latePercent / 100;
  const most = p.leaves - needed(p);
  let ways = 1;
  for (let i = 0; i < p.leaves; i++) ways *= 1 - late;
  let inTime = ways;
  for (let k = 1; k <= most; k++) {
    ways *= ((p.leaves - k + 1) * late) / (k * (1 - late));
    inTime += ways;
  }
  return 1 - inTime;
}

/** By Newton's method: plans are built from plain arithmetic. */
function root(x: number): number {
  let guess = 1;
  for (let i = 0; i < 60; i++) guess = (guess + x / guess) / 2;
  return guess;
}

const rounded = (x: number): number => Math.round(x * 1_000) / 1_000;
const inTimeShare = (p: Params): number => 1 - lateShare(p);
/** Four standard deviations of the share, and one request. */
const tolerance = (p: Params): number =>
  4 * root((lateShare(p) * inTimeShare(p)) / requests(p)) + 1 / requests(p);

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('root', {
    arrivals: { kind: 'constant', ratePerSecond: rate(p) },
    call: { timeoutMs: PATIENCE_MS },
    stopMs: STOP_MS,
  }),
  {
    name: 'root',
    component: 'service',
    count: 1,
    links: { leaves: 'leaf' },
    config: {
      steps: [{ do: 'call', to: 'leaves', every: true, need: needed(p) }],
      upstreams: [{ to: 'leaves', timeoutMs: 5_000 }],
    },
  },
  {
    name: 'leaf',
    component: 'service',
    count: p.leaves,
    cores: 8,
    config: {
      steps: [
        {
          do: 'either',
          share: p.latePercent / 100,
          then: [{ do: 'wait', time: { kind: 'constant', ms: LATE_MS } }],
          otherwise: [{ do: 'work', time: { kind: 'constant', ms: LEAF_MS } }],
        },
      ],
    },
  },
];

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'late-share-is-the-formula',
    use: 'slo',
    args: {
      metric: 'success-share',
      atLeast: rounded(inTimeShare(p) - tolerance(p)),
      atMost: rounded(inTimeShare(p) + tolerance(p)),
    },
    about:
      `Of requests to ${plural(p.leaves, 'leaf', 'leaves')}, of which ${needed(p)} must answer, ` +
      `a share of ` +
      `${rounded(inTimeShare(p))} is in time.`,
  },
  {
    id: 'most-are-in-time',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.75 },
    about: 'At least three of four requests are in time.',
  },
  {
    id: 'every-leaf-is-asked',
    use: 'gauge',
    args: {
      group: 'leaf',
      gauge: 'Answered',
      measure: 'total',
      across: 'sum',
      atLeast: requests(p) * p.leaves,
      atMost: requests(p) * p.leaves,
      untilMs: DRAINED_MS,
    },
    about: `Each of ${requests(p)} requests costs ${plural(p.leaves, 'answer')}, needed or not.`,
  },
  {
    id: 'in-time-is-fast',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 5 * LEAF_MS },
    about: 'Whoever meets no late leaf is answered in a few hundredths of a second.',
  },
];

const tenths = (x: number): number => Math.round(x * 10) / 10;
/** Of a hundred requests so many are late. */
const latePer100 = (p: Params): number => tenths(100 * lateShare(p));

/** Three numbers from small to large, the right one among them. */
function guesses(p: Params): readonly number[] {
  const right = latePer100(p);
  const all = latePer100({ ...p, spare: 0 });
  const distinct = [...new Set([right, tenths(p.latePercent), all, tenths(all / 2), 50, 25])];
  return distinct.slice(0, 3).sort((a, b) => a - b);
}

function because(p: Params): string {
  const spare = p.leaves - needed(p);
  if (spare > 0) {
    return (
      `A search can do without ${spare} of ${plural(p.leaves, 'answer')}, so it is late only ` +
      `when ` +
      'more than ' +
      `${plural(spare, 'leaf is', 'leaves are')}: ${latePer100(p)} of 100, instead of ` +
      `${latePer100({ ...p, spare: 0 })} if all had to answer.`
    );
  }
  if (p.leaves === 1) {
    return 'A search that needs a single leaf is late exactly as often as that leaf is late.';
  }
  return (
    `A search is in time only if ` +
    `${p.leaves === 1 ? 'its one leaf is' : `all ${p.leaves} leaves are`}: ` +
    `${rounded(1 - p.latePercent / 100)} ` +
    `to the power of ${p.leaves} is ${rounded(inTimeShare(p))}. So ${latePer100(p)} of 100 ` +
    'searches meet at least one late leaf. What is rare for a part is not for the whole.'
  );
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A leaf',
    at: { ms: 500 },
    text:
      `Each leaf holds a part of an index. It answers within ${LEAF_MS} ms, but in ` +
      `${p.latePercent} of a hundred cases it takes nearly a second: a pause, a cold page, a ` +
      `neighbour. Seen alone it is a good service: ${tenths(100 - p.latePercent)} of 100 answers ` +
      'are fast.',
    focus: [{ first: 1, of: 'leaf' }],
  },
  {
    title: 'A root and its leaves',
    at: { ms: 1_500 },
    text:
      `Leaves: ${p.leaves}. A search asks all of them at once, and has its answer when ` +
      (needed(p) < p.leaves ? `${needed(p)} of them have answered.` : 'the last has answered.'),
    focus: ['root'],
    predict: {
      question:
        `Of a hundred answers of a leaf ${p.latePercent} are late. A search needs ` +
        `${needed(p)} of ` +
        `${plural(p.leaves, 'leaf', 'leaves')}. How many searches of a hundred are late, on ` +
        `average?`,
      options: guesses(p).map((guess) => `${guess} of a hundred.`),
      answer: guesses(p).indexOf(latePer100(p)),
      because: because(p),
    },
  },
  {
    title: 'The rare and the whole',
    at: { ms: 5_000 },
    text:
      'The late ones are not the fault of any one leaf: each is as good as before. With one leaf ' +
      `${latePer100({ ...p, leaves: 1, spare: 0 })} of 100 searches are late, with ten ` +
      `${latePer100({ ...p, leaves: 10, spare: 0 })}, with a hundred ` +
      `${latePer100({ ...p, leaves: 100, spare: 0 })}, if all must answer.`,
    focus: ['client', 'root'],
    check: 'late-share-is-the-formula',
  },
  {
    title: 'Good enough',
    at: { ms: STOP_MS },
    text:
      'A search that is content with 98 of 100 leaves is late only when three are: ' +
      `${latePer100({ ...p, leaves: 100, spare: 2 })} times in a hundred. The results of ` +
      'the last ' +
      'two are missing, and hardly anybody notices.',
    focus: ['root'],
    check: 'most-are-in-time',
  },
];

const plan = (p: Params): Plan => ({
  title: 'The tail of a fan-out',
  summary: 'What is rare for one leaf is the rule for whoever needs a hundred.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.8 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'patterns/fan-out-tail',
  title: 'The tail of a fan-out',
  summary:
    'One in a hundred answers of each server is late. Whoever needs the answers of a hundred of ' +
    'them is late 63 times in a hundred: 1 - 0.99^100.',
  tier: 'calm',
  sources: [TAIL_AT_SCALE],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A hundred leaves, and all are needed: 63 % of the requests are late.',
      expect: { 'most-are-in-time': { breaks: {} } },
    },
    {
      name: 'ten-leaves',
      about: 'Ten leaves: 9.6 % are late.',
      params: { leaves: 10 },
    },
    {
      name: 'one-leaf',
      about: 'One leaf: 1 % is late.',
      params: { leaves: 1 },
    },
    {
      name: 'two-to-spare',
      about: 'A hundred leaves, of which 98 must answer: 7.9 % are late.',
      params: { spare: 2 },
    },
  ],
  thingsToTry: [
    'How rarely may a leaf be late so that of ten requests to a hundred leaves one is late?',
    'Give one answer to spare, then two, then three: which buys the most?',
    'Let 5 % of the answers be late: how many leaves can a request need then?',
  ],
  leavesOut: [
    'Leaves that are late together: here each draws for itself (patterns/hedging has a slow one).',
    'What a missing answer costs: the root says nothing of what it left out.',
  ],
});
