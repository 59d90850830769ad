/**
 * A backend crashes, and the balancer finds out by asking: three failed checks, two seconds apart.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
import { HAPROXY_CHECKS } from '../sources.ts';

const params = {
  checks: field.flag({
    about: 'Whether the balancer asks its backends if they are well.',
    default: true,
  }),
  interMs: field.millis({
    about: 'How often it asks each of them.',
    default: 2_000,
    min: 500,
    max: 2_000,
    source: 'HAProxy inter',
  }),
  fall: field.count({
    about: 'So many failed checks in a row take a backend down.',
    default: 3,
    min: 1,
    max: 3,
    source: 'HAProxy fall',
  }),
  attempts: field.count({
    about: 'Tries of the balancer for each request, the first included.',
    default: 1,
    min: 1,
    max: 4,
  }),
};
type Params = Static<TObject<typeof params>>;

const BACKENDS = 4;
const TIMEOUT_MS = 250;
/** One request every ten milliseconds, in turn: each backend gets one every forty. */
const RATE_PER_SECOND = 100;
const CRASH_MS = 5_005;
const DOWN_MS = 10_000;
const BACK_MS = CRASH_MS + DOWN_MS;
const RISE = 2;
const END_MS = 22_000;

/** As for requests. */
const CHECK_TIMEOUT_MS = TIMEOUT_MS;
/**
 * app1 is asked at 0, at one interval, at two: the first check after the crash fails, and so do
 * those after it. A check has failed when its timeout is over.
 */
const downAtMs = (p: Params): number =>
  (Math.ceil(CRASH_MS / p.interMs) + p.fall - 1) * p.interMs + CHECK_TIMEOUT_MS;
const windowMs = (p: Params): number => downAtMs(p) - CRASH_MS;
/** Its requests leave at 10, 50, 90 ms: the first that is lost at 5 010 ms. */
const FIRST_LOST_MS = 5_010;
const lost = (p: Params): number =>
  Math.ceil((downAtMs(p) - FIRST_LOST_MS) / ((BACKENDS * 1_000) / RATE_PER_SECOND));
/** What is lost is tried again elsewhere, if it may be. */
const failing = (p: Params): number => (p.attempts > 1 ? 0 : lost(p));

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('balancer', {
    arrivals: { kind: 'constant', ratePerSecond: RATE_PER_SECOND },
    call: { timeoutMs: 5_000 },
  }),
  balancerOf({
    call: {
      timeoutMs: TIMEOUT_MS,
      maxAttempts: p.attempts,
      retryElsewhere: p.attempts > 1,
      backoff: { policy: 'none' },
    },
    healthCheck: {
      enabled: p.checks,
      interMs: p.interMs,
      fall: p.fall,
      rise: RISE,
      timeoutMs: CHECK_TIMEOUT_MS,
    },
    panicThresholdPercent: 0,
  }),
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    config: {
      steps: [{ do: 'work', time: { kind: 'uniform', minMs: 4, maxMs: 6 } }],
      admission: { concurrencyLimit: 1 },
    },
  },
];

const whileDown = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, untilMs: CRASH_MS },
    about: 'Before the crash every request is answered.',
  },
  {
    id: 'taken-down',
    use: 'fact-count',
    args: {
      fact: 'balancer.backend-down',
      atLeast: 1,
      atMost: 1,
      fromMs: downAtMs(p) - 1,
      untilMs: downAtMs(p) + 1,
    },
    about:
      `The crashed backend is taken down after ${plural(p.fall, 'failed check')} in a row: ` +
      `exactly ` +
      `${windowMs(p)} ms after the crash.`,
  },
  {
    id: 'errors-in-the-window',
    use: 'slo',
    args: {
      metric: 'error-count',
      atLeast: failing(p),
      atMost: failing(p),
      fromMs: CRASH_MS,
      untilMs: BACK_MS,
    },
    about:
      p.attempts > 1
        ? 'Another backend answers what went to the one that is down: no request fails.'
        : `Until then every fourth request fails: exactly ${lost(p)} of them.`,
  },
  {
    id: 'no-errors-after',
    use: 'slo',
    args: {
      metric: 'error-count',
      atMost: 0,
      fromMs: downAtMs(p) + TIMEOUT_MS + 10,
      untilMs: END_MS,
    },
    about: 'Once it is taken down nobody is sent there any more.',
  },
  {
    id: 'nobody-notices',
    use: 'slo',
    args: { metric: 'error-count', atMost: 0 },
    about: 'No client ever sees an error.',
  },
];

const afterReturn = (p: Params): readonly CheckPlan[] => [
  {
    id: 'comes-back',
    use: 'fact-count',
    args: {
      fact: 'balancer.backend-up',
      atLeast: 1,
      atMost: 1,
      fromMs: BACK_MS + (RISE - 1) * p.interMs - 1,
      untilMs: BACK_MS + RISE * p.interMs + 5,
    },
    about: 'Restarted, it is taken in again after two good checks, and not before.',
  },
  {
    id: 'works-again',
    use: 'gauge',
    args: {
      group: 'app',
      member: 1,
      gauge: 'Taken in',
      measure: 'total',
      across: 'part',
      atLeast: 0.24,
      atMost: 0.26,
      fromMs: BACK_MS + RISE * p.interMs + 500,
    },
    about: 'In the end it has its quarter of the requests again.',
  },
];

const seconds = (ms: number): string => `${ms / 1_000} s`;

/** Nobody, until checks have failed, or for as long as it is down. */
function seen(p: Params): { readonly answer: number; readonly because: string } {
  if (p.attempts > 1) {
    return {
      answer: 0,
      because:
        `A try that is not answered within ${TIMEOUT_MS} ms is made again, on another backend: ` +
        'whoever meets app1 waits for that long, and is answered. ' +
        (p.checks ? 'The checks only decide how long anybody has to wait.' : 'Nothing ends that.'),
    };
  }
  if (!p.checks) {
    return {
      answer: 1,
      because:
        'Nobody asks app1 anything, and requests that fail do not count: it stays one of four, ' +
        `and every fourth request fails until it is back, after ${seconds(DOWN_MS)}.`,
    };
  }
  return {
    answer: 2,
    because:
      'The first check after the crash comes within one interval' +
      (p.fall > 1 ? `, and then ${p.fall - 1} more must fail, one interval each` : '') +
      '; the last one is a failure only when its timeout is over. With the defaults of HAProxy ' +
      `that is between 4 and 6 seconds and a bit; here it is ${windowMs(p)} ms. Failed requests ` +
      'do not count: active checks see what checks see.',
  };
}

const whenDown = (p: Params): Pick<StoryStep, 'title' | 'text'> =>
  p.checks
    ? {
        title: 'Taken down',
        text:
          'Enough checks in a row have failed. From now on the other three share the requests, ' +
          `and nobody ${p.attempts > 1 ? 'has to wait for app1' : 'sees an error'} any more.`,
      }
    : {
        title: 'Still one of four',
        text:
          'Nobody has asked, so app1 is still sent every fourth request, and each of them ' +
          (p.attempts > 1 ? 'waits for nothing before another backend answers it.' : 'fails.'),
      };

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Four backends, in turn',
    at: { ms: 2_000 },
    text:
      `The balancer passes ${RATE_PER_SECOND} requests a second on to four backends in turn, and ` +
      (p.checks
        ? `asks each of them every ${seconds(p.interMs)} whether it is well.`
        : 'never asks whether they are well.'),
    focus: ['balancer', 'app'],
    check: 'well-before',
  },
  {
    title: 'One of them is gone',
    at: { ms: CRASH_MS },
    text:
      'app1 crashes. Nothing tells the balancer: packets to a machine that is gone are simply ' +
      'not answered.',
    focus: ['app1'],
    predict: {
      question:
        (p.checks
          ? `A check every ${p.interMs} ms, and ${p.fall} failed in a row take a backend down`
          : 'The balancer makes no checks') +
        (p.attempts > 1
          ? `; a request is tried up to ${p.attempts} times, each time elsewhere. `
          : '; a request is tried once. ') +
        'How long do clients see errors?',
      options: [
        'Not at all: who is not answered by app1 is answered by another.',
        `For as long as it is down: ${seconds(DOWN_MS)}.`,
        p.checks
          ? `Until ${p.fall} in a row have failed: up to ${seconds(p.fall * p.interMs)} and a bit.`
          : 'Until some requests in a row have failed: less than a second.',
      ],
      ...seen(p),
    },
    check: 'errors-in-the-window',
  },
  {
    ...whenDown(p),
    at: { ms: downAtMs(p) + 100 },
    focus: ['balancer'],
    check: 'taken-down',
  },
  {
    title: 'Back again',
    at: { ms: BACK_MS },
    text:
      'app1 has been restarted. ' +
      (p.checks
        ? 'It must answer two checks in a row before it gets a request: a backend that answers ' +
          'once may still fall over.'
        : 'It has its requests at once, as it had them all the time.'),
    focus: ['app1', 'balancer'],
    check: 'comes-back',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Health checks',
  summary: 'A backend crashes; active checks take it down, and let it in again.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.6 } },
  groups: groups(p),
  faults: [
    { id: 'crash', fault: { type: 'crash', target: 'app1' }, atMs: CRASH_MS, forMs: DOWN_MS },
  ],
  checks: [...whileDown(p), ...afterReturn(p)],
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/health-checks',
  title: 'Health checks',
  summary:
    'A crashed backend gets its share of the requests until three checks in a row have failed: ' +
    'about six seconds of errors, unless the balancer tries another backend.',
  tier: 'hostile',
  sources: [HAPROXY_CHECKS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Checks every 2 s, three failures take it down: every fourth request fails till then.',
      expect: { 'nobody-notices': { breaks: {} } },
    },
    {
      name: 'faster',
      about: 'Checks every 500 ms: a quarter of the errors, for four times the checks.',
      params: { interMs: 500 },
      expect: { 'nobody-notices': { breaks: {} } },
    },
    {
      name: 'retries',
      about: 'A request that is not answered goes to the next backend: slower, but no errors.',
      params: { attempts: 2 },
    },
    {
      name: 'no-checks',
      about: 'Nobody asks: a quarter of all requests fail for as long as it is down.',
      params: { checks: false },
      expect: {
        'taken-down': { breaks: {} },
        'errors-in-the-window': { breaks: {} },
        'no-errors-after': { breaks: {} },
        'nobody-notices': { breaks: {} },
        'comes-back': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Set fall to 1: half the errors. Then lose one packet in ten, and see what else it takes down.',
    'With retries there are no errors: look at the 99th percentile instead.',
    'Crash two backends at once by hand, with one retry: when does a request meet both?',
  ],
  leavesOut: [
    'Refused connections: a crashed process on a living machine would refuse at once.',
    'Fast checks after a first failure (fastinter in HAProxy).',
  ],
});
