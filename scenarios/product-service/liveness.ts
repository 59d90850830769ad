/**
 * A pod gets stuck. Readiness takes it out of the rotation, which bounds how many suffer; liveness
 * restarts it, which gives its share of the capacity back. The settings decide how long that takes.
 *
 * There is no orchestrator here: what the probe would do, and when, is worked out from its settings
 * and stands in the plan as a fault.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { KUBERNETES_PROBES, KUBERNETES_TERMINATION } from '../sources.ts';

const params = {
  failureThreshold: field.count({
    about: 'So many liveness probes in a row must fail until the pod is restarted; 0: no probe.',
    default: 3,
    max: 3,
    source: 'Kubernetes livenessProbe.failureThreshold: 3',
  }),
  initialDelayMs: field.millis({
    about: 'From the start of the pod to its first liveness probe.',
    default: 30_000,
    max: 30_000,
    source: 'Kubernetes livenessProbe.initialDelaySeconds',
  }),
  periodMs: field.millis({
    about: 'From one liveness probe to the next.',
    default: 10_000,
    min: 5_000,
    max: 10_000,
    source: 'Kubernetes livenessProbe.periodSeconds: 10',
  }),
  graceMs: field.millis({
    about: 'From SIGTERM to SIGKILL: who is stuck does not hear the first.',
    default: 30_000,
    min: 1_000,
    max: 30_000,
    source: 'Kubernetes terminationGracePeriodSeconds: 30 s; a probe may have one of its own',
  }),
};
type Params = Static<TObject<typeof params>>;

const PODS = 3;
const RATE_PER_SECOND = 23;
const WORK_MS = 100;
/** What a pod can do, and what two leave undone of all that comes. */
const POD_PER_SECOND = 1_000 / WORK_MS;
const REST = PODS - 1;
const LEFT_PER_SECOND = RATE_PER_SECOND - REST * POD_PER_SECOND;
const STUCK_MS = 12_000;
const READINESS_MS = 5_000;
/** A probe without an answer fails after so long. */
const PROBE_TIMEOUT_MS = 1_000;
const NOTICED_MS = 15_000 + PROBE_TIMEOUT_MS;
const BOOT_MS = 3_000;
const TIMEOUT_MS = 15_000;
const END_MS = 105_000;
const LONG_MS = 8_000;

const isProbed = (p: Params): boolean => p.failureThreshold > 0;

/** The first probe that finds it stuck, then the others that must fail. */
function givenUpMs(p: Params): number {
  const periods = Math.max(0, Math.ceil((STUCK_MS - p.initialDelayMs) / p.periodMs));
  const first = p.initialDelayMs + periods * p.periodMs;
  return first + (p.failureThreshold - 1) * p.periodMs + PROBE_TIMEOUT_MS;
}
const killedMs = (p: Params): number => givenUpMs(p) + p.graceMs;
const backMs = (p: Params): number => killedMs(p) + BOOT_MS;
/** The balancer sends to it again from its next check on. */
const inUseMs = (p: Params): number => Math.ceil(backMs(p) / READINESS_MS) * READINESS_MS;

/** Whoever is sent to it until the balancer knows. */
const stuckRequests = (RATE_PER_SECOND / PODS) * ((NOTICED_MS - STUCK_MS) / 1_000);
/** What has piled up before the other two when the third is back, and how long it waits. */
const piledUp = (p: Params): number =>
  (LEFT_PER_SECOND * ((isProbed(p) ? inUseMs(p) : END_MS) - NOTICED_MS)) / 1_000;
const waitMs = (p: Params): number => (piledUp(p) / (REST * POD_PER_SECOND)) * 1_000;
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(0)} s`;

const groups: readonly GroupPlan[] = [
  {
    name: 'shop',
    component: 'http-client',
    count: 1,
    links: { target: 'lb' },
    config: {
      arrivals: { kind: 'constant', ratePerSecond: RATE_PER_SECOND },
      routes: [{ route: 'GET /products' }],
      call: { timeoutMs: TIMEOUT_MS },
    },
  },
  {
    name: 'lb',
    component: 'load-balancer',
    count: 1,
    links: { backends: 'pod' },
    config: {
      call: { timeoutMs: TIMEOUT_MS },
      healthCheck: {
        enabled: true,
        interMs: READINESS_MS,
        rise: 1,
        fall: 1,
        timeoutMs: PROBE_TIMEOUT_MS,
      },
    },
  },
  {
    name: 'pod',
    component: 'service',
    count: PODS,
    cores: 1,
    config: { steps: [{ do: 'work', time: { kind: 'constant', ms: WORK_MS } }] },
  },
];

function faults(p: Params): readonly FaultEntry[] {
  const stuck = { id: 'stuck', fault: { type: 'pause', target: 'pod1' }, atMs: STUCK_MS } as const;
  if (!isProbed(p)) return [stuck];
  return [
    // What is killed is stuck no more.
    { ...stuck, forMs: killedMs(p) + 1 - STUCK_MS },
    {
      id: 'liveness-restart',
      fault: { type: 'terminate', target: 'pod1', graceMs: p.graceMs },
      atMs: givenUpMs(p),
      forMs: p.graceMs + BOOT_MS,
    },
  ];
}

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'pod-is-missed',
    use: 'fact-count',
    args: { fact: 'balancer.backend-down', atLeast: 1, fromMs: STUCK_MS },
    about: 'The balancer finds a pod that does not answer.',
  },
  {
    id: 'errors-as-counted',
    use: 'slo',
    args: {
      metric: 'error-count',
      atLeast: Math.floor(stuckRequests) - 1,
      atMost: Math.ceil(stuckRequests) + 1,
    },
    about:
      `About ${Math.round(stuckRequests)} see an error: those who were sent to the pod until a ` +
      'readiness check of it failed.',
  },
  {
    id: 'pod-comes-back',
    use: 'gauge',
    args: {
      group: 'pod',
      member: 1,
      gauge: 'Answered',
      measure: 'per-second',
      across: 'part',
      atLeast: 0.2,
      fromMs: END_MS - 5_000,
    },
    about: 'At the end the pod answers a fifth or more of all requests again.',
  },
  {
    id: 'nobody-waits-long',
    use: 'slo',
    args: { metric: 'p999-ms', atMost: LONG_MS },
    about: `Of those who are answered nearly all are, within ${seconds(LONG_MS)}.`,
  },
  {
    id: 'wait-as-computed',
    use: 'slo',
    args: {
      metric: 'p999-ms',
      atLeast: 0.85 * waitMs(p) - 500,
      atMost: 1.1 * waitMs(p) + 500,
    },
    about:
      `The longest wait is about ${seconds(waitMs(p))}: ${LEFT_PER_SECOND} more a second than ` +
      'two pods can do, for as long as the third is missing.',
  },
];

const restartText = (p: Params): string =>
  `Probes that failed: ${p.failureThreshold}. That is enough, and the pod ` +
  'is told to end. A process that is stuck does not hear SIGTERM, so it is killed when ' +
  `its grace period of ${seconds(p.graceMs)} is over, and needs ${seconds(BOOT_MS)} to start.`;

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const parts =
    `The first liveness probe that finds it stuck comes ${seconds(p.initialDelayMs)} or more ` +
    `after its start, ${p.failureThreshold} must fail, ${seconds(p.periodMs)} apart, then ` +
    `${seconds(p.graceMs)} of grace and ${seconds(BOOT_MS)} to start: ` +
    `${seconds(backMs(p))} of the run.`;
  return {
    question:
      'The balancer asks every five seconds whether a pod is ready. ' +
      (isProbed(p)
        ? `A liveness probe asks every ${seconds(p.periodMs)}. `
        : 'There is no liveness probe. ') +
      'How long until all three pods serve again?',
    options: [
      `About ${seconds(READINESS_MS)}: until a readiness check has failed.`,
      isProbed(p)
        ? `About ${seconds(backMs(p) - STUCK_MS)}: until liveness has given up, and a new start.`
        : 'About a minute: until the machine notices it.',
      'It never comes back by itself.',
    ],
    answer: isProbed(p) ? 1 : 2,
    because: isProbed(p)
      ? `Readiness only takes it out of the rotation; it does not mend it. ${parts}`
      : 'Readiness only takes it out of the rotation, for as long as it is not ready. What is ' +
        'stuck stays stuck until somebody restarts it: that is what liveness is for.',
  };
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Three pods, and what two can do',
    at: { ms: 5_000 },
    text:
      `${RATE_PER_SECOND} requests a second come, and a pod can do ${POD_PER_SECOND}. Three are ` +
      `enough; two leave ${LEFT_PER_SECOND} undone in every second.`,
    focus: ['lb', 'pod'],
  },
  {
    title: 'A pod is stuck',
    at: { ms: STUCK_MS },
    text:
      'Its threads wait for each other for ever. The process is there, its connections are open, ' +
      'and nothing is answered: neither requests nor probes.',
    focus: ['pod'],
    predict: prediction(p),
    check: 'pod-comes-back',
  },
  {
    title: 'Out of the rotation',
    at: { ms: NOTICED_MS + 100 },
    text:
      `A readiness check has failed. About ${Math.round(stuckRequests)} requests had been sent ` +
      'there, and they wait for an error. All others go to two pods, before which a queue grows.',
    focus: ['lb'],
    check: 'errors-as-counted',
  },
  {
    title: isProbed(p) ? 'Liveness gives up' : 'Nobody restarts it',
    at: { ms: isProbed(p) ? Math.max(givenUpMs(p), NOTICED_MS) + 200 : 60_000 },
    text: isProbed(p)
      ? restartText(p)
      : 'The queue before the two others grows on. A restart of what is stuck would end it.',
    focus: ['pod'],
    check: 'nobody-waits-long',
  },
  {
    title: 'What it has cost',
    at: { ms: isProbed(p) ? inUseMs(p) + 2_000 : END_MS - 2_000 },
    text:
      `About ${piledUp(p).toFixed(0)} requests have piled up, and the last of them waited for ` +
      `about ${seconds(waitMs(p))}. Readiness decides how many see errors, liveness how long the ` +
      'others carry the load. A liveness probe that gives up too early restarts what is only slow.',
    focus: ['shop', 'pod'],
    check: 'wait-as-computed',
  },
];

const plan = (p: Params): Plan => ({
  title: 'A pod that is stuck',
  summary: 'Three pods of which two are too few, and one that does not answer any more.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups,
  faults: faults(p),
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'product-service/liveness',
  title: 'A pod that is stuck',
  summary:
    'A pod does not answer any more. Readiness decides how many see errors, liveness when it is ' +
    'restarted, and the grace period, which a stuck process sits out, comes on top.',
  tier: 'calm',
  sources: [KUBERNETES_PROBES, KUBERNETES_TERMINATION],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: '30 s + 10 s, three failures and 30 s of grace: the pod is back after 72 s.',
      expect: { 'nobody-waits-long': { breaks: {} } },
    },
    {
      name: 'short-grace',
      about: 'One second of grace, since who is stuck does not use it: back after 43 s.',
      params: { graceMs: 1_000 },
    },
    {
      name: 'quick-probe',
      about: 'One failure is enough, from the fifth second on: back after 8 s.',
      params: { failureThreshold: 1, initialDelayMs: 5_000, graceMs: 1_000 },
    },
    {
      name: 'no-probe',
      about: 'Readiness alone: the pod stays out of the rotation, and stuck.',
      params: { failureThreshold: 0 },
      expect: { 'nobody-waits-long': { breaks: {} }, 'pod-comes-back': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'When is the pod back with a period of five seconds? Work it out, then try it.',
    'Without a liveness probe, resume the pod by hand: what becomes of what it had received?',
    'Pause all three pods by hand at once: what do readiness and liveness make of that?',
  ],
  leavesOut: [
    'The probe itself: its restart is worked out from the settings and planned as a fault.',
    'A probe that asks too much (the database, say) and restarts pods that are well.',
    'The growing pause before each further restart (CrashLoopBackOff).',
  ],
});
