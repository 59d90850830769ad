/**
 * One message, and several who want it: an exchange gives a copy to each queue that is bound. What
 * nobody is bound for is dropped, and confirmed all the same.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { BROKER, NETWORK, nothingLost, PRODUCER, producerTo } from '../queue-parts.ts';
import { AMQP_SPECIFICATION, RABBITMQ_EXCHANGES, RABBITMQ_PUBLISHERS } from '../sources.ts';

const params = {
  type: field.choice(['fanout', 'topic'], {
    about: 'Every queue that is bound gets all messages, or those whose key fits its pattern.',
    default: 'fanout',
    source: 'AMQP 0-9-1 exchange.declare type',
  }),
  boundAfter: field.count({
    about: 'How many messages come before the queue of the auditors is bound.',
    default: 100,
    max: 160,
  }),
  mandatory: field.flag({
    about: 'What cannot be routed comes back to the producer.',
    default: false,
    source: 'AMQP 0-9-1 basic.publish mandatory',
  }),
};
type Params = Static<TObject<typeof params>>;

const MESSAGES = 200;
const RATE = 20;
const GAP_MS = 1_000 / RATE;
const START_MS = 1_000;
const END_MS = 13_000;
/** Refunds are for the auditors alone. */
const KEYS = ['order.paid.eu', 'order.paid.us', 'order.shipped.eu', 'refund.eu'];

const isTopic = ({ type }: Params): boolean => type === 'topic';
/** In the middle between two messages. */
const boundMs = ({ boundAfter }: Params): number =>
  boundAfter === 0 ? 0 : START_MS + (boundAfter + 0.5) * GAP_MS;
/** Those that come before anybody is bound for them. */
const unroutable = (p: Params): number => (isTopic(p) ? Math.floor(p.boundAfter / KEYS.length) : 0);
const confirmed = (p: Params): number => MESSAGES - (p.mandatory ? unroutable(p) : 0);
const share = (p: Params, keys: number): number =>
  isTopic(p) ? (MESSAGES * keys) / KEYS.length : MESSAGES;

const QUEUES = ['mail', 'stock', 'audit'] as const;
type Queue = (typeof QUEUES)[number];

/** Of a fanout exchange a key says nothing. */
const bound = (p: Params, queue: Queue, routingKey: string, fromMs = 0) => ({
  queue,
  ...(isTopic(p) ? { routingKey } : {}),
  ...(fromMs === 0 ? {} : { fromMs }),
});

const countOf = (queue: Queue, lost: number) =>
  ({ use: 'queue-total', args: { queue, consumers: queue, lost, duplicated: 0 } }) as const;

const checks = (p: Params): readonly CheckPlan[] => [
  nothingLost,
  {
    id: 'mail-each-once',
    ...countOf('mail', confirmed(p) - share(p, 2)),
    about: `The mailers have the ${share(p, 2)} messages that are for them, each of them once.`,
  },
  {
    id: 'stock-each-once',
    ...countOf('stock', confirmed(p) - share(p, 3)),
    about: `The storehouse has the ${share(p, 3)} messages that are for it, each of them once.`,
  },
  {
    id: 'audit-has-all',
    ...countOf('audit', 0),
    about: 'The auditors have each message that was confirmed, once.',
  },
  {
    id: 'unroutable-as-reckoned',
    use: 'gauge',
    args: {
      group: BROKER,
      gauge: 'Unroutable',
      measure: 'total',
      atLeast: unroutable(p),
      atMost: unroutable(p),
    },
    about: `For ${plural(unroutable(p), 'message')} no queue is bound when they come.`,
  },
];

const before = (p: Params): string =>
  isTopic(p)
    ? `Of the ${plural(p.boundAfter, 'message')} before, ` +
      `${plural(unroutable(p), 'is a refund', 'are refunds')}. Nobody else wants ` +
      'these.'
    : `The ${plural(p.boundAfter, 'message')} before went to the other two queues, and to no ` +
      `third.`;

const because = (p: Params): string => {
  const late = 'An exchange keeps nothing: a queue has what came while it was bound. ';
  if (p.boundAfter === 0) return 'The queue was bound before the first message came.';
  if (!isTopic(p)) {
    return `${late}The auditors miss ${plural(p.boundAfter, 'message')}, which others have had.`;
  }
  return p.mandatory
    ? `${late}The ${unroutable(p)} refunds came back to the producer, which knows.`
    : `${late}The ${unroutable(p)} refunds were dropped, and the broker has confirmed each.`;
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'One message, several queues',
    at: { ms: START_MS + 500 },
    text: isTopic(p)
      ? 'Messages carry a routing key: order.paid.eu, refund.eu. Mailers want order.paid.* and ' +
        '*.paid.eu, the storehouse order.#. Where two patterns of a queue fit, it gets one copy.'
      : 'Each message goes to the exchange, which gives a copy to every queue that is bound. ' +
        'Whoever takes one from the queue of the mailers takes none from that of the storehouse.',
    focus: [BROKER, 'mail', 'stock'],
    check: 'mail-each-once',
  },
  {
    title: p.boundAfter === 0 ? 'The auditors are there' : 'The auditors come',
    at: { ms: Math.max(START_MS + 600, boundMs(p)) },
    text:
      p.boundAfter === 0
        ? 'Their queue is bound from the beginning, for whatever comes.'
        : `Only now their queue is bound, for whatever comes. ${before(p)}`,
    focus: [BROKER, 'audit'],
    predict: {
      question: 'What do the auditors see of all that was confirmed?',
      options: [
        'All of it.',
        'All but what went to others before they came.',
        'All but that, and some of it nobody sees, though it was confirmed.',
      ],
      answer: p.boundAfter === 0 ? 0 : unroutable(p) > 0 && !p.mandatory ? 2 : 1,
      because: because(p),
    },
  },
  {
    title: 'What a log does instead',
    at: { ms: START_MS + MESSAGES * GAP_MS - 100 },
    text:
      'A log keeps its records whoever has read them: a new group with auto.offset.reset ' +
      'earliest begins with the first. Here what a queue has not had it cannot ask for.',
    focus: [BROKER, 'audit'],
    check: 'audit-has-all',
  },
];

const consumerOf = (queue: Queue): GroupPlan => ({
  name: queue,
  component: 'queue-consumer',
  count: 1,
  links: { queue: BROKER },
  config: { queue, prefetch: 10, work: { kind: 'constant', ms: 10 } },
});

const plan = (p: Params): Plan => ({
  title: 'Publish and subscribe',
  summary: 'An exchange, three queues, and one of them is bound late.',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    {
      name: BROKER,
      component: 'queue-broker',
      count: 1,
      config: {
        queues: QUEUES.map((name) => ({ name })),
        exchanges: [
          {
            name: 'events',
            type: p.type,
            bindings: [
              bound(p, 'mail', 'order.paid.*'),
              // With a fanout exchange this is the same binding once more.
              ...(isTopic(p) ? [bound(p, 'mail', '*.paid.eu')] : []),
              bound(p, 'stock', 'order.#'),
              bound(p, 'audit', '#', boundMs(p)),
            ],
          },
        ],
      },
    },
    producerTo(RATE, {
      exchange: 'events',
      startMs: START_MS,
      messagesMax: MESSAGES,
      ...(isTopic(p) ? { routingKeys: KEYS } : {}),
      ...(p.mandatory ? { mandatory: true } : {}),
    }),
    ...QUEUES.map(consumerOf),
  ],
  faults: [],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'messaging/pub-sub',
  title: 'Publish and subscribe',
  summary:
    'An exchange copies each message to every queue that is bound. A queue that is bound late ' +
    'misses what came before; what nobody is bound for is confirmed and lost, unless mandatory.',
  tier: 'calm',
  sources: [AMQP_SPECIFICATION, RABBITMQ_EXCHANGES, RABBITMQ_PUBLISHERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'To all that are bound: the auditors come late and miss 100 messages.',
      expect: { 'audit-has-all': { breaks: { witness: 'of 100 lost' } } },
    },
    {
      name: 'bound-in-time',
      about: 'The auditors are bound before the first message: nobody misses any.',
      params: { boundAfter: 0 },
    },
    {
      name: 'topic',
      about: 'By key: before the auditors come nobody wants refunds, and 25 are lost.',
      params: { type: 'topic' },
      expect: {
        'nothing-lost': { breaks: { witness: 'of 25 lost' } },
        'audit-has-all': { breaks: { witness: 'of 100 lost' } },
      },
    },
    {
      name: 'mandatory',
      about: 'By key, and mandatory: the 25 refunds come back, and nothing is lost.',
      params: { type: 'topic', mandatory: true },
      expect: { 'audit-has-all': { breaks: { witness: 'of 75 lost' } } },
    },
    {
      name: 'topic-in-time',
      about: 'By key, with everybody bound in time: each has what is for him, and all is there.',
      params: { type: 'topic', boundAfter: 0 },
    },
  ],
  thingsToTry: [
    `In which variant does ${PRODUCER} see that something is wrong?`,
    'Crash the consumer of one queue: do the others feel it?',
    'Bind the auditors after 99 messages, by key: how many refunds are lost?',
  ],
  leavesOut: [
    'Queues that come and go with their consumers, as those of subscribers often do.',
    'Alternate exchanges, which take what cannot be routed.',
  ],
});
