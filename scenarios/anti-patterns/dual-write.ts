/**
 * A service that writes to its database and to a broker, one after the other: whichever is first, a
 * crash between the two leaves one without the other. Nothing that its client does mends both.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  CONSUMER,
  CRASH_AFTER_MS,
  CRASHED,
  crashes,
  effectsCheck,
  END_MS,
  FIRST_MS,
  knownAgain,
  ORDERS,
  outboxGroups,
  sentMs,
  SERVICE,
} from '../outbox-parts.ts';
import { BROKER, NETWORK } from '../queue-parts.ts';
import { DEBEZIUM_OUTBOX, TRANSACTIONAL_OUTBOX } from '../sources.ts';

const params = {
  publish: field.choice(['after-commit', 'before-commit', 'outbox'], {
    about: 'Whether the broker is told after the commit, before it, or from a table of events.',
    default: 'after-commit',
    source: 'Richardson, Pattern: Transactional outbox',
  }),
  clientRetries: field.flag({
    about: 'A client that is not answered sends its order again, under the same id.',
    default: false,
  }),
};
type Params = Static<TObject<typeof params>>;

const STRUCK = CRASHED.length;

const lostOf = ({ publish }: Params): number => (publish === 'after-commit' ? STRUCK : 0);
const phantomsOf = ({ publish, clientRetries }: Params): number =>
  publish === 'before-commit' && !clientRetries ? STRUCK : 0;
/** From the relay that starts again, or from the client that orders again. */
const againOf = ({ publish, clientRetries }: Params): number =>
  publish === 'outbox' || (publish === 'before-commit' && clientRetries) ? STRUCK : 0;

const checks = (p: Params): readonly CheckPlan[] => [
  effectsCheck('none-lost', { lost: 0 }, 'Every order that is kept has its effect.'),
  effectsCheck('no-phantom', { phantom: 0 }, 'Nothing has an effect that is not an order.'),
  effectsCheck(
    'as-reckoned',
    { lost: lostOf(p), phantom: phantomsOf(p), repeated: 0 },
    `Exactly ${lostOf(p)} orders are lost, and ${phantomsOf(p)} effects belong to none.`,
  ),
  knownAgain(againOf(p)),
];

const WHAT = {
  'after-commit': 'commits the order, makes the event and sends it to the broker',
  'before-commit': 'sends the event to the broker, waits for its answer and commits the order',
  outbox: 'commits the order and its event together; a relay sends the event afterwards',
} as const;

const BECAUSE = {
  'after-commit':
    'The order was on disk and the event not yet sent. The process that starts again finds an ' +
    'order like any other: nothing says that nobody was told.',
  'before-commit':
    'The event was out and the order not yet on disk. The broker has handed it on; it cannot be ' +
    'taken back, and no order belongs to it.',
  outbox:
    'The event is on disk with the order. The relay that starts again finds it unmarked and ' +
    'sends it once more; whether it was sent before it cannot know.',
} as const;

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Two systems, one change',
    at: { ms: FIRST_MS + 50 },
    text:
      `Each order ends in two places: a database and a broker. This service ${WHAT[p.publish]}. ` +
      'No transaction spans both.',
    focus: [SERVICE, BROKER],
  },
  {
    title: 'Between the two',
    at: { ms: sentMs(CRASHED[0]) - 50 },
    text:
      `${CRASH_AFTER_MS} ms after the next order was sent the service crashes. It is back 30 ms ` +
      'later, with what its disk has.',
    focus: [SERVICE],
    predict: {
      question: 'What becomes of that order and its event?',
      options: [
        'The order is kept, and nobody hears of it.',
        'Everybody hears of an order that is not kept.',
        'The order is kept, and its event comes twice.',
      ],
      answer: p.publish === 'after-commit' ? 0 : p.publish === 'before-commit' ? 1 : 2,
      because: BECAUSE[p.publish],
    },
  },
  {
    title: 'A client that is patient',
    at: { ms: sentMs(CRASHED[2]) + 150 },
    text: p.clientRetries
      ? 'The client had no answer and has sent the order again, under the same id. Whoever ' +
        'commits first finds the order there, answers, and tells the broker nothing. Whoever ' +
        'publishes first does all of it once more, and what was a phantom becomes an order.'
      : 'The client had no answer from the process that crashed, and leaves it at that.',
    focus: [SERVICE, CONSUMER],
  },
  {
    title: 'The account',
    at: { ms: sentMs(ORDERS - 1) },
    text:
      `${STRUCK} of ${ORDERS} orders met a crash. Lost: ${lostOf(p)}; effects without an order: ` +
      `${phantomsOf(p)}; events that came again and were known by their id: ${againOf(p)}.`,
    focus: [SERVICE, CONSUMER],
    check: 'as-reckoned',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Dual write',
  summary: 'A database and a broker are written one after the other.',
  durationMs: END_MS,
  network: NETWORK,
  groups: outboxGroups(
    { publish: p.publish, ...(p.publish === 'outbox' ? { pollMs: 0 } : { gapMs: 4 }) },
    { confirmTimeoutMs: 50, ...(p.clientRetries ? { retries: 3, retryMs: 50 } : {}) },
  ),
  faults: crashes('service', SERVICE, CRASHED, CRASH_AFTER_MS),
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'anti-patterns/dual-write',
  title: 'Dual write',
  summary:
    'A service commits an order and then tells a broker. Five crashes between the two leave five ' +
    'orders of which nobody ever hears; the other way round, five events of orders that are not.',
  tier: 'hostile',
  sources: [TRANSACTIONAL_OUTBOX, DEBEZIUM_OUTBOX],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Commit, then publish: five orders are lost to whoever should act on them.',
      expect: { 'none-lost': { breaks: { witness: 'of 5 lost' } } },
    },
    {
      name: 'publish-first',
      about: 'Publish, then commit: five events of orders that were never kept.',
      params: { publish: 'before-commit' },
      expect: { 'no-phantom': { breaks: { witness: 'of 5 phantom' } } },
    },
    {
      name: 'lost-and-confirmed',
      about: 'Commit first, and the client orders again: it is told that all is well. Five lost.',
      params: { clientRetries: true },
      expect: { 'none-lost': { breaks: { witness: 'of 5 lost' } } },
    },
    {
      name: 'publish-first-again',
      about: 'Publish first, and the client orders again: mended, as long as each client does.',
      params: { publish: 'before-commit', clientRetries: true },
    },
    {
      name: 'outbox',
      about: 'The event is written with the order: nothing is lost, and five events come twice.',
      params: { publish: 'outbox' },
    },
  ],
  thingsToTry: [
    'Cut the service from the broker by hand: which orders are lost, and what is the client told?',
    'Crash the service at another moment of an order: when is a dual write safe?',
    'Switch the inbox off in the variant with the outbox: what was it for?',
  ],
  leavesOut: [
    'Two-phase commit over database and broker, which few brokers offer.',
    'A job that compares both sides now and then, and mends what it finds.',
  ],
});
