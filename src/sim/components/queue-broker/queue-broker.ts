/**
 * A broker of queues with competing consumers, on one node.
 *
 * Invariants: a message that was confirmed is on disk until it is acknowledged, dead-lettered or
 * dropped by a rule of its queue; whoever loses a channel loses what it held.
 */
import { delivery } from '../../contracts/delivery.ts';
import type { DeliveryConsume, DeliveryHeartbeat } from '../../contracts/delivery.ts';
import { queue } from '../../contracts/queue.ts';
import type { QueuePost, QueuePublish } from '../../contracts/queue.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, GroupSettings } from '../../node/behaviour.ts';
import { QUEUE_RULES } from '../../protocols/queue/index.ts';
import { answerBeat, close, onHeartbeat, onSettled, open, placeOf } from './channels.ts';
import { queueBrokerConfig } from './config.ts';
import type { QueueBrokerConfig } from './config.ts';
import { queueBrokerFacts } from './facts.ts';
import type { QueueBrokerFact } from './facts.ts';
import { feed, NOBODY } from './feed.ts';
import { GAUGES, viewOf } from './show.ts';
import { newBroker, queueDurable } from './state.ts';
import type { Ctx, Hosted, QueueBrokerState, QueueDisk, QueueRecord } from './state.ts';
import type { QueueBrokerView } from './view.ts';

type Handled = QueuePublish | QueuePost | DeliveryConsume | DeliveryHeartbeat;

function onPublish(
  state: QueueBrokerState,
  ctx: Ctx,
  { queue: name, message }: QueuePublish,
  call: CallRef,
): void {
  const place = placeOf(state, name);
  if (place < 0) return ctx.refuse(call, 'no-such-queue');
  const publish = state.nextTag++;
  state.publishes.set(publish, call);
  feed(state, ctx, place, { type: 'publish', publish, message });
}

/** A message for a queue that is not there is dropped without a word. */
function onPost(state: QueueBrokerState, ctx: Ctx, { queue: name, message }: QueuePost): void {
  const place = placeOf(state, name);
  if (place >= 0) feed(state, ctx, place, { type: 'publish', publish: NOBODY, message });
}

function onTimer(state: QueueBrokerState, ctx: Ctx, kind: string, key: number): void {
  if (kind === 'silent') return close(state, ctx, key, 'no heartbeat');
  if (kind === 'beat') return answerBeat(state, ctx, key);
  // This timer has fired: whatever expires next, it has to be set again.
  (state.hosted[key] as Hosted).tickMicros = -1;
  feed(state, ctx, key, { type: 'tick' });
}

function check({ queues }: QueueBrokerConfig, group: GroupSettings): void {
  const names = queues.map(({ name }) => name);
  queues.forEach(({ name, deadLetterQueue }, place) => {
    const path = `${group.path}/config/queues/${place}`;
    if (names.indexOf(name) < place) {
      const hint = 'Give one of them another name.';
      throw new ScenarioError(`There are two queues "${name}".`, { path: `${path}/name`, hint });
    }
    if (deadLetterQueue === '') return;
    const at = { path: `${path}/deadLetterQueue` };
    if (deadLetterQueue === name) {
      const hint = 'Name another queue of this broker.';
      throw new ScenarioError('A queue cannot take its own dead letters.', { ...at, hint });
    }
    if (names.includes(deadLetterQueue)) return;
    const hint = didYouMean(deadLetterQueue, names);
    throw new ScenarioError(`There is no queue "${deadLetterQueue}".`, { ...at, hint });
  });
}

export const queueBroker = defineBehaviour<
  QueueBrokerState,
  QueueBrokerConfig,
  Handled,
  QueueBrokerView,
  QueueBrokerFact,
  QueueDisk,
  QueueRecord
>({
  component: 'queue-broker',
  about: 'Keeps messages in queues and hands each to one of the consumers that compete for it.',
  source: 'RabbitMQ 4.0, quorum queues with one member; AMQP 0-9-1',
  leavesOut: [
    'Mirrors: its queues are on one node.',
    'Exchanges, bindings, priorities, single active consumers and flow control.',
    'Connections apart from channels: a consumer has one of each.',
    'TCP’s repetitions: a delivery or settlement that the network loses shows with the consumer ' +
      'timeout only, and what it duplicates is there twice.',
  ],
  badge: 'QB',
  serves: [queue, delivery],
  links: {},
  config: queueBrokerConfig,
  check,
  facts: queueBrokerFacts,
  rules: QUEUE_RULES.map(({ id }) => id),
  ruleNeeds: [
    {
      rules: ['queue.delivery-limit'],
      acts: ({ queues }) => queues.some(({ deliveryLimit }) => deliveryLimit >= 0),
      hint: 'Give a queue a deliveryLimit.',
    },
    {
      rules: ['queue.prefetch'],
      acts: (_config, { asked }) => asked('prefetch'),
      hint: 'Give a consumer a prefetch.',
    },
  ],
  roleNames: { broker: 'Keeps queues.' },
  durable: queueDurable,
  start: newBroker,
  on: {
    'queue.publish': (state, ctx, message, _from, call) => onPublish(state, ctx, message, call),
    'queue.post': (state, ctx, message) => onPost(state, ctx, message),
    'delivery.consume': (state, ctx, message, from, call) => open(state, ctx, message, from, call),
    'delivery.heartbeat': (state, ctx, message, _from, call) =>
      onHeartbeat(state, ctx, message, call),
  },
  onTimer,
  onResult: onSettled,
  onSynced(state, ctx, ticket) {
    const stored = state.tickets.get(ticket);
    if (stored === undefined) return;
    state.tickets.delete(ticket);
    feed(state, ctx, stored.queue, { type: 'stored', seq: stored.seq });
  },
  gauges: GAUGES,
  roles: () => ['broker'],
  view: viewOf,
});
