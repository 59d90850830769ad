/**
 * Messages of several groups, each of which is to be worked on in order. A queue that knows of
 * groups lends one message of a group at a time, and takes what it has taken already once.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { BROKER, NETWORK, nothingLost, PRODUCER, producerTo, WORKERS } from '../queue-parts.ts';
import { SQS_DEDUPLICATION, SQS_FIFO, SQS_VISIBILITY } from '../sources.ts';

const params = {
  fifoQueue: field.flag({
    about: 'The queue keeps the order of a group, and takes each message once.',
    default: false,
    source: 'Amazon SQS FifoQueue',
  }),
  groups: field.count({
    about: 'How many message groups there are.',
    default: 4,
    min: 1,
    max: 8,
    source: 'Amazon SQS MessageGroupId',
  }),
  deduplicationMs: field.millis({
    about: 'For how long a FIFO queue knows what it has taken.',
    default: 300_000,
    min: 100,
    source: 'Amazon SQS: 5 min, which cannot be changed there',
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 10;
const GAP_MS = 1_000 / RATE;
/** Between two turns of the groups. */
const START_MS = 1_050;
const MESSAGES = 100;
const WORK_MS = 300;
const SLOWER = 5;
const POLLERS = 8;
const SLOW_MS = 2_500;
const QUICK_MS = 6_500;
const DEAF_MS = 8_100;
const HEAR_MS = 8_600;
const UNHEARD = ((HEAR_MS - DEAF_MS) * RATE) / 1_000;
const TRY_MS = 500;
const END_MS = 16_000;
/** Behind a slow one of three groups, which do a little less than what comes. */
const SHORT = 9;

/** What is sent again comes a timeout and a pause after the first time. */
const isKnown = ({ deduplicationMs }: Params): boolean => deduplicationMs > 2 * TRY_MS + 10;

const checks: readonly CheckPlan[] = [
  nothingLost,
  {
    id: 'in-order',
    use: 'queue-total',
    args: { lost: null, outOfOrder: 0 },
    about: 'No message is done behind a later one of its group.',
  },
  {
    id: 'done-once',
    use: 'queue-total',
    args: { lost: null, duplicated: 0 },
    about: 'No message is worked on to the end more than once.',
  },
  {
    id: 'queue-short',
    use: 'gauge',
    args: { group: BROKER, gauge: 'Visible', measure: 'max', atMost: SHORT },
    about: `Never more than ${SHORT} messages wait: those behind a slow one of their group.`,
  },
  {
    id: 'all-done',
    use: 'slo',
    args: { metric: 'ok-count', clients: WORKERS, atLeast: MESSAGES, operationsMin: 0 },
    about: `Work is done at least ${MESSAGES} times by the end: once for each message.`,
  },
];

type Course = 'overtaken' | 'lent-at-once' | 'one-group' | 'waits';

function courseOf(p: Params, ablations: readonly string[]): Course {
  if (!p.fifoQueue) return 'overtaken';
  if (ablations.includes('visibility.group-order')) return 'lent-at-once';
  return p.groups === 1 ? 'one-group' : 'waits';
}

const ANSWERS: { readonly [course in Course]: number } = {
  overtaken: 0,
  'lent-at-once': 0,
  waits: 1,
  'one-group': 2,
};

const BECAUSE: { readonly [course in Course]: string } = {
  overtaken:
    'The queue lends whatever is visible to whoever asks: the next of the group is done before ' +
    'this one is.',
  'lent-at-once':
    'A FIFO queue should lend no message of a group while one of it is in flight. This one does: ' +
    'the next of the group is done before this one is.',
  'one-group':
    'A message in flight keeps all behind it in its group, and here that is everybody: seven ' +
    'workers have nothing to do.',
  waits:
    'Nobody receives a message of a group while one of it is in flight. The others have groups ' +
    'of their own.',
};

const BY_WAITING =
  'Order is kept by waiting. How many groups there are is how much can go on at once.';

const ENDS: { readonly [course in Course]: string } = {
  overtaken:
    'Nobody waits, and nothing is in order: whoever works on these messages must not mind.',
  'lent-at-once':
    'Nobody waits, and messages of one group overtake each other, in a queue that promises order.',
  'one-group': BY_WAITING,
  waits: BY_WAITING,
};

const story = (p: Params, course: Course): readonly StoryStep[] => [
  {
    title: p.groups === 1 ? 'One group' : `${p.groups} groups in turn`,
    at: { ms: START_MS + 500 },
    text:
      `Each ${GAP_MS} ms a message comes, ` +
      (p.groups === 1 ? 'all of them of one group' : 'of one group after the other') +
      `. Work on one takes ${WORK_MS} ms, and ${POLLERS} workers ask for messages.`,
    focus: [BROKER, WORKERS],
  },
  {
    title: 'A slow worker',
    at: { ms: SLOW_MS },
    text: `One worker of ${POLLERS} is ${SLOWER} times as slow from now on, for four seconds.`,
    focus: ['w1', BROKER],
    predict: {
      question: 'What becomes of the messages behind the one that it has?',
      options: [
        'Others of its group overtake it.',
        'Those of its group wait, the other groups go on.',
        'All others wait.',
      ],
      answer: ANSWERS[course],
      because: BECAUSE[course],
    },
  },
  {
    title: 'Answers are lost',
    at: { ms: DEAF_MS },
    text:
      `For half a second nothing gets from the queue to the producer, which sends ${UNHEARD} ` +
      'messages again after a second: ' +
      (p.fifoQueue && isKnown(p)
        ? 'the queue knows them by their deduplication id, and takes none of them twice.'
        : 'to the queue they are messages like others.'),
    focus: [PRODUCER, BROKER],
    check: 'done-once',
  },
  {
    title: 'What order costs',
    at: { ms: 11_000 },
    text: ENDS[course],
    focus: [BROKER, WORKERS],
    check: 'in-order',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Order in groups',
  summary: 'Groups of messages, a slow worker, and a producer that sends some again.',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    {
      name: BROKER,
      component: 'visibility-queue',
      count: 1,
      config: {
        visibilityTimeoutMs: 10_000,
        ...(p.fifoQueue ? { fifoQueue: true, deduplicationMs: p.deduplicationMs } : {}),
      },
    },
    producerTo(RATE, {
      startMs: START_MS,
      messagesMax: MESSAGES,
      hasGroups: true,
      popularity: { kind: 'loop', keys: p.groups, stepMs: GAP_MS },
      confirmTimeoutMs: TRY_MS,
      retries: 5,
      retryMs: TRY_MS,
    }),
    {
      name: WORKERS,
      component: 'queue-poller',
      count: POLLERS,
      links: { queue: BROKER },
      config: { work: { kind: 'constant', ms: WORK_MS } },
    },
  ],
  faults: [
    {
      id: 'slow-worker',
      fault: { type: 'slow-cpu', target: 'w1', factor: SLOWER },
      atMs: SLOW_MS,
      forMs: QUICK_MS - SLOW_MS,
    },
    {
      id: 'answers-lost',
      fault: { type: 'one-way', from: BROKER, to: PRODUCER },
      atMs: DEAF_MS,
      forMs: HEAR_MS - DEAF_MS,
    },
  ],
  checks,
  story: story(p, courseOf(p, ablations)),
});

const TWICE = { 'done-once': { breaks: { witness: `of ${UNHEARD} worked on again` } } } as const;

export default defineScenario({
  id: 'messaging/fifo-groups',
  title: 'Order in groups',
  summary:
    'In a standard queue messages overtake each other, and repetitions are new ones. In a FIFO ' +
    'queue each group is in order: a slow message holds up its group, and no other.',
  tier: 'hostile',
  sources: [SQS_FIFO, SQS_DEDUPLICATION, SQS_VISIBILITY],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A standard queue: 2 messages are overtaken, and 5 are done twice.',
      expect: { 'in-order': { breaks: { witness: 'of 2 out of order' } }, ...TWICE },
    },
    {
      name: 'fifo',
      about: 'A FIFO queue, the same messages: in order, each once, and nobody waits for long.',
      params: { fifoQueue: true },
    },
    {
      name: 'one-group',
      about: 'A FIFO queue and one group: seven of eight workers have nothing to do.',
      params: { fifoQueue: true, groups: 1 },
      expect: { 'queue-short': { breaks: {} }, 'all-done': { breaks: {} } },
    },
    {
      name: 'two-groups',
      about: 'A FIFO queue and two groups: 6.6 messages a second are done, of ten that come.',
      params: { fifoQueue: true, groups: 2 },
      expect: { 'queue-short': { breaks: {} }, 'all-done': { breaks: {} } },
    },
    {
      name: 'order-not-kept',
      about: 'A FIFO queue that lends several messages of a group at once: as if it were none.',
      params: { fifoQueue: true },
      ablations: ['visibility.group-order'],
      expect: { 'in-order': { breaks: { witness: 'of 2 out of order' } } },
    },
    {
      name: 'window-too-short',
      about: 'It forgets what it has taken before that is sent again: 5 are done twice.',
      params: { fifoQueue: true, deduplicationMs: 500 },
      expect: TWICE,
    },
  ],
  thingsToTry: [
    'Eight groups instead of four: how many messages wait behind the slow one?',
    'Crash the slow worker instead: for how long does its group stand still?',
    'Three groups: do they keep up with ten messages a second?',
  ],
  leavesOut: [
    'Groups of a standard queue (fair queues), which keep no order.',
    'The first 120,000 messages, among which a FIFO queue looks for a group that is free.',
  ],
});
