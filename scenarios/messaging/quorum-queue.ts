/**
 * A queue in a cluster of three brokers, and the first of them crashes. A classic queue was on that
 * one alone; a quorum queue goes on with the two that are left.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { BROKER, NETWORK, nothingLost, PRODUCER, producerTo, WORKERS } from '../queue-parts.ts';
import { workersOf } from '../queue-parts.ts';
import { RABBITMQ_CLASSIC_QUEUES, RABBITMQ_QUORUM_QUEUES } from '../sources.ts';

const params = {
  queueType: field.choice(['classic', 'quorum'], {
    about: 'On the first broker alone, or on three, of which a majority has each message.',
    default: 'classic',
    source: 'RabbitMQ x-queue-type',
  }),
  deliveryMode: field.choice(['persistent', 'transient'], {
    about: 'Whether a classic queue writes messages down.',
    default: 'persistent',
    source: 'AMQP 0-9-1 delivery-mode',
  }),
  brokersDown: field.count({
    about: 'How many of the three brokers crash.',
    default: 1,
    min: 1,
    max: 3,
  }),
};
type Params = Static<TObject<typeof params>>;

const BROKERS = 3;
const RATE = 50;
const WORK_MS = 50;
const PREFETCH = 1;
const START_MS = 500;
const CRASH_MS = 2_513;
const DOWN_MS = 6_000;
const STOP_MS = 10_000;
const END_MS = 22_000;
/** The failure detector has struck by then, and the clients have found who leads. */
const SETTLED_MS = 6_000;

/** It is there whoever of a minority is not. */
const goesOn = (p: Params): boolean => p.queueType === 'quorum' && 2 * p.brokersDown < BROKERS;
const isForgetful = (p: Params): boolean =>
  p.queueType === 'classic' && p.deliveryMode === 'transient';

const checks: readonly CheckPlan[] = [
  nothingLost,
  {
    id: 'goes-on',
    use: 'slo',
    args: {
      metric: 'ok-per-second',
      clients: PRODUCER,
      atLeast: RATE - 2,
      fromMs: SETTLED_MS,
      untilMs: CRASH_MS + DOWN_MS - 500,
      operationsMin: 0,
    },
    about: 'While brokers are down, messages are confirmed as fast as they come.',
  },
  {
    id: 'all-done',
    use: 'slo',
    args: {
      metric: 'ok-count',
      clients: WORKERS,
      atLeast: ((STOP_MS - START_MS) * RATE) / 1_000,
      operationsMin: 0,
    },
    about: 'In the end work was done as often as messages came.',
  },
];

const story = (p: Params, returns: boolean): readonly StoryStep[] => [
  {
    title: p.queueType === 'classic' ? 'One broker has it' : 'Three brokers have it',
    at: { ms: START_MS + 1_000 },
    text:
      p.queueType === 'classic'
        ? `${BROKER}1 alone keeps the queue; the two others only say where it is. ${RATE} ` +
          'messages a second come, a little more than the workers can do.'
        : `The members of the queue keep one log. ${BROKER}1 leads; it confirms a message once ` +
          'one of the others has it on disk, too, and says who is handed which.',
    focus: [BROKER],
  },
  {
    title: 'A crash',
    at: { ms: CRASH_MS },
    text:
      p.brokersDown === 1
        ? `${BROKER}1 loses power. Its disk keeps what is written there.`
        : `${p.brokersDown} of three brokers lose power.`,
    focus: [BROKER],
    predict: {
      question: 'What becomes of messages that come while it is down?',
      options: [
        'Another broker takes them, after a while.',
        'Nobody takes them before it is back, but nothing that was confirmed is lost.',
        'Nobody takes them before it is back, and some that were confirmed are lost.',
      ],
      answer: goesOn(p) ? 0 : isForgetful(p) ? 2 : 1,
      because: goesOn(p)
        ? 'Two of three are a majority. They miss the heartbeats of the one that led, one of ' +
          'them is elected, and whoever is elected has all that was confirmed.'
        : isForgetful(p)
          ? 'There is no other copy of the queue, and its broker had not written these messages ' +
            'down: it had confirmed them because they were in its memory.'
          : p.queueType === 'quorum'
            ? 'One of three is no majority. It cannot know what the others have confirmed, so it ' +
              'refuses to go on alone: that is what keeps it from losing anything.'
            : 'There is no other copy of the queue. What its broker had written down is there ' +
              'again when it is.',
    },
  },
  {
    title: goesOn(p) ? 'Another leads' : 'It waits',
    at: { ms: SETTLED_MS + 500 },
    text: goesOn(p)
      ? returns
        ? 'The new leader has taken back what consumers of the old one had not settled: each of ' +
          'these is delivered again, and says so.'
        : 'What consumers of the old leader had not settled is still theirs for the new one, and ' +
          'they are gone: nobody is ever handed it again.'
      : 'Who publishes has no confirm, and tries again and again.',
    focus: [BROKER, PRODUCER],
    check: returns ? 'goes-on' : 'all-done',
  },
  {
    title: 'It is back',
    at: { ms: CRASH_MS + DOWN_MS + 2_000 },
    text:
      p.queueType === 'quorum'
        ? 'Whoever was down is told by the leader what it has missed.'
        : `${BROKER}1 has what was on its disk, and nothing else.`,
    focus: [BROKER],
    check: 'nothing-lost',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'A quorum queue',
  summary: 'Three brokers, one queue, and the first broker crashes.',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    {
      name: BROKER,
      component: 'queue-broker',
      count: BROKERS,
      disk: { fsync: { kind: 'constant', ms: 2 } },
      config: {
        queues: [{ name: 'work', queueType: p.queueType }],
        ...(p.queueType === 'quorum' ? { failureDetectorMs: 1_000 } : {}),
      },
    },
    producerTo(RATE, {
      startMs: START_MS,
      stopMs: STOP_MS,
      deliveryMode: p.deliveryMode,
      confirmTimeoutMs: 1_000,
      retries: 100,
      retryMs: 200,
    }),
    workersOf(2, {
      prefetch: PREFETCH,
      work: { kind: 'constant', ms: WORK_MS },
      heartbeatMs: 1_000,
      reconnectMs: 200,
    }),
  ],
  faults: [
    {
      id: 'brokers-lost',
      fault: { type: 'crash', target: { first: p.brokersDown, of: BROKER } },
      atMs: CRASH_MS,
      forMs: DOWN_MS,
    },
  ],
  checks,
  story: story(p, !ablations.includes('queue.return-on-failover')),
});

export default defineScenario({
  id: 'messaging/quorum-queue',
  title: 'A quorum queue',
  summary:
    'A classic queue is gone as long as its broker is, and its transient messages for ever. A ' +
    'quorum queue of three goes on when one of them is down, and loses nothing when two are.',
  tier: 'hostile',
  sources: [RABBITMQ_QUORUM_QUEUES, RABBITMQ_CLASSIC_QUEUES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Classic, written down: not there for six seconds, nothing lost.',
      expect: { 'goes-on': { breaks: {} } },
    },
    {
      name: 'transient',
      about: 'Classic, in memory: what waited and what was out is lost.',
      params: { deliveryMode: 'transient' },
      expect: {
        'nothing-lost': { breaks: { witness: 'of 23 lost' } },
        'goes-on': { breaks: {} },
        'all-done': { breaks: {} },
      },
    },
    {
      name: 'quorum',
      about: 'Quorum, one of three down: it goes on, and nothing is lost.',
      params: { queueType: 'quorum' },
    },
    {
      name: 'quorum-transient',
      about: 'A quorum queue writes down what is called transient, too.',
      params: { queueType: 'quorum', deliveryMode: 'transient' },
    },
    {
      name: 'minority',
      about: 'Quorum, two of three down: the third takes nothing, and nothing is lost.',
      params: { queueType: 'quorum', brokersDown: 2 },
      expect: { 'goes-on': { breaks: {} } },
    },
    {
      name: 'never-back',
      about: 'Without the rule what was out when the leader died stays out for ever.',
      params: { queueType: 'quorum' },
      ablations: ['queue.return-on-failover'],
      expect: { 'all-done': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Cut the leader off by hand instead of crashing it: who confirms then?',
    'Let all three crash: what is lost, with which kind of queue?',
    'Crash a broker that does not lead: who notices?',
  ],
  leavesOut: [
    'Brokers that hand requests on to the one that leads: here clients are told which it is.',
    'Members that are added to a queue, or moved.',
  ],
});
