/**
 * A backend comes back cold and gets its full share at once: it drowns on its first day.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
import { ENVOY_SLOW_START, HAPROXY_CHECKS } from '../sources.ts';

const params = {
  slowStartMs: field.millis({
    about: 'How long the share of a backend that comes up grows; 0: it has all of it at once.',
    default: 0,
    min: 0,
    max: 8_000,
    source: 'Envoy slow_start_window; HAProxy slowstart',
  }),
  policy: field.choice(['smooth-weighted-round-robin', 'least-connections'], {
    about: 'How the balancer picks a backend.',
    default: 'smooth-weighted-round-robin',
  }),
  coldFactor: field.count({
    about: 'So many times slower is a cold backend at first.',
    default: 5,
    min: 1,
    max: 6,
  }),
};
type Params = Static<TObject<typeof params>>;

const BACKENDS = 4;
const RATE_PER_SECOND = 200;
const TIMEOUT_MS = 1_000;
const CRASH_MS = 2_000;
const BACK_MS = 5_000;
/** Half as cold from here on, and warm from there on. */
const HALF_WARM_MS = 8_000;
const WARM_MS = 10_000;
const INTER_MS = 500;
const END_MS = 17_000;
const SETTLED_MS = 15_000;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('balancer', {
    arrivals: { kind: 'poisson', ratePerSecond: RATE_PER_SECOND },
    call: { timeoutMs: TIMEOUT_MS },
  }),
  balancerOf({
    call: { timeoutMs: TIMEOUT_MS, balance: { policy: p.policy } },
    healthCheck: { enabled: true, interMs: INTER_MS, fall: 2, rise: 2 },
    slowStart: { windowMs: p.slowStartMs },
  }),
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    config: {
      steps: [{ do: 'work', time: { kind: 'uniform', minMs: 8, maxMs: 12 } }],
      admission: { concurrencyLimit: 1 },
    },
  },
];

const sinceBack = { fromMs: BACK_MS } as const;

const checks = (): readonly CheckPlan[] => [
  {
    id: 'comes-back',
    use: 'fact-count',
    args: {
      fact: 'balancer.backend-up',
      atLeast: 1,
      atMost: 1,
      fromMs: BACK_MS,
      untilMs: BACK_MS + 2 * INTER_MS + 10,
    },
    about: 'Two good checks, and the backend gets requests again.',
  },
  {
    id: 'not-flooded',
    use: 'gauge',
    args: { group: 'app', member: 1, gauge: 'Queue', measure: 'max', atMost: 15, ...sinceBack },
    about: 'While it is cold it gets no more than it can do: at most fifteen ever wait.',
  },
  {
    id: 'answered',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.995, ...sinceBack },
    about: 'Nobody pays for the return: requests are answered.',
  },
  {
    id: 'tail',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 500, ...sinceBack },
    about: 'The slowest request of a hundred takes at most 500 ms.',
  },
  {
    id: 'full-share-in-the-end',
    use: 'gauge',
    args: {
      group: 'app',
      member: 1,
      gauge: 'Taken in',
      measure: 'total',
      across: 'part',
      atLeast: 0.21,
      atMost: 0.29,
      fromMs: SETTLED_MS,
    },
    about: 'Once it is warm it has its quarter of the requests.',
  },
];

const WARM_PER_SECOND = 100;
const coldPerSecond = (p: Params): number => Math.round(WARM_PER_SECOND / p.coldFactor);
/** Two good checks, half a second apart. */
const UP_MS = BACK_MS + INTER_MS;
/** More than this and it is a queue of its own. */
const LONG_QUEUE = 15;

/** What has piled up at app1 by then, were requests a fluid: its share less what it can do. */
function backlog(p: Params, untilMs: number): number {
  if (p.policy === 'least-connections') return 0;
  const stepMs = 10;
  let queue = 0;
  for (let ms = UP_MS; ms < untilMs; ms += stepMs) {
    const weight = p.slowStartMs > 0 ? Math.max(0.1, (ms - UP_MS) / p.slowStartMs) : 1;
    const part = Math.min(1, weight);
    const factor = ms < HALF_WARM_MS ? p.coldFactor : (1 + p.coldFactor) / 2;
    const perSecond = (RATE_PER_SECOND * part) / (BACKENDS - 1 + part) - WARM_PER_SECOND / factor;
    queue = Math.max(0, queue + (perSecond * stepMs) / 1_000);
  }
  return queue;
}
const isFlooded = (p: Params): boolean =>
  Math.max(backlog(p, HALF_WARM_MS), backlog(p, WARM_MS)) > LONG_QUEUE;

const share = (p: Params): string => {
  if (p.policy === 'least-connections') {
    return 'The balancer takes it back, and sends each request where the fewest are under way.';
  }
  return p.slowStartMs > 0
    ? `The balancer takes it back with a tenth of its share, which grows for ${p.slowStartMs} ms.`
    : 'The balancer takes it back with its full quarter of the requests.';
};

function because(p: Params): string {
  const cold =
    `A quarter is fifty requests a second, half of what a warm backend can do. A cold one can do ` +
    `${coldPerSecond(p)}. `;
  if (isFlooded(p)) {
    return (
      cold +
      (p.slowStartMs > 0 ? 'Its share has grown before it is warm. ' : '') +
      'Turns do not look at queues, and a health check only asks whether it is there. So the ' +
      'return of a backend, which should bring relief, makes the requests sent to it slow.'
    );
  }
  if (p.policy === 'least-connections') {
    return `${cold}While it is slow its requests stay under way for longer, so it is sent fewer.`;
  }
  return p.slowStartMs > 0
    ? `${cold}Its share grows while it warms up, and nobody has to know how warm it is.`
    : `${cold}That is enough, or nearly: it has no need of a slow start.`;
}

function halfWarm(p: Params): Pick<StoryStep, 'title' | 'text'> {
  if (isFlooded(p)) {
    return {
      title: 'A queue of its own',
      text:
        `About ${Math.round(backlog(p, HALF_WARM_MS))} requests wait at app1, the others are ` +
        'half idle.',
    };
  }
  if (p.policy === 'least-connections') {
    return { title: 'What it finishes', text: 'app1 gets what it finishes, the others the rest.' };
  }
  return p.slowStartMs > 0
    ? {
        title: 'A little at first',
        text: 'It began with a tenth of its share, and got a little more every moment.',
      }
    : { title: 'Its share at once', text: 'app1 has its quarter, and no long queue.' };
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Three are left',
    at: { ms: CRASH_MS },
    text:
      `app1 crashes, the other three take over its share of ${RATE_PER_SECOND} ` +
      'requests a second.',
    focus: ['app1', 'balancer'],
  },
  {
    title: p.coldFactor > 1 ? 'Back, and cold' : 'Back, and warm',
    at: { ms: BACK_MS },
    text:
      'app1 has been restarted. ' +
      (p.coldFactor > 1
        ? 'Its code is not compiled yet, its caches and pools are empty: each request costs ' +
          `${p.coldFactor} times as much for a while. Its health checks are fine.`
        : 'It is as fast as before at once.'),
    focus: ['app1'],
    predict: {
      question: `${share(p)} What happens?`,
      options: [
        'It warms up sooner than it would otherwise, because it gets many requests.',
        'Requests pile up at it, and those who are sent to it wait or time out.',
        'No long queue: it gets about what it can do.',
      ],
      answer: isFlooded(p) ? 1 : 2,
      because: because(p),
    },
    check: 'comes-back',
  },
  {
    ...halfWarm(p),
    at: { ms: HALF_WARM_MS },
    focus: ['app1', 'app2'],
    check: 'not-flooded',
  },
  {
    title: 'Warm',
    at: { ms: SETTLED_MS },
    text: 'Now it is as fast as the others, and has the share of the others.',
    focus: ['app1'],
    check: 'full-share-in-the-end',
  },
];

const cold = (factor: number, atMs: number, untilMs: number): readonly FaultEntry[] => [
  {
    id: `cold-${atMs}`,
    fault: { type: 'slow-cpu', target: 'app1', factor },
    atMs,
    forMs: untilMs - atMs,
  },
];

const plan = (p: Params): Plan => ({
  title: 'Slow start',
  summary: 'A backend comes back cold, and gets its share at once or little by little.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.4 } },
  groups: groups(p),
  faults: [
    {
      id: 'restart',
      fault: { type: 'crash', target: 'app1' },
      atMs: CRASH_MS,
      forMs: BACK_MS - CRASH_MS,
    },
    ...cold(p.coldFactor, BACK_MS + 1, HALF_WARM_MS),
    ...cold((1 + p.coldFactor) / 2, HALF_WARM_MS, WARM_MS),
  ],
  checks: checks(),
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/slow-start',
  title: 'Slow start',
  summary:
    'A restarted backend is cold for some seconds. With its full share at once it drowns; with a ' +
    'share that grows nobody notices.',
  tier: 'hostile',
  sources: [ENVOY_SLOW_START, HAPROXY_CHECKS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The full share at once: a queue of a hundred at the cold backend, and timeouts.',
      expect: {
        'not-flooded': { breaks: {} },
        answered: { breaks: {} },
        tail: { breaks: {} },
      },
    },
    {
      name: 'slow-start',
      about: 'Its share grows for eight seconds, from a tenth.',
      params: { slowStartMs: 8_000 },
    },
    {
      name: 'too-short',
      about: 'Its share grows for one second only: it is still cold then.',
      params: { slowStartMs: 1_000 },
      expect: {
        'not-flooded': { breaks: {} },
        answered: { breaks: {} },
        tail: { breaks: {} },
      },
    },
    {
      name: 'least-connections',
      about: 'A policy that looks at the load does not flood it in the first place.',
      params: { policy: 'least-connections' },
    },
  ],
  thingsToTry: [
    'Find the shortest window that keeps the tail below 500 ms.',
    'Let it come back warm (coldFactor 1): what does slow start cost then?',
    'Crash all four one after the other, by hand, as a deployment does.',
  ],
  leavesOut: [
    'Caches that get warm by requests: here a backend gets warm by time.',
    'Checks that ask for real work, and would find a cold backend slow.',
  ],
});
