/**
 * A broker writes messages down, and loses power while some of them are on their way to the disk.
 * Who waits for confirms knows which, and publishes them again; who does not has lost them.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { BROKER, NETWORK, nothingLost, PRODUCER, producerTo } from '../queue-parts.ts';
import { WORKERS, workersOf } from '../queue-parts.ts';
import { RABBITMQ_CONFIRMS, RABBITMQ_RELIABILITY } from '../sources.ts';

const params = {
  publisherConfirms: field.flag({
    about: 'The producer waits for the broker to say that a message is safe.',
    default: false,
    source: 'RabbitMQ confirm.select; clients do not ask for it by themselves',
  }),
  crash: field.choice(['before-confirms', 'confirms-lost'], {
    about:
      'The broker dies with messages on the way to its disk; or lives, and its confirms do not ' +
      'arrive for a while.',
    default: 'before-confirms',
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 1_000;
const FSYNC_MS = 20;
const START_MS = 1_000;
const MESSAGES = 100;
/** In the middle of the second millisecond after the last message has come. */
const CRASH_MS = START_MS + MESSAGES + 0.5;
const BACK_MS = 3_000;
const DEAF_MS = START_MS + 40.5;
const HEAR_MS = START_MS + 90.5;
/** Nobody works before all is settled: so each repetition is one of the producer. */
const WORK_FROM_MS = 5_000;
const END_MS = 12_000;

const isDeaf = (p: Params): boolean => p.crash === 'confirms-lost';

const checks: readonly CheckPlan[] = [
  nothingLost,
  {
    id: 'done-once',
    use: 'queue-total',
    args: { lost: null, duplicated: 0 },
    about: 'No message is worked on to the end more than once.',
  },
];

type Fate = 'lost' | 'lost-in-spite' | 'untouched' | 'again' | 'twice';

function fateOf(p: Params, ablations: readonly string[]): Fate {
  if (!p.publisherConfirms) return isDeaf(p) ? 'untouched' : 'lost';
  if (isDeaf(p)) return 'twice';
  return ablations.includes('queue.confirm-after-sync') ? 'lost-in-spite' : 'again';
}

const FATES: { readonly [fate in Fate]: { readonly answer: number; readonly because: string } } = {
  lost: {
    answer: 0,
    because:
      'For who does not ask for confirms a message is safe once it is sent. What the broker had ' +
      'not on its disk is gone, and nobody is left who would send it again.',
  },
  'lost-in-spite': {
    answer: 0,
    because:
      'This broker confirms what it has in its memory. The producer has let go of these, ' +
      'and the disk does not have them: a confirm is worth what it waits for.',
  },
  untouched: {
    answer: 3,
    because:
      'Nothing was lost but confirms, and nobody waited for those: each message is there once. ' +
      'Who does not ask is not misled either.',
  },
  again: {
    answer: 1,
    because:
      'They were not confirmed, so the producer still has them. What the crash has taken it ' +
      'publishes again when the broker is back.',
  },
  twice: {
    answer: 2,
    because:
      'No confirm means only that the producer does not know. The broker had these messages; it ' +
      'takes the second copies as messages of their own.',
  },
};

const ENDS: { readonly [fate in Fate]: string } = {
  lost: 'Without confirms each message is sent once: at most once.',
  untouched: 'Without confirms each message is sent once: at most once.',
  'lost-in-spite':
    'What was confirmed too early is missing, and nobody looks for it: the producer is content.',
  again:
    'With confirms and repetitions each message is there at least once. The broker compares no ' +
    'messages: whoever works on them has to know what is done already.',
  twice:
    'With confirms and repetitions each message is there at least once. The broker compares no ' +
    'messages: whoever works on them has to know what is done already.',
};

const story = (p: Params, fate: Fate): readonly StoryStep[] => [
  {
    title: 'A burst',
    at: { ms: START_MS + 20 },
    text:
      `${MESSAGES} messages come in a tenth of a second. The disk needs ${FSYNC_MS} ms to make ` +
      'safe what was written before, and then does it for all that has gathered.',
    focus: [PRODUCER, BROKER],
  },
  {
    title: isDeaf(p) ? 'Confirms are lost' : 'The power goes',
    at: { ms: isDeaf(p) ? DEAF_MS : CRASH_MS },
    text: isDeaf(p)
      ? 'For a while nothing gets from the broker to the producer. The broker does not know.'
      : 'All messages have arrived, and some are not on the disk yet.',
    focus: [BROKER],
    predict: {
      question: 'And these messages?',
      options: [
        'They are lost, and the producer does not know.',
        'They are published again: each of them is there once.',
        'They are published again, and are there twice.',
        'Nothing: each of them is there once.',
      ],
      ...FATES[fate],
    },
  },
  {
    title: 'What is there in the end',
    at: { ms: END_MS - 2_000 },
    text: ENDS[fate],
    focus: [BROKER],
    check: fate === 'again' || fate === 'twice' ? 'done-once' : 'nothing-lost',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Publisher confirms',
  summary: 'A burst of messages, a slow disk, and a crash before all is written.',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    {
      name: BROKER,
      component: 'queue-broker',
      count: 1,
      disk: { fsync: { kind: 'constant', ms: FSYNC_MS } },
    },
    producerTo(RATE, {
      startMs: START_MS,
      messagesMax: MESSAGES,
      publisherConfirms: p.publisherConfirms,
      ...(p.publisherConfirms ? { confirmTimeoutMs: 500, retries: 10, retryMs: 500 } : {}),
    }),
    workersOf(1, {
      prefetch: 1,
      work: { kind: 'constant', ms: 20 },
      heartbeatMs: 1_000,
      reconnectMs: 500,
    }),
  ],
  faults: [
    {
      id: 'worker-not-yet',
      fault: { type: 'crash', target: WORKERS },
      atMs: 0,
      forMs: WORK_FROM_MS,
    },
    isDeaf(p)
      ? {
          id: 'confirms-lost',
          fault: { type: 'one-way', from: BROKER, to: PRODUCER },
          atMs: DEAF_MS,
          forMs: HEAR_MS - DEAF_MS,
        }
      : {
          id: 'broker-lost',
          fault: { type: 'crash', target: BROKER },
          atMs: CRASH_MS,
          forMs: BACK_MS - CRASH_MS,
        },
  ],
  checks,
  story: story(p, fateOf(p, ablations)),
});

export default defineScenario({
  id: 'messaging/publisher-confirms',
  title: 'Publisher confirms',
  summary:
    'A broker dies with messages on the way to its disk. Without confirms they are lost, and ' +
    'nobody knows; with confirms they are published again, and a confirm that is lost makes two.',
  tier: 'hostile',
  sources: [RABBITMQ_CONFIRMS, RABBITMQ_RELIABILITY],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Without confirms: 40 messages were not yet on disk, and are lost.',
      expect: { 'nothing-lost': { breaks: { witness: 'of 40 lost' } } },
    },
    {
      name: 'confirms',
      about: 'With confirms: the same messages are published again, and nothing is lost.',
      params: { publisherConfirms: true },
    },
    {
      name: 'confirms-lost',
      about: 'With confirms that do not arrive: 59 messages are there twice.',
      params: { publisherConfirms: true, crash: 'confirms-lost' },
      expect: { 'done-once': { breaks: { witness: 'of 59 worked on again' } } },
    },
    {
      name: 'nobody-asks',
      about: 'Confirms that do not arrive, and nobody who waits for them: each once.',
      params: { crash: 'confirms-lost' },
    },
    {
      name: 'too-early',
      about: 'The broker confirms before the disk has it: confirms are worth nothing.',
      params: { publisherConfirms: true },
      ablations: ['queue.confirm-after-sync'],
      expect: { 'nothing-lost': { breaks: { witness: 'of 39 lost' } } },
    },
  ],
  thingsToTry: [
    'Pause the broker by hand for a second instead: what does the producer do?',
    'Slow the disk down tenfold: how many messages are on the way to it?',
    'Crash the broker twice.',
  ],
  leavesOut: [
    'A client that sees its connection break, and confirms of several messages at once.',
    'Brokers that know a message again: RabbitMQ streams do, by name and number of the publisher.',
  ],
});
