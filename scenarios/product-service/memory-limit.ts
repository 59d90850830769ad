/**
 * What a memory limit does to pods whose database becomes slow: requests pile up inside until the
 * pods are killed, unless something else bounds how many there can be. What bounds them is Little's
 * law: no more are inside than come in the time that each may stay.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { KUBERNETES_MEMORY, LITTLES_LAW, SRE_OVERLOAD } from '../sources.ts';

const params = {
  limitMb: field.count({
    about: 'The memory limit of each pod, in MiB: beyond it the pod is killed.',
    default: 128,
    min: 96,
    max: 256,
    source: 'Kubernetes resources.limits.memory: 128Mi',
  }),
  timeoutMs: field.millis({
    about: 'How long a pod waits for the database before it gives a request up.',
    default: 15_000,
    min: 1_000,
    max: 15_000,
  }),
  insideMax: field.count({
    about: 'How many requests a pod works on at once; the rest is refused at once. 0: any number.',
    default: 0,
    max: 60,
  }),
};
type Params = Static<TObject<typeof params>>;

const PODS = 3;
const RATE_PER_SECOND = 60;
const PER_POD = RATE_PER_SECOND / PODS;
const BASE_MB = 64;
const PER_REQUEST_MB = 0.5;
const DB_CORES = 2;
const READ_MS = 20;
const SLOW_FACTOR = 10;
const DB_PER_SECOND = (DB_CORES * 1_000) / READ_MS;
const SLOW_PER_SECOND = DB_PER_SECOND / SLOW_FACTOR;
const RESTART_MS = 2_000;
const SLOW_AT_MS = 4_000;
const HEAL_MS = 16_000;
const END_MS = 27_000;
const CALM_FROM_MS = 22_000;

/** So many requests have room in a pod. */
const fits = (p: Params): number => (p.limitMb - BASE_MB) / PER_REQUEST_MB;
/** Little's law: what comes in the longest time that one may stay. */
const mostInside = (p: Params): number => (PER_POD * p.timeoutMs) / 1_000;
/** What is left inside a pod after each second of slowness. */
const LEFT_PER_SECOND = (RATE_PER_SECOND - SLOW_PER_SECOND) / PODS;
const piledUp = (LEFT_PER_SECOND * (HEAL_MS - SLOW_AT_MS)) / 1_000;
const bounds = (p: Params): number =>
  Math.min(mostInside(p), p.insideMax === 0 ? Infinity : p.insideMax);
const isKilled = (p: Params): boolean => Math.min(bounds(p), piledUp) > fits(p);
const fillSeconds = (p: Params): string => (fits(p) / LEFT_PER_SECOND).toFixed(0);

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'shop',
    component: 'http-client',
    count: 1,
    links: { target: 'lb' },
    config: {
      arrivals: { kind: 'constant', ratePerSecond: RATE_PER_SECOND },
      routes: [{ route: 'GET /products' }],
      call: { timeoutMs: 20_000 },
    },
  },
  {
    name: 'lb',
    component: 'load-balancer',
    count: 1,
    links: { backends: 'pod' },
    config: {
      call: { timeoutMs: 20_000 },
      healthCheck: { enabled: true, interMs: 5_000, rise: 1, fall: 1, timeoutMs: 1_000 },
    },
  },
  {
    name: 'pod',
    component: 'service',
    count: PODS,
    cores: 1,
    links: { db: 'db' },
    config: {
      steps: [
        { do: 'work', time: { kind: 'constant', ms: 3 } },
        { do: 'query', to: 'db' },
      ],
      upstreams: [
        {
          to: 'db',
          timeoutMs: p.timeoutMs,
          deadlineMs: p.timeoutMs,
          pool: { maxOpen: 25, maxIdle: 5, maxLifetimeMs: 300_000 },
        },
      ],
      ...(p.insideMax === 0 ? {} : { admission: { concurrencyLimit: p.insideMax, maxQueue: 0 } }),
      memory: {
        baseMb: BASE_MB,
        perRequestMb: PER_REQUEST_MB,
        limitMb: p.limitMb,
        restartMs: RESTART_MS,
      },
    },
  },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: DB_CORES,
    config: {
      read: { time: { kind: 'exponential', meanMs: READ_MS } },
      maxConnections: 1_000,
    },
  },
];

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'error-count', atMost: 0, untilMs: SLOW_AT_MS },
    about: 'Before the database becomes slow nobody sees an error.',
  },
  {
    id: 'the-slowness-bites',
    use: 'gauge',
    args: {
      group: 'db',
      gauge: 'Utilisation',
      atLeast: 0.95,
      fromMs: SLOW_AT_MS + 1_000,
      untilMs: HEAL_MS,
    },
    about: 'The slow database works all the time.',
  },
  {
    id: 'never-killed',
    use: 'fact-count',
    args: { fact: 'service.oom-killed', atMost: 0 },
    about: 'No pod runs out of memory.',
  },
  {
    id: 'nothing-cut',
    use: 'fact-count',
    args: { fact: 'node.reset', atMost: 0 },
    about: 'No pod ends with requests under way.',
  },
  {
    id: 'as-little-says',
    use: 'gauge',
    args: {
      group: 'pod',
      gauge: 'Under way',
      measure: 'max',
      atMost: Math.ceil(mostInside(p)) + 1,
    },
    about:
      `Never more than ${Math.ceil(mostInside(p)) + 1} requests are inside a pod: ` +
      `${PER_POD} a second, for ${p.timeoutMs / 1_000} s at most.`,
  },
  {
    id: 'well-after',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.95, fromMs: CALM_FROM_MS },
    about: 'Six seconds after the database is fast again, nearly all are answered.',
  },
];

const whatBounds = (p: Params): string =>
  p.insideMax > 0 && p.insideMax <= mostInside(p)
    ? `A pod works on ${plural(p.insideMax, 'request')} at once and refuses what is beyond.`
    : `A pod waits up to ${p.timeoutMs / 1_000} s for the database.`;

const whyItLives = (p: Params): string => {
  if (p.insideMax > 0 && p.insideMax <= Math.min(mostInside(p), piledUp)) {
    return (
      `With ${plural(p.insideMax, 'request')} inside it needs ` +
      `${BASE_MB + p.insideMax * PER_REQUEST_MB} MiB. What is beyond is refused at once: an ` +
      'error that costs next to nothing, instead of a death that costs all that is inside.'
    );
  }
  if (mostInside(p) <= piledUp) {
    return (
      `${PER_POD} requests come in a second and none stays longer than ${p.timeoutMs / 1_000} s, ` +
      `so at most ${mostInside(p).toFixed(0)} are inside, and ${fits(p)} have room. The limit ` +
      'of the memory and the timeout belong together.'
    );
  }
  return (
    `Until the database is fast again about ${piledUp.toFixed(0)} pile up, and ${fits(p)} have ` +
    'room. They are all answered in the end, if late.'
  );
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Room for so many',
    at: { ms: 1_500 },
    text:
      `${RATE_PER_SECOND} requests a second are shared by ${PODS} pods. A pod needs ${BASE_MB} ` +
      `MiB at rest and ${PER_REQUEST_MB} MiB for each request inside. Its limit is ${p.limitMb} ` +
      `MiB, so ${fits(p)} requests have room. One or two are inside.`,
    focus: ['pod'],
    check: 'well-before',
  },
  {
    title: 'The database becomes slow',
    at: { ms: SLOW_AT_MS },
    text:
      `Something else keeps the database busy: it answers ${SLOW_PER_SECOND} requests a second ` +
      `instead of ${DB_PER_SECOND}. ${whatBounds(p)}`,
    focus: ['db', 'pod'],
    check: 'the-slowness-bites',
    predict: {
      question:
        `${LEFT_PER_SECOND.toFixed(0)} more requests are inside each pod after every second, and ` +
        `${fits(p)} have room. What becomes of the pods in the next ` +
        `${(HEAL_MS - SLOW_AT_MS) / 1_000} s?`,
      options: [
        'Nothing: pods that wait for a database need no memory.',
        'One is killed, and the other two go on with what is left.',
        `All of them are killed after about ${fillSeconds(p)} s, nearly at the same time.`,
        'They live, and the memory that they need stays below the limit.',
      ],
      answer: isKilled(p) ? 2 : 3,
      because: isKilled(p)
        ? `All of them wait for the same database and fill up at the same pace: ` +
          `${fits(p)} / ${LEFT_PER_SECOND.toFixed(1)} is about ${fillSeconds(p)} s. Another ` +
          'pod would not have helped for long. A timeout so long that ' +
          `${mostInside(p).toFixed(0)} requests can be inside does not fit a memory for ${fits(p)}.`
        : whyItLives(p),
    },
  },
  {
    title: isKilled(p) ? 'Killed' : 'Alive',
    at: { ms: HEAL_MS - 500 },
    text: isKilled(p)
      ? 'Whatever was inside is lost with the pod, also what would have been answered in time. ' +
        `The pod is back after ${RESTART_MS / 1_000} s, empty, in front of the same slow database.`
      : 'Nobody was killed. Whoever is told that it takes too long, or that there is no room, ' +
        'knows it early, and can ask again.',
    focus: ['pod', 'lb'],
    check: 'never-killed',
  },
  {
    title: 'Three numbers that belong together',
    at: { ms: CALM_FROM_MS },
    text:
      'Requests a second, how long each may stay, and how many have room. The product of the ' +
      'first two must not be more than the third, or memory decides what is given up: all of it. ' +
      'And what a pod gives up the database does not: only what is refused before it costs ' +
      'nothing there.',
    focus: ['shop', 'db'],
    check: 'as-little-says',
  },
];

const plan = (p: Params): Plan => ({
  title: 'A memory limit',
  summary: 'Pods with a memory limit in front of a database that becomes slow.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [
    {
      id: 'slow-database',
      fault: { type: 'slow-cpu', target: 'db', factor: SLOW_FACTOR },
      atMs: SLOW_AT_MS,
      forMs: HEAL_MS - SLOW_AT_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'product-service/memory-limit',
  title: 'A memory limit and a slow database',
  summary:
    'A database becomes slow, requests pile up in the pods, and pods beyond their memory limit ' +
    'are killed. How long a request may stay decides whether it comes to that.',
  tier: 'hostile',
  sources: [KUBERNETES_MEMORY, LITTLES_LAW, SRE_OVERLOAD],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Room for 128 requests, and a timeout that lets 300 come inside: all are killed.',
      expect: { 'never-killed': { breaks: {} }, 'nothing-cut': { breaks: {} } },
    },
    {
      name: 'more-memory',
      about: 'Room for 384: they pile up and are answered late.',
      params: { limitMb: 256 },
    },
    {
      name: 'short-timeout',
      about:
        'A request may stay for two seconds: 40 are inside at most. But the database goes on ' +
        'with what was given up.',
      params: { timeoutMs: 2_000 },
      expect: { 'well-after': { breaks: {} } },
    },
    {
      name: 'bounded',
      about: 'A pod works on 40 requests at once and refuses the rest.',
      params: { insideMax: 40 },
    },
  ],
  thingsToTry: [
    'Which timeout is just short enough for 128 MiB? Work it out, then try it.',
    'Why does the short timeout keep the database busy for longer? Look at its queue.',
    'In the variant with a short timeout crash two pods by hand: what does the third need?',
    'Let the memory limit be 96 MiB: when are the pods killed, and how often?',
  ],
  leavesOut: [
    'A growing pause before each further restart (CrashLoopBackOff): it takes the same time here.',
    'Memory that is not given back, and a collector that works ever harder near the limit.',
    'Retries of the callers, which would make the pile grow faster.',
    'A horizontal autoscaler: it would add pods that fill up in the same way.',
  ],
});
