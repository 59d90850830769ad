/**
 * Three pods behind a balancer are replaced one after the other while requests come in: who is
 * refused, who is cut off, and what each of the usual precautions saves.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { KUBERNETES_PROBES, KUBERNETES_TERMINATION, SPRING_SHUTDOWN } from '../sources.ts';

const params = {
  shutdown: field.choice(['graceful', 'immediate'], {
    about: 'What a pod does at SIGTERM: finish what is under way, or end at once.',
    default: 'graceful',
    source: 'Spring Boot server.shutdown',
  }),
  preStopMs: field.millis({
    about: 'From the decision to end a pod to its SIGTERM; it serves on, and says: not ready.',
    default: 0,
    max: 5_000,
    source: 'Kubernetes lifecycle.preStop, usually a sleep',
  }),
  graceMs: field.millis({
    about: 'From the decision to end a pod to its SIGKILL.',
    default: 30_000,
    min: 1_000,
    max: 30_000,
    source: 'Kubernetes terminationGracePeriodSeconds: 30 s',
  }),
  checkEveryMs: field.millis({
    about: 'How often the balancer asks each pod whether it is ready.',
    default: 1_000,
    min: 500,
    max: 2_000,
  }),
  tries: field.count({
    about: 'How often the balancer tries a request, on another pod where one refused it.',
    default: 1,
    min: 1,
    max: 3,
  }),
};
type Params = Static<TObject<typeof params>>;

const PODS = 3;
const QUICK_PER_SECOND = 90;
const REPORTS_PER_SECOND = 9;
const RATE_PER_SECOND = QUICK_PER_SECOND + REPORTS_PER_SECOND;
const QUICK_MS = 50;
const REPORT_MS = 2_000;
const DOWN_MS = 3_000;
const END_MS_MIN = 20_000;

/** The first pod is told right after a check of it; each further one is checked a third later. */
const FIRST_SHARE = 0.1;
const stepMs = (p: Params): number => Math.ceil(4_000 / p.checkEveryMs) * p.checkEveryMs;
const toldMs = (p: Params, pod: number): number =>
  Math.round(stepMs(p) * (pod + 1) + (FIRST_SHARE + pod / PODS) * p.checkEveryMs);
/** The last pod has ended, and the balancer has asked it again. */
const endMs = (p: Params): number => {
  const lastMs = Math.min(p.graceMs, p.preStopMs + REPORT_MS);
  return Math.max(END_MS_MIN, Math.ceil(toldMs(p, PODS - 1) + lastMs + 2 * p.checkEveryMs));
};
/** Until the next check of it, the balancer does not know. */
const unawareMs = (p: Params): number => (1 - FIRST_SHARE) * p.checkEveryMs;
/** So many requests does one pod get in that time. */
const strayed = (p: Params): number => (RATE_PER_SECOND / PODS) * (unawareMs(p) / 1_000);

const client = (name: string, route: string, ratePerSecond: number, write: boolean): GroupPlan => ({
  name,
  component: 'http-client',
  count: 1,
  links: { target: 'lb' },
  config: {
    arrivals: { kind: 'constant', ratePerSecond },
    routes: [{ route, write }],
    call: { timeoutMs: 5_000 },
  },
});

const steps = (ms: number): readonly object[] => [
  { do: 'work', time: { kind: 'constant', ms: 1 } },
  { do: 'wait', time: { kind: 'constant', ms: ms - 1 } },
];

const groups = (p: Params): readonly GroupPlan[] => [
  client('shop', 'GET /products', QUICK_PER_SECOND, false),
  client('office', 'POST /report', REPORTS_PER_SECOND, true),
  {
    name: 'lb',
    component: 'load-balancer',
    count: 1,
    links: { backends: 'pod' },
    config: {
      call: {
        timeoutMs: 5_000,
        maxAttempts: p.tries,
        ...(p.tries > 1
          ? {
              retryElsewhere: true,
              retryUnknown: false,
              backoff: { policy: 'constant', baseMs: 1 },
            }
          : {}),
      },
      healthCheck: { enabled: true, interMs: p.checkEveryMs, rise: 1, fall: 1, timeoutMs: 200 },
    },
  },
  {
    name: 'pod',
    component: 'service',
    count: PODS,
    cores: 2,
    config: {
      steps: steps(QUICK_MS),
      routes: [{ route: 'POST /report', steps: steps(REPORT_MS) }],
      shutdown: {
        mode: p.shutdown,
        ...(p.shutdown === 'graceful' ? { timeoutMs: 0 } : {}),
      },
    },
  },
];

const rollout = (p: Params): readonly FaultEntry[] =>
  Array.from({ length: PODS }, (_, pod) => ({
    id: `replace-pod${pod + 1}`,
    fault: {
      type: 'terminate',
      target: `pod${pod + 1}`,
      graceMs: p.graceMs,
      preStopMs: p.preStopMs,
    },
    atMs: toldMs(p, pod),
    forMs: DOWN_MS,
  }));

const isBare = (p: Params): boolean => p.preStopMs === 0 && p.tries === 1;

function checks(p: Params): readonly CheckPlan[] {
  const common: readonly CheckPlan[] = [
    {
      id: 'all-replaced',
      use: 'fact-count',
      args: { fact: 'node.exited', atLeast: PODS, atMost: PODS },
      about: 'Each pod ends once.',
    },
    {
      id: 'all-missed',
      use: 'fact-count',
      args: { fact: 'balancer.backend-down', atLeast: PODS },
      about: 'The balancer notices each time, sooner or later.',
    },
    {
      id: 'no-errors',
      use: 'slo',
      args: { metric: 'error-count', atMost: 0 },
      about: 'No client sees an error.',
    },
    {
      id: 'nothing-cut',
      use: 'fact-count',
      args: { fact: 'node.reset', atMost: 0 },
      about: 'No pod ends with a request under way.',
    },
    {
      id: 'shop-is-served',
      use: 'slo',
      args: { metric: 'error-count', clients: 'shop', atMost: 0 },
      about: 'No customer of the shop sees an error.',
    },
  ];
  if (!isBare(p)) return common;
  const expected = Math.round(PODS * strayed(p));
  return [
    ...common,
    {
      id: 'errors-as-counted',
      use: 'slo',
      args: {
        metric: 'error-count',
        error: 'unavailable',
        atLeast: expected - PODS,
        atMost: expected + PODS,
      },
      about:
        `Refused are ${expected}, give or take one for each pod: what comes to a pod until the ` +
        'balancer asks it again.',
    },
  ];
}

type Predict = NonNullable<StoryStep['predict']>;

/** It serves for so long after it was told to end. */
const servesMs = (p: Params): number => Math.min(p.preStopMs, p.graceMs);
const isHeardInTime = (p: Params): boolean => servesMs(p) >= unawareMs(p);
const isRefused = (p: Params): boolean => !isHeardInTime(p) && p.tries === 1;
/** The last report that it takes is not done when it ends. */
const isCut = (p: Params): boolean =>
  Math.min(servesMs(p), unawareMs(p)) + REPORT_MS >
  (p.shutdown === 'immediate' ? servesMs(p) : p.graceMs);
const turnedAway = (p: Params): number =>
  Math.round(((RATE_PER_SECOND / PODS) * (unawareMs(p) - servesMs(p))) / 1_000);

const whatItDoes = (p: Params): string =>
  (p.preStopMs > 0
    ? `The pod says that it is not ready, serves on for ${p.preStopMs} ms, and then gets SIGTERM. `
    : 'The pod gets SIGTERM now. ') +
  (p.shutdown === 'immediate'
    ? 'It ends at the signal. '
    : 'From then on it takes nothing new, and finishes what it has begun; ' +
      `after ${p.graceMs / 1_000} s it is killed. `) +
  (p.tries > 1 ? 'The balancer tries elsewhere what is safe to try again. ' : '');

const whyNew = (p: Params): string => {
  if (isHeardInTime(p)) {
    return 'The balancer hears that it is not ready while it still serves: nobody is turned away. ';
  }
  if (p.tries > 1) {
    return 'A request that was refused has done nothing yet, so it is tried on another pod. ';
  }
  return (
    'Nobody tells the balancer, which goes on dealing until it asks again: ' +
    `about ${turnedAway(p)} requests come to a pod that takes none, and are turned away. `
  );
};

const whyBegun = (p: Params): string => {
  if (!isCut(p)) return 'What is under way is finished.';
  const who =
    p.shutdown === 'immediate'
      ? 'What is under way at the signal is lost'
      : `A report takes ${REPORT_MS / 1_000} s, and those that began last are killed with the pod`;
  return p.tries > 1
    ? `${who}; a page is asked for elsewhere, but a report may have been written and is not.`
    : `${who}.`;
};

const whoSees = (p: Params): Predict => ({
  question: `${whatItDoes(p)}Who sees errors?`,
  options: [
    'Nobody.',
    `Only those whose ${p.tries > 1 ? 'reports' : 'requests'} were under way.`,
    'Only those whose requests come to it before the balancer asks it again.',
    'Both: those under way, and those who come before the balancer asks again.',
  ],
  answer: (isCut(p) ? 1 : 0) + (isRefused(p) ? 2 : 0),
  because: whyNew(p) + whyBegun(p),
});

const whatWasSaved = (p: Params): string => {
  if (isHeardInTime(p)) {
    return 'The pod went on serving until the balancer had heard it, so nobody was turned away.';
  }
  if (p.tries > 1) return 'What the pod refused before that, another one has answered.';
  return (
    'Had the pod said that it is not ready, and gone on serving until the balancer had heard ' +
    'it, nobody would have been turned away.'
  );
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Three pods',
    at: { ms: 2_000 },
    text:
      `${RATE_PER_SECOND} requests a second are dealt out in turn, ${RATE_PER_SECOND / PODS} to ` +
      `each pod. Ten out of eleven take ${QUICK_MS} ms, the rest are reports of ` +
      `${REPORT_MS / 1_000} s. So each pod has a few quick ones and about six reports in hand.`,
    focus: ['lb', 'pod'],
  },
  {
    title: 'The first pod is told to end',
    at: { ms: toldMs(p, 0) },
    text:
      `A new version is rolled out: pod after pod is ended and started again. The balancer has ` +
      `asked this one ${FIRST_SHARE * p.checkEveryMs} ms ago whether it is ready, and it was.`,
    focus: ['pod'],
    check: 'no-errors',
    predict: whoSees(p),
  },
  {
    title: 'The balancer knows',
    at: { ms: toldMs(p, 0) + unawareMs(p) + 100 },
    text: `The check has failed, and the other two pods share the load. ${whatWasSaved(p)}`,
    focus: ['lb'],
    check: 'all-missed',
  },
  {
    title: 'What saves requests',
    at: { ms: Math.min(toldMs(p, PODS - 1) + DOWN_MS + 3_000, endMs(p) - 500) },
    text:
      'Three things, in this order: say that you are not ready, wait for as long as the ' +
      'balancer may take to hear it, then finish. And the grace period has to hold the wait and ' +
      'the longest request together, or the longest are cut off.',
    focus: ['shop', 'office'],
    check: 'nothing-cut',
  },
];

const plan = (p: Params): Plan => ({
  title: 'A rolling restart',
  summary: 'Pods are replaced one after the other under load.',
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: rollout(p),
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'product-service/rolling-restart',
  title: 'A rolling restart under load',
  summary:
    'Three pods are replaced one after the other: ended at once, ended gracefully, and ended ' +
    'gracefully after the balancer has had time to hear of it.',
  tier: 'calm',
  sources: [KUBERNETES_TERMINATION, KUBERNETES_PROBES, SPRING_SHUTDOWN],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Graceful: what is under way is finished, what the balancer still sends is refused.',
      expect: { 'no-errors': { breaks: {} }, 'shop-is-served': { breaks: {} } },
    },
    {
      name: 'killed-at-once',
      about: 'The pods end at the signal: what is under way is lost besides.',
      params: { shutdown: 'immediate' },
      expect: {
        'no-errors': { breaks: {} },
        'nothing-cut': { breaks: {} },
        'shop-is-served': { breaks: {} },
      },
    },
    {
      name: 'pre-stop',
      about: 'A delay before the signal, longer than the balancer takes to ask: no errors at all.',
      params: { preStopMs: 1_500 },
    },
    {
      name: 'short-grace',
      about: 'The delay uses up the grace period, and reports that began last are cut off.',
      params: { preStopMs: 1_500, graceMs: 2_000 },
      expect: { 'no-errors': { breaks: {} }, 'nothing-cut': { breaks: {} } },
    },
    {
      name: 'second-try',
      about: 'Killed at once, but the balancer tries elsewhere what is safe to try again.',
      params: { shutdown: 'immediate', tries: 3 },
      expect: { 'no-errors': { breaks: {} }, 'nothing-cut': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Make the delay before the signal a little shorter than the interval of the checks.',
    'Double the interval of the checks: how many more are refused? Work it out first.',
    'Crash a pod by hand instead: why does the balancer now need longer, and who waits?',
  ],
  leavesOut: [
    'The orchestrator: pods are replaced by a timetable, whether or not the last one is ready.',
    'Endpoints that are taken out of the balancer by the orchestrator: here it has to ask.',
    'Connections that are kept open: a pod that ends closes them, and clients open others.',
  ],
});
