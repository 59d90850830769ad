/**
 * One member of eight is slow, and nobody knows which. A second request to another member, sent
 * only when the first takes long, cuts the tail for a few per cent more load.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { TAIL_AT_SCALE } from '../sources.ts';

const params = {
  hedgeAfterMs: field.millis({
    about: 'A second request is sent when the first is not answered by then.',
    default: 40,
    min: 15,
    max: 200,
  }),
  slowFactor: field.count({
    about: 'How many times as long the slow member takes.',
    default: 30,
    min: 5,
    max: 100,
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE_PER_SECOND = 120;
const MEMBERS = 8;
const MEAN_MS = 10;
const ROUND_TRIP_MS = 1;
const SLOW_MS = 500;
const FROM_MS = 1_000;
const END_MS = 18_000;

const slowMeanMs = (p: Params): number => MEAN_MS * p.slowFactor;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('app', {
    arrivals: { kind: 'poisson', ratePerSecond: RATE_PER_SECOND },
    call: { timeoutMs: 10_000, hedge: { afterMs: p.hedgeAfterMs } },
  }),
  {
    name: 'app',
    component: 'service',
    count: MEMBERS,
    // So many cores that nobody queues: what is slow here is work, not waiting.
    cores: 64,
    config: {
      steps: [{ do: 'work', time: { kind: 'exponential', meanMs: MEAN_MS } }],
    },
  },
];

const window = { fromMs: FROM_MS, untilMs: END_MS };
/** e to the power of -x, by its series: plans are built from plain arithmetic. */
function expMinus(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 120; k++) {
    term *= x / k;
    sum += term;
  }
  return 1 / sum;
}

/** The share of requests that are not answered when the hedge goes out: exponential laws. */
const hedged = (p: Params): number => {
  const waitMs = p.hedgeAfterMs - ROUND_TRIP_MS;
  const slow = expMinus(waitMs / slowMeanMs(p));
  const fast = expMinus(waitMs / MEAN_MS);
  return (slow + (MEMBERS - 1) * fast) / MEMBERS;
};
const rounded = (x: number): number => Math.round(x * 1_000) / 1_000;
const tries = (p: Params): number => rounded(1 + hedged(p));
/** Four standard deviations of the share over a run, at most. */
const TOLERANCE = 0.045;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'one-is-slow',
    use: 'gauge',
    args: {
      group: 'app',
      gauge: 'Under way',
      measure: 'mean',
      across: 'imbalance',
      atLeast: 2,
      ...window,
    },
    about: 'One member has far more requests under way than the mean: the slowness bites.',
  },
  {
    id: 'median-is-fast',
    use: 'slo',
    args: { metric: 'p50-ms', atMost: 2 * MEAN_MS, ...window },
    about: 'Half of all requests never notice.',
  },
  {
    id: 'tail-is-cut',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: p.hedgeAfterMs + 8 * MEAN_MS, ...window },
    about:
      'Ninety-nine of a hundred are answered by the hedge and a little more: ' +
      `${p.hedgeAfterMs} ms, then what a fast member takes.`,
  },
  {
    id: 'extra-load-is-small',
    use: 'slo',
    args: { metric: 'tries-per-operation', atMost: 1.2, ...window },
    about: 'Only those who wait send a second request: the load grows by no more than a fifth.',
  },
  {
    id: 'extra-load-is-the-formula',
    use: 'slo',
    args: {
      metric: 'tries-per-operation',
      atLeast: rounded(tries(p) - TOLERANCE),
      atMost: rounded(tries(p) + TOLERANCE),
      ...window,
    },
    about:
      'An eighth of e^(-d/slow) and seven eighths of e^(-d/fast) are sent again: ' +
      `${tries(p)} requests for one.`,
  },
  {
    id: 'everybody-is-answered',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, ...window },
    about: 'Nothing fails: this is about time only.',
  },
];

const percent = (share: number): number => Math.round(share * 100);
const stillOutAfter = (p: Params, meanMs: number): number =>
  percent(expMinus((p.hedgeAfterMs - ROUND_TRIP_MS) / meanMs));

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Eight members',
    at: { ms: 250 },
    text:
      `Eight copies of a service share ${RATE_PER_SECOND} requests a second in turn. Each ` +
      `takes ${MEAN_MS} ms on average, and there are cores enough: nobody queues.`,
    focus: ['app'],
  },
  {
    title: 'One of them is slow',
    at: { ms: SLOW_MS },
    text:
      `The first becomes ${p.slowFactor} times as slow: a failing disk, a busy neighbour. It ` +
      'answers, its health checks pass, and an eighth of all requests meet it.',
    focus: [{ first: 1, of: 'app' }],
    check: 'one-is-slow',
    predict: {
      question:
        'Suppose that clients send a second request to another member after ' +
        `${p.hedgeAfterMs} ms. How much more load is that?`,
      options: [
        'Twice as much: everything is asked for twice.',
        `About ${percent(hedged(p))} % more: only those who are still waiting ask again.`,
        'None: the first request is taken back.',
      ],
      answer: 1,
      because:
        `After ${p.hedgeAfterMs} ms ${stillOutAfter(p, MEAN_MS)} % of the answers of a fast ` +
        'member ' +
        `are still out, and ${stillOutAfter(p, slowMeanMs(p))} % of those of the slow one, which ` +
        `an eighth of all requests meet: ${percent(hedged(p))} % altogether. The first ` +
        'request is ' +
        'not taken back: what has begun is worked on to its end.',
    },
  },
  {
    title: 'The faster answer wins',
    at: { ms: 5_000 },
    text:
      'A second request draws anew how long it takes, and whoever answers first wins: with it ' +
      `the slowest hundredth comes after about ${p.hedgeAfterMs} ms and the time of a fast ` +
      'member. ' +
      `Without it, whoever meets the slow one waits for ${slowMeanMs(p)} ms on average.`,
    focus: ['client', 'app'],
    check: 'tail-is-cut',
  },
  {
    title: 'When to hedge',
    at: { ms: 12_000 },
    text:
      'Too early, and the load grows for nothing; too late, and the tail is as long as the ' +
      'wait. The usual choice is the time within which 95 of 100 are answered.',
    focus: ['client'],
    check: 'extra-load-is-small',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Hedged requests',
  summary: ablations.includes('traffic.hedge')
    ? 'One of eight members is slow, and whoever meets it waits.'
    : 'One of eight members is slow, and a second request races the slow first one.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: ROUND_TRIP_MS / 2 } },
  groups: groups(p),
  faults: [
    {
      id: 'slow-member',
      fault: { type: 'slow-cpu', target: { first: 1, of: 'app' }, factor: p.slowFactor },
      atMs: SLOW_MS,
      forMs: END_MS - SLOW_MS - 1,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'patterns/hedging',
  title: 'Hedged requests',
  summary:
    'One member of eight is slow and answers late. A second request, sent only when the first ' +
    'takes long, cuts the slowest hundredth to a fraction for an eighth more load.',
  tier: 'hostile',
  sources: [TAIL_AT_SCALE],
  params,
  plan,
  variants: [
    { name: 'default', about: 'A second request after 40 ms, four times the mean.' },
    {
      name: 'no-hedge',
      about: 'Whoever meets the slow member waits for it.',
      ablations: ['traffic.hedge'],
      expect: { 'tail-is-cut': { breaks: {} }, 'extra-load-is-the-formula': { breaks: {} } },
    },
    {
      name: 'hedge-late',
      about: 'After 200 ms a hedge costs less, and the tail is as long as the wait.',
      params: { hedgeAfterMs: 200 },
    },
    {
      name: 'hedge-early',
      about: 'After 15 ms, one and a half times the mean: every third request is sent twice.',
      params: { hedgeAfterMs: 15 },
      expect: { 'extra-load-is-small': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Send the second request after 15 ms and compare the tail: what does the extra load buy?',
    'Slow three of the eight members by hand: does one second request still do?',
    `Set the factor to 5: the slow member takes ${5 * MEAN_MS} ms. Is a hedge worth it?`,
  ],
  leavesOut: [
    'Taking back the slower request: it is worked on to its end (tied requests would not).',
    'Queues: with few cores a hedge also adds to what others wait for.',
  ],
});
