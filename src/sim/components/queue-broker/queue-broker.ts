/**
 * A broker of queues with competing consumers, alone or one of a cluster: a classic queue is on the
 * first broker, a quorum queue on several.
 *
 * Invariants: a persistent message that was confirmed is on disk until it is acknowledged,
 * dead-lettered or dropped by a rule of its queue, in a quorum queue on a majority of disks;
 * whoever loses a channel loses what it held.
 */
import { delivery } from '../../contracts/delivery.ts';
import type { DeliveryConsume, DeliveryHeartbeat } from '../../contracts/delivery.ts';
import { queue } from '../../contracts/queue.ts';
import { queueReplication } from '../../contracts/queue-replication.ts';
import type { QueueReplicate } from '../../contracts/queue-replication.ts';
import type { QueueConfirmed, QueuePost, QueuePublish } from '../../contracts/queue.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, NodeIndex } from '../../node/behaviour.ts';
import type { QueueAblation } from '../../protocols/queue/index.ts';
import { amongSeveral } from '../../node/rule-needs.ts';
import { QUEUE_RULES } from '../../protocols/queue/index.ts';
import { AMONG_SERVERS } from '../../protocols/raft/rules.ts';
import type { RaftAblation } from '../../protocols/raft/rules.ts';
import { LOG_RULES, RAFT_TIMEOUTS } from '../raft-hosting.ts';
import { answerBeat, close, onHeartbeat, onSettled, open } from './channels.ts';
import { check, exchangesOffered, isQuorum } from './check.ts';
import { queueBrokerConfig } from './config.ts';
import type { QueueBrokerConfig } from './config.ts';
import { queueBrokerFacts } from './facts.ts';
import type { QueueBrokerFact } from './facts.ts';
import { placesOf } from './exchanges.ts';
import { feed, replicaHost } from './feed.ts';
import { isLedHere, leaderOf, refuseElsewhere } from './leading.ts';
import { feedReplica, replicaOf, startReplicas } from './replica.ts';
import { GAUGES, viewOf } from './show.ts';
import { copyState, newBroker, NOBODY, plainState, queueDurable } from './state.ts';
import type { Ctx, Hosted, QueueBrokerState, QueueDisk, QueueRecord } from './state.ts';
import type { QueueBrokerView } from './view.ts';

type QueueRuleId = QueueAblation | RaftAblation;
type Handled = QueuePublish | QueuePost | DeliveryConsume | DeliveryHeartbeat | QueueReplicate;

function onPublish(state: QueueBrokerState, ctx: Ctx, publish: QueuePublish, call: CallRef): void {
  const places = placesOf(state, ctx, publish);
  if (typeof places === 'string') return ctx.refuse(call, places);
  const elsewhere = places.find((place) => !isLedHere(state, ctx, place));
  if (elsewhere !== undefined) return refuseElsewhere(state, ctx, elsewhere, call);
  if (places.length === 0) {
    const isReturned = publish.isMandatory === true;
    onUnroutable(state, ctx, publish, isReturned);
    // Whoever does not ask for it back is told that all is done.
    if (isReturned) ctx.refuse(call, 'no-route');
    else ctx.reply<QueueConfirmed>(call, { type: 'queue.confirmed' });
    return;
  }
  const number = state.nextTag++;
  state.publishes.set(number, call);
  if (places.length > 1) state.copies.set(number, { count: places.length, answers: new Map() });
  const { message } = publish;
  for (const place of places)
    feed(state, ctx, place, { type: 'publish', publish: number, message });
}

function onUnroutable(
  state: QueueBrokerState,
  ctx: Ctx,
  { exchange = '', message: { value, routingKey = '' } }: QueuePublish | QueuePost,
  isReturned: boolean,
): void {
  state.counts.unroutable += 1;
  const about = { exchange, routingKey, value, isReturned };
  ctx.tell<QueueBrokerFact>({ type: 'queue.unroutable', ...about });
}

/**
 * A message for a queue that is not there is dropped without a word. Who posts does not hear who
 * leads, so it is handed on, once.
 */
function onPost(state: QueueBrokerState, ctx: Ctx, post: QueuePost, from: NodeIndex): void {
  const places = placesOf(state, ctx, post);
  if (typeof places === 'string') return;
  if (places.length === 0) onUnroutable(state, ctx, post, false);
  const { message } = post;
  for (const place of places) {
    const leader = leaderOf(state, ctx, place);
    if (leader === ctx.self) {
      feed(state, ctx, place, { type: 'publish', publish: NOBODY, message });
    } else if (leader !== null && !ctx.members('peers').includes(from)) {
      ctx.send<QueuePost>(leader, post);
    }
  }
}

function onTimer(state: QueueBrokerState, ctx: Ctx, kind: string, key: number): void {
  if (kind === 'silent') return close(state, ctx, key, 'no heartbeat');
  if (kind === 'beat') return answerBeat(state, ctx, key);
  const timeout = RAFT_TIMEOUTS.get(kind);
  if (timeout !== undefined) return feedReplica(replicaHost, state, ctx, key, timeout);
  // This timer has fired: whatever expires next, it has to be set again.
  (state.hosted[key] as Hosted).tickMicros = -1;
  feed(state, ctx, key, { type: 'tick' });
}

const OF_QUORUM: readonly QueueRuleId[] = [
  'queue.confirm-after-majority',
  'queue.return-on-failover',
  ...LOG_RULES,
];

const RULES: readonly QueueRuleId[] = [...QUEUE_RULES.map(({ id }) => id), ...LOG_RULES];

const leads = ({ replica }: Hosted): boolean => replica?.isInOffice === true;

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
  source: 'RabbitMQ 4.0, classic and quorum queues; AMQP 0-9-1',
  leavesOut: [
    'Differs: who asks a broker that does not lead the queue is told which one does, where ' +
      'RabbitMQ hands it on. Messages without confirms are handed on.',
    'Differs: a new leader takes back what consumers held, where RabbitMQ asks their brokers.',
    'Members of a quorum queue that join or leave, and leaders that are moved.',
    'Dead letters at least once: from a quorum queue they come at most once.',
    'Exchanges of several brokers or bound to others, headers and alternate exchanges.',
    'Priorities, single active consumers and flow control.',
    'Bounds in bytes (x-max-length-bytes), x-expires, and overflow reject-publish-dlx.',
    'Connections apart from channels: a consumer has one of each.',
    'TCP’s repetitions: a delivery or settlement that the network loses shows with the consumer ' +
      'timeout only, and what it duplicates is there twice.',
  ],
  badge: 'QB',
  serves: [queue, delivery, queueReplication],
  // Each leader keeps a window for each member.
  countMax: 99,
  links: {},
  config: queueBrokerConfig,
  check,
  usage: { uses: () => [], offers: exchangesOffered },
  facts: queueBrokerFacts,
  rules: RULES,
  ruleNeeds: [
    {
      rules: ['queue.delivery-limit'],
      acts: ({ queues }) => queues.some((one) => isQuorum(one) && one.deliveryLimit >= 0),
      hint: 'Give a quorum queue a deliveryLimit.',
    },
    {
      rules: ['queue.original-place'],
      acts: ({ queues }) => queues.some((one) => !isQuorum(one) || one.deliveryLimit >= 0),
      hint: 'Give it a classic queue, or one with a deliveryLimit.',
    },
    {
      rules: ['queue.prefetch'],
      acts: ({ queues }, { asked }) => queues.some(isQuorum) || asked('prefetch'),
      hint: 'Give a consumer a prefetch.',
    },
    {
      rules: ['queue.confirm-after-sync'],
      acts: ({ queues }) => queues.some((one) => !isQuorum(one) && one.durable),
      hint: 'Give it a classic queue that is durable.',
    },
    {
      rules: ['queue.confirm-all-copies'],
      acts: ({ exchanges }) =>
        exchanges.some(({ bindings }) => new Set(bindings.map((one) => one.queue)).size > 1),
      hint: 'Give an exchange two queues.',
    },
    {
      rules: OF_QUORUM,
      acts: ({ queues }) => queues.some(isQuorum),
      hint: 'Give one of its queues queueType: quorum.',
    },
    amongSeveral(AMONG_SERVERS.filter((rule) => LOG_RULES.includes(rule))),
  ],
  roleNames: { broker: 'Keeps queues.', leader: 'Leads a quorum queue.' },
  durable: queueDurable,
  start(ctx) {
    const state = newBroker(ctx, (place) => replicaOf(ctx, place));
    startReplicas(replicaHost, state, ctx);
    return state;
  },
  on: {
    'queue.publish': (state, ctx, message, _from, call) => onPublish(state, ctx, message, call),
    'queue.post': onPost,
    'queue.replicate': (state, ctx, { queue: place, message }, from) =>
      feedReplica(replicaHost, state, ctx, place, { type: 'message', from, message }),
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
    const { queue: place } = stored;
    if ('seq' in stored) feed(state, ctx, place, { type: 'stored', seq: stored.seq });
    else feedReplica(replicaHost, state, ctx, place, { type: 'persisted', upTo: stored.upTo });
  },
  gauges: GAUGES,
  roles: ({ hosted }) => (hosted.some(leads) ? ['broker', 'leader'] : ['broker']),
  view: viewOf,
  save: copyState,
  restore: (image) => copyState(image as QueueBrokerState),
  plain: plainState,
});
