/**
 * A system that stays down after what brought it down is gone: retries keep the queue so long that
 * every answer comes too late.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { BUILDERS_LIBRARY_RETRIES, METASTABLE, SRE_CASCADING } from '../sources.ts';

const params = {
  loadPercent: field.count({
    about: 'How much of its capacity the service is asked for in calm times, without retries.',
    default: 60,
    min: 10,
    max: 80,
  }),
  attempts: field.count({
    about: 'Tries for each request, the first included.',
    default: 4,
    min: 1,
    max: 6,
  }),
  retryBudget: field.flag({
    about: 'Retries of all requests together may be a fifth of the requests, no more.',
    default: false,
    source: 'Finagle RetryBudget',
  }),
  dropExpired: field.flag({
    about: 'The service does not begin what nobody waits for any more.',
    default: false,
  }),
  triggerMs: field.millis({
    about: 'How long the service runs at a quarter of its speed.',
    default: 3_000,
    min: 500,
    max: 5_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const SERVICE_MS = 10;
const CAPACITY_PER_SECOND = 1_000 / SERVICE_MS;
const TIMEOUT_MS = 500;
const TRIGGER_AT_MS = 4_000;
const END_MS = 24_000;
/** From here on a system that can recover has done so. */
const SETTLED_MS = 18_000;

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'client',
    component: 'http-client',
    count: 1,
    links: { target: 'app' },
    config: {
      arrivals: {
        kind: 'poisson',
        ratePerSecond: (CAPACITY_PER_SECOND * p.loadPercent) / 100,
      },
      call: {
        timeoutMs: TIMEOUT_MS,
        maxAttempts: p.attempts,
        backoff: { policy: 'full-jitter', baseMs: 20, capMs: 100 },
        retryBudget: p.retryBudget ? { kind: 'finagle', minRetriesPerSec: 1 } : {},
      },
    },
  },
  {
    name: 'app',
    component: 'service',
    count: 1,
    config: {
      steps: [{ do: 'work', time: { kind: 'exponential', meanMs: SERVICE_MS } }],
      admission: { concurrencyLimit: 1, maxQueue: 400, dropExpired: p.dropExpired },
    },
  },
];

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.98, fromMs: 500, untilMs: TRIGGER_AT_MS },
    about: 'Before anything happens nearly every request is answered.',
  },
  {
    id: 'the-trigger-bites',
    use: 'slo',
    args: {
      metric: 'p50-ms',
      atLeast: 22,
      fromMs: TRIGGER_AT_MS,
      untilMs: TRIGGER_AT_MS + p.triggerMs,
    },
    about: 'While the service is slow, so are its answers.',
  },
  {
    id: 'recovers',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.95, fromMs: SETTLED_MS, untilMs: END_MS },
    about: 'Long after the trigger is gone, requests are answered again.',
  },
];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A calm service',
    at: { ms: 1_000 },
    text:
      `One core, ten milliseconds a request: ${CAPACITY_PER_SECOND} requests a second are the ` +
      `most that it can do, and it is asked for ${p.loadPercent} % of that. The queue is short.`,
    focus: ['app'],
    check: 'well-before',
  },
  {
    title: 'The trigger',
    at: { ms: TRIGGER_AT_MS },
    text:
      'For a few seconds it runs at a quarter of its speed: a backup, a noisy neighbour, a cold ' +
      'cache. Requests pile up, and after half a second their clients give up and try again.',
    focus: ['app'],
    check: 'the-trigger-bites',
    predict: {
      question: `In ${p.triggerMs / 1_000} seconds it is as fast as before. What happens then?`,
      options: [
        'The queue drains: it is asked for less than it can do.',
        'It stays down, until somebody takes the load away.',
        'It goes up and down for ever.',
      ],
      answer: 1,
      because:
        'Each request is now tried four times, which makes more load than the service can bear. ' +
        'The queue is longer than clients wait, so the service spends all its time on answers ' +
        'that nobody waits for, which makes clients try again: the failure feeds itself. Between ' +
        'capacity divided by the number of tries and capacity itself there are two states, and ' +
        'the trigger only moved the system from one to the other.',
    },
  },
  {
    title: 'The trigger is gone',
    at: { ms: TRIGGER_AT_MS + p.triggerMs },
    text:
      'The service is at full speed again, all its time is used, and yet hardly anybody is ' +
      'answered: look at the retries, and at the queue.',
    focus: ['app', 'client'],
  },
  {
    title: 'Still down',
    at: { ms: SETTLED_MS },
    text:
      'Nothing is broken any more. Fewer tries, a budget for retries, or a service that does not ' +
      'begin what nobody waits for: each of them alone brings it back.',
    focus: ['app'],
    check: 'recovers',
  },
];

const plan = (p: Params): Plan => ({
  title: 'A metastable failure',
  summary:
    'A short slowness pushes a service over the edge, and retries keep it there after the ' +
    'slowness is gone.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [
    {
      id: 'slow',
      fault: { type: 'slow-cpu', target: 'app', factor: 4 },
      atMs: TRIGGER_AT_MS,
      forMs: p.triggerMs,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'anti-patterns/metastable-failure',
  title: 'A metastable failure',
  summary:
    'Three slow seconds bring a service down for good: retries multiply the load, the queue ' +
    'outlives every timeout, and nothing that is answered is still wanted.',
  tier: 'hostile',
  sources: [METASTABLE, SRE_CASCADING, BUILDERS_LIBRARY_RETRIES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Four tries at 60 % load: inside the vulnerable region (25 % to 100 %).',
      expect: { recovers: { breaks: {} } },
    },
    {
      name: 'light-load',
      about: 'At 20 % even four tries for each request fit into the capacity.',
      params: { loadPercent: 20 },
    },
    {
      name: 'one-try',
      about: 'Without retries nothing keeps the queue up.',
      params: { attempts: 1 },
    },
    {
      name: 'budget',
      about: 'Retries may add a fifth to the load, whatever fails.',
      params: { retryBudget: true },
    },
    {
      name: 'no-stale-work',
      about: 'The service skips what nobody waits for: its time goes to those who still wait.',
      params: { dropExpired: true },
    },
  ],
  thingsToTry: [
    'Pause the client for two seconds by hand: it comes back. What would you do in production?',
    'Find the highest load from which it still recovers with two tries.',
    'Make the queue shorter than clients wait: is a small buffer better than a large one?',
  ],
  leavesOut: [
    'Autoscaling, which often comes too late and sometimes makes a trigger of its own.',
    'Clients that go away: here the same number of people ask for ever.',
  ],
});
