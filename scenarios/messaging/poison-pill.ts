/**
 * One message in a queue that nobody can work on. It goes back, and because it was there first it
 * is handed out first: again, and again, unless somebody counts.
 */
import { defineScenario, field, often } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { BROKER, NETWORK, nothingLost, producerTo, WORKERS, workersOf } from '../queue-parts.ts';
import { RABBITMQ_DLX, RABBITMQ_QUORUM_QUEUES } from '../sources.ts';

const params = {
  queueType: field.choice(['classic', 'quorum'], {
    about:
      'A classic queue does not count tries; a quorum queue may. Here one broker keeps either.',
    default: 'classic',
    source: 'RabbitMQ x-queue-type',
  }),
  deliveryLimit: field.count({
    about:
      'How many deliveries of a message of a quorum queue may fail before its last try; -1: any ' +
      'number.',
    default: 20,
    min: -1,
    max: 20,
    source: 'RabbitMQ x-delivery-limit: 20 since 4.0, none before',
  }),
  onPoison: field.choice(['requeue', 'reject', 'crash'], {
    about: 'A worker that fails gives the message back, refuses it for good, or dies of it.',
    default: 'requeue',
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 30;
const WORK_MS = 40;
/** To the worker and back. */
const TRIP_MS = 2;
const RESTART_MS = 500;
const POISON_IS = 60;
const START_MS = 1_000;
const POISON_MS = START_MS + (POISON_IS * 1_000) / RATE;
const END_MS = 18_000;
const STOP_MS = 16_000;
const SHORT = 50;

const perWorker = Math.round(10_000 / (WORK_MS + TRIP_MS)) / 10;
const hasLimit = (p: Params): boolean => p.queueType === 'quorum' && p.deliveryLimit >= 0;
const isCounted = (p: Params): boolean => hasLimit(p) || p.onPoison === 'reject';
/** A quorum queue that does not count has it go behind the others each time. */
const goesBack = (p: Params): boolean => p.queueType === 'quorum' && !hasLimit(p);
/** Deliveries after the first. */
const again = (p: Params): number => (p.onPoison === 'reject' ? 0 : p.deliveryLimit);
const TRIES_MAX = 20;
/** Where it is deadly nobody else is served: what comes while both workers die of it in turn. */
function waitingMax(p: Params): number {
  if (p.onPoison !== 'crash' || !isCounted(p)) return SHORT;
  const tryMs = (WORK_MS + TRIP_MS + RESTART_MS) / 2;
  return Math.max(SHORT, Math.ceil(((again(p) + 1) * tryMs * RATE) / 1_000));
}

const checks = (p: Params): readonly CheckPlan[] => [
  nothingLost,
  {
    id: 'set-aside',
    use: 'queue-total',
    args: { lost: null, deadLettered: 1 },
    about: 'The one message that nobody can work on is a dead letter in the end, and no other.',
  },
  {
    id: 'tries-counted',
    use: 'gauge',
    args: {
      group: BROKER,
      gauge: 'Redelivered',
      measure: 'total',
      ...(isCounted(p) && again(p) > 0 ? { atLeast: again(p) } : {}),
      atMost: isCounted(p) ? again(p) : TRIES_MAX,
    },
    about: isCounted(p)
      ? `It is delivered ${often(again(p) + 1)}, and not more or less often.`
      : `It is not delivered more than ${TRIES_MAX + 1} times.`,
  },
  {
    id: 'queue-short',
    use: 'gauge',
    args: { group: BROKER, gauge: 'Ready', measure: 'max', atMost: waitingMax(p) },
    about: `Never more than ${waitingMax(p)} messages wait.`,
  },
  {
    id: 'keeps-up',
    use: 'slo',
    args: {
      metric: 'ok-per-second',
      clients: WORKERS,
      atLeast: RATE - 2,
      fromMs: 10_000,
      untilMs: STOP_MS,
      operationsMin: 0,
    },
    about: 'From the tenth second on as many messages are done as come.',
  },
];

const ENDS: { readonly [on in Params['onPoison']]: string } = {
  requeue: 'the worker gives it back (nack with requeue)',
  reject: 'the worker refuses it for good (reject without requeue)',
  crash: 'the worker dies of it, and the broker takes back what it held',
};

const goes = (p: Params): string =>
  p.onPoison === 'reject'
    ? 'Then it does not come back.'
    : goesBack(p)
      ? 'What comes back goes behind all that wait: the queue does not count tries.'
      : 'What comes back takes its old place, at the head of the queue.';

function cost(p: Params): string {
  if (p.onPoison === 'reject') {
    return (
      'One try that failed has cost as much as one that succeeds. For that the worker has to ' +
      'know which failures are for good: a broker that counts need not be told.'
    );
  }
  if (isCounted(p)) {
    return (
      'A try that must fail costs as much as one that succeeds. The limit says how many of those ' +
      'one message may cost.'
    );
  }
  return goesBack(p)
    ? 'It costs what the others leave, and would for ever. Before RabbitMQ 4.0 this was what a ' +
        'quorum queue did unless told otherwise.'
    : 'A single message has taken the work of a whole machine. A classic queue of RabbitMQ does ' +
        'so to this day: its consumers have to count.';
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A queue with two workers',
    at: { ms: START_MS + 1_000 },
    text:
      `${RATE} messages a second come. Each worker needs ${WORK_MS} ms for one and waits ` +
      `${TRIP_MS} ms for the next: together they can do ${2 * perWorker} a second.`,
    focus: [BROKER, WORKERS],
  },
  {
    title: 'The message that fails',
    at: { ms: POISON_MS },
    text:
      `The ${POISON_IS}th message cannot be worked on, whoever tries: ${ENDS[p.onPoison]}. ` +
      goes(p),
    focus: [BROKER, WORKERS],
    predict: {
      question: 'What becomes of it?',
      options: [
        'It is tried for ever, and the others wait longer and longer.',
        `It is tried ${often(again(p) < 0 ? 21 : again(p) + 1)} and set aside.`,
        'It is tried for ever, and the others hardly feel it.',
      ],
      answer: isCounted(p) ? 1 : goesBack(p) ? 2 : 0,
      because: isCounted(p)
        ? p.onPoison === 'reject'
          ? 'Rejected without requeue it goes to the queue for dead letters after the first try: ' +
            'the worker knew that no other try would help.'
          : `The broker counts deliveries that fail. ${p.deliveryLimit} may; the next failure, ` +
            `of try ${p.deliveryLimit + 1}, sends the message to the queue for dead letters.`
        : goesBack(p)
          ? 'Nobody counts. But each time the others go first: it only takes what time they leave.'
          : p.onPoison === 'crash'
            ? 'Nobody counts. Each worker that is handed it dies, so that in the end nearly all ' +
              'of their time is spent on starting again.'
            : `Nobody counts. One of the two workers is always busy with it, and the other alone ` +
              `does ${perWorker} a second, of ${RATE} that come.`,
    },
  },
  {
    title: isCounted(p) ? 'Set aside' : 'Round and round',
    at: { ms: POISON_MS + 3_000 },
    text: isCounted(p)
      ? 'The message lies in the queue for dead letters, with the reason written on it. Somebody ' +
        'can look at it while the others go on.'
      : 'Nothing is lost, nothing is wrong with the broker, and no error reaches the producer: ' +
        (goesBack(p) ? 'nobody notices that one message is never done.' : 'only the queue grows.'),
    focus: [BROKER],
    check: 'set-aside',
  },
  {
    title: 'What it costs',
    at: { ms: STOP_MS },
    text: cost(p),
    focus: [BROKER, WORKERS],
    check: 'queue-short',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'A poison pill',
  summary: 'A message that always fails, in a queue that gives it out again.',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    {
      name: BROKER,
      component: 'queue-broker',
      count: 1,
      config: {
        queues: [
          {
            name: 'work',
            deadLetterQueue: 'dead',
            ...(p.queueType === 'quorum'
              ? { queueType: p.queueType, deliveryLimit: p.deliveryLimit }
              : {}),
          },
          { name: 'dead' },
        ],
      },
    },
    producerTo(RATE, {
      startMs: START_MS,
      stopMs: STOP_MS,
      poisonEvery: POISON_IS,
      poisonMax: 1,
    }),
    workersOf(2, {
      prefetch: 1,
      work: { kind: 'constant', ms: WORK_MS },
      onPoison: p.onPoison,
      reconnectMs: 100,
      ...(p.onPoison === 'crash' ? { restartMs: RESTART_MS } : {}),
    }),
  ],
  faults: [],
  checks: checks(p),
  // Who has a limit and does not keep to it puts back what returns as one without.
  story: story(ablations.includes('queue.delivery-limit') ? { ...p, queueType: 'classic' } : p),
});

const CIRCLES = {
  'set-aside': { breaks: {} },
  'tries-counted': { breaks: {} },
  'queue-short': { breaks: {} },
  'keeps-up': { breaks: {} },
} as const;

export default defineScenario({
  id: 'messaging/poison-pill',
  title: 'A poison pill',
  summary:
    'One message always fails and always comes back. In a classic queue it takes one of two ' +
    'workers for ever; in a quorum queue with a limit of d it is a dead letter after d + 1 tries.',
  tier: 'calm',
  sources: [RABBITMQ_QUORUM_QUEUES, RABBITMQ_DLX],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A classic queue: it goes round for ever, and each time first.',
      expect: CIRCLES,
    },
    {
      name: 'unlimited',
      about: 'A quorum queue as before RabbitMQ 4.0: it goes round for ever, and each time last.',
      params: { queueType: 'quorum', deliveryLimit: -1 },
      expect: { 'set-aside': { breaks: {} }, 'tries-counted': { breaks: {} } },
    },
    {
      name: 'limit',
      about: 'A quorum queue with a limit of 3: set aside after four tries.',
      params: { queueType: 'quorum', deliveryLimit: 3 },
    },
    {
      name: 'limit-of-20',
      about: 'The limit that a quorum queue has since RabbitMQ 4.0: set aside after 21 tries.',
      params: { queueType: 'quorum' },
    },
    {
      name: 'rejected',
      about: 'The worker knows better and rejects it: set aside after one try.',
      params: { onPoison: 'reject' },
    },
    {
      name: 'deadly',
      about: 'Workers die of it, and no limit: they do little but start.',
      params: { onPoison: 'crash' },
      expect: CIRCLES,
    },
    {
      name: 'deadly-with-limit',
      about: 'Workers die of it four times; then it is set aside.',
      params: { queueType: 'quorum', onPoison: 'crash', deliveryLimit: 3 },
    },
    {
      name: 'limit-not-kept',
      about: 'A limit is set, but the rule that holds to it is off.',
      params: { queueType: 'quorum', deliveryLimit: 3 },
      ablations: ['queue.delivery-limit'],
      expect: CIRCLES,
    },
  ],
  thingsToTry: [
    'Let workers die of it in a quorum queue with its limit of 20: how long does it suffer?',
    'With which limit do more than fifty messages wait while they die of it?',
    'Switch queue.original-place off: who waits now, and for how long?',
  ],
  leavesOut: [
    'A look at the dead letter, a repair of the worker, and publishing it again.',
    'Messages that fail today and succeed tomorrow: for those a pause before the next try helps.',
  ],
});
