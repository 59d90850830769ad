/**
 * Two workers take turns at a queue, and one of them becomes slow. Who is handed messages before
 * it can work on them keeps them from everybody else.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { BROKER, NETWORK, nothingLost, producerTo, WORKERS, workersOf } from '../queue-parts.ts';
import { RABBITMQ_PREFETCH, RABBITMQ_WORK_QUEUES } from '../sources.ts';

const params = {
  prefetch: field.count({
    about: 'How many messages a worker may hold that it has not settled; 0: any number.',
    default: 0,
    min: 0,
    max: 30,
    source: 'AMQP 0-9-1 basic.qos; 0 unless the client says so',
  }),
  slowFactor: field.count({
    about: 'How many times as long the slow worker takes.',
    default: 5,
    min: 4,
    max: 8,
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 20;
const WORK_MS = 40;
const START_MS = 500;
const SLOW_MS = 2_000;
const HEAL_MS = 14_000;
const STOP_MS = 18_000;
const END_MS = 22_000;
const HELD_MAX = 2;
const SOON_MS = 1_000;
const SLOW_ONE = `${WORKERS}1`;

const slowPerSecond = (p: Params): number => Math.round(10_000 / (WORK_MS * p.slowFactor)) / 10;
/** What gathers at the slow one in a second: it gets every second message. */
const gathers = (p: Params): number => RATE / 2 - slowPerSecond(p);

const slowTime = { fromMs: SLOW_MS + 1_000, untilMs: HEAL_MS };

const checks: readonly CheckPlan[] = [
  nothingLost,
  {
    id: 'slowness-bites',
    use: 'gauge',
    args: { group: WORKERS, member: 1, gauge: 'Working', atLeast: 0.7, ...slowTime },
    about: 'The slow worker works nearly all the time.',
  },
  {
    id: 'holds-few',
    use: 'gauge',
    args: { group: WORKERS, gauge: 'Held', measure: 'max', atMost: HELD_MAX },
    about: `No worker holds more than ${HELD_MAX} messages that it has not begun.`,
  },
  {
    id: 'done-soon',
    use: 'slo',
    args: { metric: 'p99-ms', clients: WORKERS, atMost: SOON_MS },
    about: 'Nearly every message is done within a second.',
  },
  {
    id: 'quick-one-helps',
    use: 'gauge',
    args: { group: WORKERS, member: 2, gauge: 'Working', atLeast: 0.5, ...slowTime },
    about: 'The quick worker works more than half of the time while the other is slow.',
  },
];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'In turn',
    at: { ms: 1_000 },
    text:
      `${RATE} messages a second come, each is ${WORK_MS} ms of work, and the broker hands them ` +
      'to two workers in turn. Each of them could do it all but alone.',
    focus: [BROKER, WORKERS],
  },
  {
    title: 'One becomes slow',
    at: { ms: SLOW_MS },
    text:
      `The first worker now takes ${WORK_MS * p.slowFactor} ms for a message, and so does ` +
      `${slowPerSecond(p)} a second. The second could do 25.`,
    focus: [SLOW_ONE],
    predict: {
      question:
        p.prefetch === 0
          ? 'A worker may hold any number of messages. Who gets the next ones?'
          : `A worker may hold ${p.prefetch} at a time. Who gets the next ones?`,
      options: [
        'Each of the two gets every second one, as before.',
        'Whoever has room for one: mostly the quick worker.',
        'Only the quick worker, for the broker sees how long the other takes.',
      ],
      answer: p.prefetch === 0 ? 0 : 1,
      because:
        p.prefetch === 0
          ? 'The broker counts nothing: it hands out what it has, in turn. ' +
            `${RATE / 2} a second go to a worker that does ${slowPerSecond(p)}, and the other ` +
            'cannot have them any more.'
          : 'The broker measures no time. It only counts what a worker has not settled: who is ' +
            'slow settles seldom, and so is seldom handed the next one.',
    },
  },
  {
    title: p.prefetch === 0 ? 'Held, not done' : 'Kept until somebody has room',
    at: { ms: 9_000 },
    text:
      p.prefetch === 0
        ? `Each second ${gathers(p)} more messages lie at the slow worker, while the other is ` +
          'idle half of the time. In the queue of the broker nothing waits: it looks healthy.'
        : 'What nobody has room for waits at the broker, where the next free worker gets it.',
    focus: [SLOW_ONE, `${WORKERS}2`],
    check: 'holds-few',
  },
  {
    title: 'How many to hold',
    at: { ms: HEAL_MS + 500 },
    text:
      'With 1 a worker idles while its next message is on the way. Where work takes as long as ' +
      'here that is little; where it takes less than the way, hold as many as keep it busy.',
    focus: [BROKER, WORKERS],
    check: 'done-soon',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Prefetch',
  summary: 'A slow worker, a quick one, and how many messages each may hold.',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    { name: BROKER, component: 'queue-broker', count: 1 },
    producerTo(RATE, { startMs: START_MS, stopMs: STOP_MS }),
    workersOf(2, { prefetch: p.prefetch, work: { kind: 'constant', ms: WORK_MS } }),
  ],
  faults: [
    {
      id: 'slow-worker',
      fault: { type: 'slow-cpu', target: SLOW_ONE, factor: p.slowFactor },
      atMs: SLOW_MS,
      forMs: HEAL_MS - SLOW_MS,
    },
  ],
  checks,
  story: story(ablations.includes('queue.prefetch') ? { ...p, prefetch: 0 } : p),
});

const HOARDS = {
  'holds-few': { breaks: {} },
  'done-soon': { breaks: {} },
  'quick-one-helps': { breaks: {} },
} as const;

export default defineScenario({
  id: 'messaging/prefetch',
  title: 'Prefetch: who holds what waits',
  summary:
    'Without a prefetch count a slow worker is handed half of all messages and keeps them, while ' +
    'another stands idle. With a count of 1 each takes what it can do.',
  tier: 'hostile',
  sources: [RABBITMQ_PREFETCH, RABBITMQ_WORK_QUEUES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'No prefetch count: every second message goes to the slow worker.',
      expect: HOARDS,
    },
    {
      name: 'one',
      about: 'One at a time: the slow worker takes what it can do.',
      params: { prefetch: 1 },
    },
    {
      name: 'thirty',
      about: 'Thirty at a time: the slow worker keeps thirty waiting, and no more.',
      params: { prefetch: 30 },
      expect: { 'holds-few': { breaks: {} }, 'done-soon': { breaks: {} } },
    },
    {
      name: 'rule-off',
      about: 'A count of 1 is asked for, but the rule that holds to it is off.',
      params: { prefetch: 1 },
      ablations: ['queue.prefetch'],
      expect: HOARDS,
    },
  ],
  thingsToTry: [
    'Let the slow worker crash by hand: how many messages come back, with 0 and with 1?',
    'With which count does the slow worker still finish each message within a second?',
    'Raise the latency of the network to 50 ms: what does a count of 1 cost now?',
  ],
  leavesOut: [
    'Workers that do several messages at once.',
    'A broker that runs out of memory for what is not settled.',
  ],
});
