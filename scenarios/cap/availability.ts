/**
 * How often a service is there that is made of machines that are not always: in a row, side by
 * side, and with one that stands by. The run is held to the formulas.
 */
import { ScenarioError, defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { balancerOf } from '../request-parts.ts';
import { AWS_AVAILABILITY, SRE_RISK } from '../sources.ts';

const params = {
  shape: field.choice(['series', 'one', 'parallel', 'active-passive'], {
    about:
      'Two machines that are both needed; one; two of which either will do, and a client that ' +
      'tries the other one at once; or two behind a balancer that sends all to one while it ' +
      'answers.',
    default: 'series',
  }),
  downPercent: field.count({
    about: 'How much of the time each machine is down.',
    default: 20,
    min: 10,
    max: 40,
  }),
  together: field.flag({
    about:
      'Both are down at the same times: they share a rack, a switch, a faulty release. Of shapes ' +
      'of two machines: one alone shares nothing.',
    default: false,
  }),
};
type Params = Static<TObject<typeof params>>;

/** Each machine fails once in so long. In 42 s each of the one meets each of the other. */
const FIRST_PERIOD_MS = 2_000;
const SECOND_PERIOD_MS = 2_100;
const CYCLE_MS = 42_000;
const FROM_MS = 4_500;
const UNTIL_MS = FROM_MS + CYCLE_MS;
const END_MS = UNTIL_MS + 500;
const PER_SECOND = 50;
const TOLERANCE = 0.015;
/** An answer takes 2 to 4 ms; a machine that is down says nothing. */
const TRY_MS = 20;

const INTER_MS = 25;
const FALL = 2;
/** A check fails half an interval after the crash on average, the next ones an interval later. */
const NOTICED_MS = INTER_MS * (FALL - 0.5);

const up = ({ downPercent }: Params): number => 1 - downPercent / 100;

function computed(p: Params): number {
  const down = 1 - up(p);
  switch (p.shape) {
    case 'one':
      return up(p);
    case 'series':
      return up(p) * up(p);
    case 'parallel':
      return 1 - down * down;
    case 'active-passive':
      // What is lost until it is noticed; of the one that stands by only while it serves.
      return 1 - down * down - (NOTICED_MS / FIRST_PERIOD_MS) * (1 + down);
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function groups(p: Params): readonly GroupPlan[] {
  const isPair = p.shape === 'parallel' || p.shape === 'active-passive';
  const work = { do: 'work', time: { kind: 'constant', ms: 1 } } as const;
  const once = { timeoutMs: TRY_MS };
  const elsewhere = { ...once, maxAttempts: 2, retryElsewhere: true, backoff: { policy: 'none' } };
  const first = p.shape === 'series' ? 'front' : p.shape === 'active-passive' ? 'balancer' : 'app';
  const app: GroupPlan = {
    name: 'app',
    component: 'service',
    count: isPair ? 2 : 1,
    config: { steps: [work] },
  };
  const front: GroupPlan = {
    name: 'front',
    component: 'service',
    count: 1,
    links: { app: 'app' },
    config: { steps: [work, { do: 'call', to: 'app' }] },
  };
  const balancer: GroupPlan = balancerOf({
    // All requests have one session, so all go to the same one while it is up.
    call: { ...once, balance: { policy: 'ring-hash', hashOn: 'session' } },
    healthCheck: { enabled: true, interMs: INTER_MS, fall: FALL, rise: 1, timeoutMs: 20 },
    panicThresholdPercent: 0,
  });
  return [
    {
      name: 'client',
      component: 'http-client',
      count: 1,
      links: { target: first },
      config: {
        arrivals: { kind: 'constant', ratePerSecond: PER_SECOND },
        call:
          p.shape === 'parallel'
            ? elsewhere
            : p.shape === 'active-passive'
              ? { timeoutMs: 2 * TRY_MS }
              : once,
      },
    },
    ...(p.shape === 'series' ? [front] : p.shape === 'active-passive' ? [balancer] : []),
    app,
  ];
}

function faults(p: Params): readonly FaultEntry[] {
  const failing = (id: string, target: string, periodMs: number): FaultEntry => ({
    id,
    every: { interval: { kind: 'constant', ms: periodMs }, fromMs: 0 },
    forMs: (periodMs * p.downPercent) / 100,
    fault: { type: 'crash', target },
  });
  const first = failing('first', 'app1', FIRST_PERIOD_MS);
  if (p.shape === 'one') return [first];
  const second = p.shape === 'series' ? 'front1' : 'app2';
  return [first, failing('second', second, p.together ? FIRST_PERIOD_MS : SECOND_PERIOD_MS)];
}

function checks(p: Params): readonly CheckPlan[] {
  const share = computed(p);
  const window = { metric: 'success-share', fromMs: FROM_MS, untilMs: UNTIL_MS };
  return [
    {
      id: 'machines-fail',
      use: 'fact-count',
      args: { fact: 'node.crashed', atLeast: 20 },
      about: 'Machines fail, again and again.',
    },
    {
      id: 'as-computed',
      use: 'slo',
      args: { ...window, atLeast: share - TOLERANCE, atMost: share + TOLERANCE },
      about: `${percent(share)} of all requests are answered, as the formula says.`,
    },
    {
      id: 'no-worse-than-one',
      use: 'slo',
      args: { ...window, atLeast: up(p) - TOLERANCE },
      about: `At least as many as one machine alone would answer: ${percent(up(p))}.`,
    },
    {
      id: 'better-than-one',
      use: 'slo',
      args: { ...window, atLeast: 1 - (1 - up(p)) / 2 },
      about: 'Half of what one machine alone would miss, or less, is missed.',
    },
  ];
}

const SHAPES: { readonly [shape in Params['shape']]: string } = {
  one: 'One machine answers all requests.',
  series: 'A request goes to one machine, which needs the other one for its answer.',
  parallel:
    'Either of two machines can answer. A client that has no answer after ' +
    `${TRY_MS} ms asks the other one.`,
  'active-passive':
    `A balancer sends all requests to one of two machines. It checks both every ${INTER_MS} ms, ` +
    `and when ${FALL} checks have failed it sends all to the other one.`,
};

function formula(p: Params): string {
  const [a, q] = [up(p), 1 - up(p)];
  switch (p.shape) {
    case 'one':
      return `It is up ${percent(a)} of the time, and so is the service.`;
    case 'series':
      return (
        `Both must be up at the same time: ${percent(a)} of ${percent(a)} ` +
        `is ${percent(a * a)}.`
      );
    case 'parallel':
      return `Both must be down to miss one: ${percent(q)} of ${percent(q)}, the rest is answered.`;
    case 'active-passive':
      return (
        `Both must be down, as with two at once; and with each failure all is lost until it is ` +
        `noticed, ${NOTICED_MS} ms of ${FIRST_PERIOD_MS}.`
      );
  }
}

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const q = 1 - up(p);
  const options = [percent(up(p) * up(p)), percent(up(p)), percent(1 - q * q)];
  const isPair = p.shape === 'parallel' || p.shape === 'active-passive';
  const answer = p.together || p.shape === 'one' ? 1 : isPair ? 2 : 0;
  return {
    question: `Each machine is up ${percent(up(p))} of the time. And the service, about?`,
    options,
    answer,
    because: p.together
      ? 'The formula multiplies, and that is right only for failures that have nothing to do ' +
        'with each other. Here both fail at once: two are as good as one.'
      : formula(p),
  };
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Machines that fail',
    at: { ms: 1_000 },
    text:
      `Each machine fails about every two seconds, and is down ${p.downPercent} % of the time: ` +
      'far more than real ones, so that it can be counted in under a minute.',
    focus: ['app'],
    check: 'machines-fail',
  },
  {
    title: 'How they are put together',
    at: { ms: FROM_MS },
    text: SHAPES[p.shape] + (p.together ? ' Both fail at the same times.' : ''),
    focus: ['app', 'client'],
    predict: prediction(p),
  },
  {
    title: 'Counted',
    at: { ms: UNTIL_MS - 2_000 },
    text: p.together
      ? 'The formula promised something else. A shared cause makes one machine of two: look for ' +
        'it before you multiply.'
      : `${formula(p)} The check below counts ${PER_SECOND} requests a second, and agrees.`,
    focus: ['client'],
    check: 'as-computed',
  },
];

/** One machine alone shares nothing. */
function checkShape({ shape, together }: Params): void {
  if (shape !== 'one' || !together) return;
  throw new ScenarioError('together changes nothing: there is one machine, and no other.', {
    path: 'params/together',
    hint: 'Choose the shape series, parallel or active-passive, or leave it out.',
  });
}

const planOf = (p: Params): Plan => ({
  title: 'In a row, and side by side',
  summary: 'Machines that are down a known share of the time, put together in four ways.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: faults(p),
  checks: checks(p),
  story: story(p),
});

function plan(p: Params): Plan {
  checkShape(p);
  return planOf(p);
}

const NOT_BETTER = { 'better-than-one': { breaks: {} } } as const;

export default defineScenario({
  id: 'cap/availability',
  title: 'In a row, and side by side',
  summary:
    'What needs two machines is there less often than either, what needs one of two far more ' +
    'often; a machine that stands by costs the time until a failure is noticed.',
  tier: 'hostile',
  sources: [AWS_AVAILABILITY, SRE_RISK],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'In a row: 80 % of 80 % is 64 %.',
      expect: { ...NOT_BETTER, 'no-worse-than-one': { breaks: {} } },
    },
    {
      name: 'one',
      about: 'One machine: 80 %.',
      params: { shape: 'one' },
      expect: NOT_BETTER,
    },
    {
      name: 'parallel',
      about: 'Side by side, both in use (active-active): 96 %.',
      params: { shape: 'parallel' },
    },
    {
      name: 'active-passive',
      about: 'One in use, one standing by: 96 %, less what is lost until a failure is noticed.',
      params: { shape: 'active-passive' },
    },
    {
      name: 'same-cause',
      about: 'Side by side, and both fail at the same times: 80 %, whatever the formula says.',
      params: { shape: 'parallel', together: true },
      expect: { ...NOT_BETTER, 'as-computed': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'In a row, let each be down 10 % of the time: how much of the time is the service up?',
    'How long may it take to notice a failure until standing by is no better than one machine?',
    'Crash the balancer by hand: what did the second machine behind it buy?',
  ],
  leavesOut: [
    'Failures of the balancer: it stands in a row with the two behind it.',
    'Data: a machine that stands by must have it, and what it has not is lost or waited for.',
    'Load: of two machines in use each must be able to bear all of it.',
  ],
});
