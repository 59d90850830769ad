/**
 * A transactional outbox, its relay and the inbox of a consumer: each event at least once, in
 * order, and each effect once. Every variant takes one rule away and counts what that costs.
 */
import { defineScenario } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, StoryStep } from 'faultline';
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
import { DEBEZIUM_OUTBOX, IDEMPOTENT_CONSUMER, TRANSACTIONAL_OUTBOX } from '../sources.ts';

/** Orders whose effect is on disk when the consumer crashes. */
const CONSUMED = [7, 12, 17] as const;
const CONSUMED_AFTER_MS = 9;
/** Orders whose event is lost on its way to the broker. */
const CUT = [30, 34] as const;
const CUT_AFTER_MS = 2;
const CUT_MS = 50;
const TIMEOUT_MS = 120;
const RETRY_MS = 100;

const checks: readonly CheckPlan[] = [
  effectsCheck('none-lost', { lost: 0 }, 'Every order that is kept has its effect.'),
  effectsCheck('no-phantom', { phantom: 0 }, 'Nothing has an effect that is not an order.'),
  effectsCheck('once', { repeated: 0 }, 'No event has its effect twice.'),
  effectsCheck('in-order', { reordered: 0 }, 'Effects come in the order of the orders.'),
  knownAgain(CRASHED.length),
];

interface Cost {
  readonly check: string;
  readonly text: string;
}

/** What it costs when a rule is taken away. */
const COSTS: readonly (readonly [rule: string, cost: Cost])[] = [
  [
    'outbox.one-transaction',
    {
      check: 'none-lost',
      text: `Order and event are two transactions here: ${CRASHED.length} orders have no effect.`,
    },
  ],
  [
    'outbox.mark-after-confirm',
    {
      check: 'none-lost',
      text: `The relay does not wait for the broker here: ${CUT.length} orders have no effect.`,
    },
  ],
  [
    'outbox.key-order',
    {
      check: 'in-order',
      text: `The relay keeps no order here: ${CUT.length} events were overtaken.`,
    },
  ],
  [
    'inbox.known-once',
    {
      check: 'once',
      text: `Nobody looks into the inbox here: ${CRASHED.length} effects are there twice.`,
    },
  ],
  [
    'inbox.one-transaction',
    {
      check: 'once',
      text: `Effect and id are two transactions here: ${CONSUMED.length} effects are there twice.`,
    },
  ],
];

const NO_COST: Cost = {
  check: 'once',
  text:
    'Take any of the rules away and one of these numbers shows up as orders that are lost, ' +
    'repeated or out of order.',
};

type Off = (rule: string) => boolean;

const published = (off: Off): Pick<StoryStep, 'title' | 'text'> =>
  off('outbox.one-transaction')
    ? {
        title: 'Written, not told',
        text:
          `${CRASH_AFTER_MS} ms after the next order was sent the service crashes: the order is ` +
          'in its table, and its event is not yet in the other.',
      }
    : {
        title: 'Published, not marked',
        text:
          `${CRASH_AFTER_MS} ms after the next order was sent the service crashes: its event is ` +
          'on the way to the broker, and still in the table.',
      };

function whyTwice(off: Off): string {
  if (off('outbox.one-transaction')) {
    return (
      'Nobody has written down that there is something to tell. The service that is back finds ' +
      'an order like any other, and an outbox without its event.'
    );
  }
  const why = off('outbox.mark-after-confirm')
    ? 'The relay marks an event when it sends it, and that mark was not yet on the disk. '
    : 'Only the answer of the broker tells it, and that came to a process that was gone. ';
  return (
    `The relay cannot tell an event that was sent from one that was not. ${why}So it sends it ` +
    'again. This is what "at least once" means.'
  );
}

function known(off: Off): string {
  const way = off('inbox.one-transaction')
    ? 'the effect of the event first, and its id after it. '
    : 'each with the effect of the event, in one transaction. ';
  const keeps =
    'The consumer keeps the ids of events in an inbox, a table of its own database, and writes ' +
    way;
  if (off('outbox.one-transaction')) return `${keeps}Of this order it hears nothing.`;
  if (off('inbox.known-once')) return `${keeps}Nobody looks there: the copy has its effect.`;
  return `${keeps}The second copy is found there, and does nothing.`;
}

const relayed = (off: Off): string =>
  off('outbox.mark-after-confirm')
    ? 'An event was lost on its way. The relay marked it when it sent it: nobody tries again.'
    : 'An event was lost on its way. The relay waits for an answer and then tries again; events ' +
      (off('outbox.key-order')
        ? 'of the same customer do not wait behind it, and overtake it.'
        : 'of the same customer wait behind it, because they must not overtake it.');

const storyOf = (off: Off, cost: Cost): readonly StoryStep[] => [
  {
    title: off('outbox.one-transaction') ? 'Two rows' : 'Two rows, one transaction',
    at: { ms: FIRST_MS + 50 },
    text:
      'The service writes an order and its event into two tables of one database, ' +
      (off('outbox.one-transaction') ? 'one after the other. ' : 'in one transaction. ') +
      'A relay reads the table of events, hands each to the broker, and removes it ' +
      (off('outbox.mark-after-confirm') ? 'at once.' : 'once the broker has confirmed it.'),
    focus: [SERVICE, BROKER],
  },
  {
    ...published(off),
    at: { ms: sentMs(CRASHED[0]) - 50 },
    focus: [SERVICE, BROKER],
    predict: {
      question: 'How often does the event reach the broker?',
      options: ['Never.', 'Once.', 'Twice.'],
      answer: off('outbox.one-transaction') ? 0 : 2,
      because: whyTwice(off),
    },
  },
  {
    title: 'Known by its id',
    at: { ms: sentMs(CRASHED[0]) + 60 },
    text: known(off),
    focus: [CONSUMER],
  },
  {
    title: 'One after the other',
    at: { ms: sentMs(CUT[0]) + 110 },
    text: relayed(off),
    focus: [SERVICE, BROKER],
  },
  {
    title: 'The account',
    at: { ms: sentMs(ORDERS - 1) },
    text:
      `${ORDERS} orders, ${CRASHED.length} crashes of the service, ${CONSUMED.length} of the ` +
      `consumer, ${CUT.length} cuts. ${cost.text}`,
    focus: [SERVICE, CONSUMER],
    check: cost.check,
  },
];

const cuts: readonly FaultEntry[] = CUT.map((k) => ({
  id: `cut-${k}`,
  fault: { type: 'cut-link', a: SERVICE, b: BROKER },
  atMs: sentMs(k) + CUT_AFTER_MS,
  forMs: CUT_MS,
}));

const story = (ablations: readonly string[]): readonly StoryStep[] => {
  const off: Off = (rule) => ablations.includes(rule);
  return storyOf(off, COSTS.find(([rule]) => off(rule))?.[1] ?? NO_COST);
};

const plan = (_params: unknown, ablations: readonly string[]): Plan => ({
  title: 'Outbox and inbox',
  summary: 'An event is written with its order, published at least once, and has its effect once.',
  durationMs: END_MS,
  network: NETWORK,
  groups: outboxGroups({ pollMs: 0, retryMs: RETRY_MS, timeoutMs: TIMEOUT_MS }, {}),
  faults: [
    ...crashes('service', SERVICE, CRASHED, CRASH_AFTER_MS),
    ...crashes('consumer', CONSUMER, CONSUMED, CONSUMED_AFTER_MS),
    ...cuts,
  ],
  checks,
  story: story(ablations),
});

export default defineScenario({
  id: 'patterns/outbox',
  title: 'Outbox and inbox',
  summary:
    'Order and event are one transaction, a relay publishes at least once, an inbox makes it ' +
    'once. Five rules carry that, and each that is switched off shows in exact numbers.',
  tier: 'hostile',
  sources: [TRANSACTIONAL_OUTBOX, IDEMPOTENT_CONSUMER, DEBEZIUM_OUTBOX],
  params: {},
  plan,
  variants: [
    { name: 'default', about: 'All rules: 40 orders, 40 effects, five events that came twice.' },
    {
      name: 'no-inbox',
      about: 'Nobody looks into the inbox: five effects are repeated.',
      ablations: ['inbox.known-once'],
      expect: { once: { breaks: { witness: 'of 5 repeated' } }, 'came-again': { breaks: {} } },
    },
    {
      name: 'inbox-apart',
      about: 'The id is written after the effect: three crashes between them, three repeated.',
      ablations: ['inbox.one-transaction'],
      expect: { once: { breaks: { witness: 'of 3 repeated' } } },
    },
    {
      name: 'outbox-apart',
      about: 'The event is written after the order: five crashes between them, five lost.',
      ablations: ['outbox.one-transaction'],
      expect: { 'none-lost': { breaks: { witness: 'of 5 lost' } }, 'came-again': { breaks: {} } },
    },
    {
      name: 'marked-first',
      about: 'The relay marks what it has not had confirmed: two cuts, two lost.',
      ablations: ['outbox.mark-after-confirm'],
      expect: { 'none-lost': { breaks: { witness: 'of 2 lost' } } },
    },
    {
      name: 'overtaking',
      about: 'The relay does not wait for the event before: two are overtaken.',
      ablations: ['outbox.key-order'],
      expect: { 'in-order': { breaks: { witness: 'of 2 reordered' } } },
    },
  ],
  thingsToTry: [
    'Crash the broker by hand for a second: what waits where, and what is lost?',
    'Cut the service from the broker for two seconds: how long does the outbox get?',
    'Crash the consumer at any moment: can you make an effect happen twice?',
  ],
  leavesOut: [
    'Several relays that share the table, and how they keep the order of a key.',
    'Reading the log of the database instead of the table: the relay is told of each commit.',
    'Ids that are forgotten: how long an inbox must remember.',
  ],
});
