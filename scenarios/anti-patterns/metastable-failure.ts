/**
 * A system that stays down after what brought it down is gone: retries keep the queue so long that
 * every answer comes too late.
 */
import { defineScenario, field, often, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
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
  clientOf('app', {
    arrivals: {
      kind: 'poisson',
      ratePerSecond: (CAPACITY_PER_SECOND * p.loadPercent) / 100,
    },
    call: {
      timeoutMs: TIMEOUT_MS,
      maxAttempts: p.attempts,
      // After a single try there is nothing to wait for, and nothing to bound.
      ...(p.attempts > 1 ? { backoff: { policy: 'full-jitter', baseMs: 20, capMs: 100 } } : {}),
      ...(p.retryBudget && p.attempts > 1
        ? { retryBudget: { kind: 'finagle', minRetriesPerSec: 1 } }
        : {}),
    },
  }),
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

/** The load in percent of the capacity if each request is tried as often as it may be. */
const fedPercent = (p: Params): number => p.loadPercent * p.attempts;
/** At a quarter of its speed the service can do so much, in percent. */
const SLOW_PERCENT = 25;

/** Why a run comes back, where that is sure; undefined: it does not, or may not. */
function wayBack(p: Params): string | undefined {
  if (p.loadPercent <= SLOW_PERCENT - 3 && fedPercent(p) <= 100)
    return (
      `Even at a quarter of its speed the service can do more than the ${p.loadPercent} % ` +
      `that it ` +
      'is asked for. A queue forms, but at full speed it drains, even if each request is ' +
      `tried up to ${plural(p.attempts, 'time')}: that is ${fedPercent(p)} % of what the ` +
      `service can do.`
    );
  if (p.attempts === 1 && p.loadPercent <= 60)
    return (
      'Nobody tries again, so the load is the same as before, and less than the service can ' +
      'do. It ' +
      'works on requests that nobody waits for until the queue is short enough, and that is all.'
    );
  if (fedPercent(p) <= 60)
    return (
      `Each request may be tried ${often(p.attempts)}, and even then that is ` +
      `${fedPercent(p)} % of ` +
      'what the service can do: the queue drains.'
    );
  if (p.dropExpired && p.loadPercent <= 80 && fedPercent(p) <= (p.loadPercent <= 60 ? 240 : 160))
    return (
      'What nobody waits for any more is not begun, so the time of the service goes to requests ' +
      'that are still wanted. Whoever is answered does not try again, and the queue drains.'
    );
  if (p.retryBudget && p.loadPercent <= 60 && p.triggerMs <= 3_000)
    return (
      'All retries together may add a fifth to the load, whatever fails: that is still less than ' +
      'the service can do, so the queue drains, and with it goes the reason for retries.'
    );
  if (p.triggerMs <= 500 && p.loadPercent <= 60)
    return (
      'The slowness was over before the queue was as long as clients wait. Most requests ' +
      'were still ' +
      'answered at their first try, so few retries came on top, and the queue drains.'
    );
  return undefined;
}

type Fate = 'back' | 'down' | 'open';

function fate(p: Params): Fate {
  if (wayBack(p) !== undefined) return 'back';
  const isFed = p.loadPercent >= 40 && fedPercent(p) >= 120 && p.attempts > 1;
  return isFed && p.triggerMs >= 3_000 && !p.retryBudget && !p.dropExpired ? 'down' : 'open';
}

const FEEDS_ITSELF =
  'The queue is longer than clients wait, so the service spends all its time on answers that ' +
  'nobody waits for, which makes clients try again: the failure feeds itself. Between capacity ' +
  'divided by the number of tries and capacity itself there are two states, and the trigger only ' +
  'moved the system from one to the other.';

/** What limits the retries or the work for nobody, said before the question. */
const guards = (p: Params): string =>
  (p.attempts === 1
    ? ' Nobody tries again.'
    : ` Each request is tried up to ${plural(p.attempts, 'time')}` +
      (p.retryBudget ? ', but all retries together may be a fifth of the requests.' : '.')) +
  (p.dropExpired ? ' What nobody waits for any more is not begun.' : '');

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const when = `In ${p.triggerMs / 1_000} seconds it is as fast as before.${guards(p)}`;
  if (fate(p) === 'open') {
    return {
      question: `${when} What decides whether it comes back?`,
      options: [
        'Whether the queue becomes shorter than clients wait.',
        'Whether the memory of the queue is large enough.',
        'Nothing: at full speed every queue drains at once.',
      ],
      answer: 0,
      because:
        'While the queue is longer than clients wait, every answer comes too late, and whoever ' +
        'tries again adds to the load. Here that is close to what the service can do, or above ' +
        'it: it may take long, or never end. Look at the queue after the trigger.',
    };
  }
  return {
    question: `${when} What happens then?`,
    options: [
      'The queue drains: it is asked for less than it can do.',
      'It stays down, until somebody takes the load away.',
      'It goes up and down for ever.',
    ],
    answer: fate(p) === 'back' ? 0 : 1,
    because:
      wayBack(p) ??
      `Each request is tried up to ${plural(p.attempts, 'time')} now, which makes up to ` +
        `${fedPercent(p)} % of ` +
        `what the service can do. ${FEEDS_ITSELF}`,
  };
}

const AFTER: Readonly<Record<Fate, readonly [title: string, gone: string, settled: string]>> = {
  back: [
    'Back again',
    'The service is at full speed again. Look at the queue: from now on more is taken out of it ' +
      'than comes in, and soon answers are in time again.',
    'The trigger has left nothing behind. With more load, more tries, and nothing that holds ' +
      'retries back, the same trigger can bring the service down for good.',
  ],
  down: [
    'Still down',
    'The service is at full speed again, all its time is used, and yet hardly anybody is ' +
      'answered: look at the retries, and at the queue.',
    'Nothing is broken any more. Fewer tries, a budget for retries, or a service that does not ' +
      'begin what nobody waits for are the ways back.',
  ],
  open: [
    'What is left of it',
    'The service is at full speed again. Look at the retries, and at the queue: which way ' +
      'do they ' +
      'go?',
    'Nothing is broken any more. Are requests answered again, and is there still a queue? Less ' +
      'load, fewer tries or a shorter trigger make it sure.',
  ],
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A calm service',
    at: { ms: 1_000 },
    text:
      `One core, ten milliseconds a request: ${CAPACITY_PER_SECOND} requests a second are the ` +
      `most that it can do, and it is asked for ${p.loadPercent} % of that.`,
    focus: ['app'],
    check: 'well-before',
  },
  {
    title: 'The trigger',
    at: { ms: TRIGGER_AT_MS },
    text:
      `For ${p.triggerMs / 1_000} seconds it runs at a quarter of its speed: a backup, a noisy ` +
      'neighbour, a cold cache. Answers take longer, and who has waited for half a second ' +
      'gives up' +
      (p.attempts === 1 ? '.' : ' and tries again.'),
    focus: ['app'],
    check: 'the-trigger-bites',
    predict: prediction(p),
  },
  {
    title: 'The trigger is gone',
    at: { ms: TRIGGER_AT_MS + p.triggerMs },
    text: AFTER[fate(p)][1],
    focus: ['app', 'client'],
  },
  {
    title: AFTER[fate(p)][0],
    at: { ms: SETTLED_MS },
    text: AFTER[fate(p)][2],
    focus: ['app'],
    check: 'recovers',
  },
];

/** Without its rule a run is as one in which everything is begun. */
const asRun = (p: Params, ablations: readonly string[]): Params =>
  ablations.includes('traffic.drop-expired') ? { ...p, dropExpired: false } : p;

const plan = (p: Params, ablations: readonly string[]): Plan => ({
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
  story: story(asRun(p, ablations)),
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
    'Switch dropExpired on, with four tries and with six: is that enough to come back?',
  ],
  leavesOut: [
    'Autoscaling, which often comes too late and sometimes makes a trigger of its own.',
    'Clients that go away: here the same number of people ask for ever.',
  ],
});
