/**
 * A service with its database on one node: it keeps each order that it is handed and tells a broker
 * of it, through an outbox or by writing to both.
 *
 * Invariant: a record on its disk is a transaction, of one row or of two; nothing of it is lost in
 * a crash, and nothing else is kept.
 */
import type { FactTable } from '../../contracts/facts.ts';
import { queue } from '../../contracts/queue.ts';
import type {
  QueueConfirmed,
  QueuedMessage,
  QueuePost,
  QueuePublish,
} from '../../contracts/queue.ts';
import { ms } from '../../kernel/time.ts';
import { plural } from '../../kernel/plural.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, View } from '../../node/behaviour.ts';
import { outboxRules } from '../../protocols/outbox/rules.ts';
import type { OutboxAblation } from '../../protocols/outbox/rules.ts';
import { applyOutbox, startOutbox, step } from '../../protocols/outbox/step.ts';
import type {
  OutboxConfig,
  OutboxDisk,
  OutboxEffect,
  OutboxInput,
  OutboxRecord,
  OutboxState,
} from '../../protocols/outbox/step.ts';
import { checkQueueName } from '../../traffic/queue-names.ts';
import { brokerOf, plainTarget, turn } from '../../traffic/queue-target.ts';
import type { QueueTarget } from '../../traffic/queue-target.ts';
import { outboxServiceConfig } from './config.ts';
import type { OutboxServiceConfig } from './config.ts';

type Ctx = Context<OutboxServiceConfig>;

export interface OutboxServiceState {
  readonly config: OutboxConfig;
  readonly outbox: OutboxState;
  /** Who waits for an order, by its value. */
  readonly askers: Map<number, CallRef>;
  /** Transactions that are being written, by ticket. */
  readonly writing: Map<number, OutboxRecord>;
  nextTicket: number;
  readonly target: QueueTarget;
  /** Whom it waits for, by place, of each event that is on its way to another than the first. */
  readonly asked: Map<number, number>;
  readonly counts: { published: number; again: number; confirmed: number };
  /** Events that were handed to the broker in this life: whoever is, is published again. */
  readonly tried: Set<number>;
}

export interface OutboxServiceView extends View {
  readonly component: 'outbox-service';
  readonly orders: number;
  readonly events: number;
}

export type OutboxServiceFact =
  | { readonly type: 'outbox.not-published'; readonly value: number }
  | { readonly type: 'outbox.rolled-back'; readonly value: number }
  | { readonly type: 'outbox.resumed'; readonly events: number };

const facts: FactTable<OutboxServiceFact> = {
  'outbox.not-published': {
    weight: 'major',
    sentence: (f) => `keeps order ${f.value}, and could not tell the broker`,
  },
  'outbox.rolled-back': {
    weight: 'minor',
    sentence: (f) => `rolls order ${f.value} back: the broker did not confirm its event`,
  },
  'outbox.resumed': {
    weight: 'minor',
    sentence: (f) => `finds ${plural(f.events, 'event')} in its outbox without a mark`,
  },
};

function start(ctx: Ctx): OutboxServiceState {
  const outbox = startOutbox(ctx.durable as OutboxDisk);
  const { publish, pollMs } = ctx.config;
  const state: OutboxServiceState = {
    config: Object.freeze({ publish, isPolled: pollMs > 0, rules: outboxRules(ctx.ablations) }),
    outbox,
    askers: new Map(),
    writing: new Map(),
    nextTicket: 1,
    target: { at: 0 },
    asked: new Map(),
    counts: { published: 0, again: 0, confirmed: 0 },
    tried: new Set(),
  };
  if (publish !== 'outbox') return state;
  const events = outbox.events.size;
  if (events > 0) ctx.tell<OutboxServiceFact>({ type: 'outbox.resumed', events });
  // One that is told of commits still has to look once: nobody tells it of those before.
  ctx.setTimer('poll', 0, ms(pollMs));
  return state;
}

function feed(state: OutboxServiceState, ctx: Ctx, input: OutboxInput): void {
  const effects: OutboxEffect[] = [];
  step(state.config, state.outbox, input, effects);
  for (const effect of effects) perform(state, ctx, effect);
}

function perform(state: OutboxServiceState, ctx: Ctx, effect: OutboxEffect): void {
  switch (effect.type) {
    case 'persist': {
      const ticket = state.nextTicket++;
      state.writing.set(ticket, effect.record);
      ctx.write(effect.record);
      return ctx.sync(ticket);
    }
    case 'publish':
      return publish(state, ctx, effect.row.seq, effect.row.message);
    case 'gap':
      return ctx.setTimer('gap', effect.seq, ms(ctx.config.gapMs));
    case 'retry':
      return ctx.setTimer('retry', effect.seq, ms(ctx.config.retryMs));
    case 'answer': {
      const call = askerOf(state, effect.value);
      if (call !== null) ctx.reply<QueueConfirmed>(call, { type: 'queue.confirmed' });
      return;
    }
    case 'refuse': {
      const call = askerOf(state, effect.value);
      if (call !== null) ctx.refuse(call, 'rolled-back');
      return ctx.tell<OutboxServiceFact>({ type: 'outbox.rolled-back', value: effect.value });
    }
    case 'not-published':
      return ctx.tell<OutboxServiceFact>({ type: 'outbox.not-published', value: effect.value });
  }
}

function askerOf({ askers }: OutboxServiceState, value: number): CallRef | null {
  const call = askers.get(value) ?? null;
  askers.delete(value);
  return call;
}

function publish(state: OutboxServiceState, ctx: Ctx, seq: number, message: QueuedMessage): void {
  const broker = brokerOf(state.target, ctx, 'broker');
  if (broker === undefined) return;
  if (state.target.at > 0) state.asked.set(seq, state.target.at);
  else state.asked.delete(seq);
  state.counts.published += 1;
  if (state.tried.has(seq)) state.counts.again += 1;
  state.tried.add(seq);
  const { queue: name, timeoutMs } = ctx.config;
  const request: QueuePublish = { type: 'queue.publish', queue: name, message };
  ctx.call<QueuePublish>(broker, request, { timeout: ms(timeoutMs), tag: seq });
}

function onOrder(
  state: OutboxServiceState,
  ctx: Ctx,
  message: QueuedMessage,
  call: CallRef | null,
): void {
  if (call !== null) state.askers.set(message.value, call);
  feed(state, ctx, { type: 'order', message });
}

function onTimer(state: OutboxServiceState, ctx: Ctx, kind: string, key: number): void {
  if (kind === 'gap') return feed(state, ctx, { type: 'gap', seq: key });
  if (kind === 'retry') return feed(state, ctx, { type: 'retry', seq: key });
  feed(state, ctx, { type: 'tick' });
  const { pollMs } = ctx.config;
  if (pollMs > 0) ctx.setTimer('poll', 0, ms(pollMs));
}

const RULES: readonly OutboxAblation[] = [
  'outbox.one-transaction',
  'outbox.mark-after-confirm',
  'outbox.key-order',
];

const cloned = ({ orders, events }: OutboxDisk): OutboxDisk => ({
  orders: new Map(orders),
  events: new Map(events),
});

export const outboxService = defineBehaviour<
  OutboxServiceState,
  OutboxServiceConfig,
  QueuePublish | QueuePost,
  OutboxServiceView,
  OutboxServiceFact,
  OutboxDisk,
  OutboxRecord
>({
  component: 'outbox-service',
  about: 'Keeps orders in its database, and tells a broker of each.',
  source: 'Richardson, Microservices Patterns, section 3.3: transactional messaging',
  leavesOut: [
    'The database as a node of its own: service and database end together.',
    'Several relays, and locks by which they would share the table.',
    'Rows of events that are marked and deleted later: they are deleted at once.',
  ],
  badge: 'OS',
  serves: [queue],
  links: {
    broker: { about: 'Whom it tells of orders: the first, or who leads.', contract: queue },
  },
  config: outboxServiceConfig,
  check: ({ queue: name }, { path, links }) =>
    checkQueueName(name, links.get('broker'), `${path}/config/queue`),
  // It hands over, and asks for nothing that a setting is about.
  usage: { uses: () => [] },
  facts,
  rules: RULES,
  ruleNeeds: [
    {
      rules: RULES,
      acts: ({ publish: how }) => how === 'outbox',
      hint: 'Write publish: outbox.',
    },
  ],
  roleNames: { service: 'Takes orders.' },
  durable: {
    empty: () => ({ orders: new Map(), events: new Map() }),
    apply: applyOutbox,
    save: cloned,
    restore: (image) => cloned(image as OutboxDisk),
  },
  start,
  on: {
    'queue.publish': (state, ctx, { message }, _from, call) => onOrder(state, ctx, message, call),
    'queue.post': (state, ctx, { message }) => onOrder(state, ctx, message, null),
  },
  onTimer,
  onSynced(state, ctx, ticket) {
    const record = state.writing.get(ticket);
    if (record === undefined) return;
    state.writing.delete(ticket);
    feed(state, ctx, { type: 'durable', record });
  },
  onResult(state, ctx, seq, result) {
    const isOk = result.outcome === 'ok';
    const asked = state.asked.get(seq) ?? 0;
    state.asked.delete(seq);
    if (isOk) state.counts.confirmed += 1;
    else turn(state.target, ctx, asked, result.error, 'broker');
    feed(state, ctx, { type: 'published', seq, isOk });
  },
  gauges: [
    {
      kind: 'level',
      title: 'Orders',
      about: 'Rows of orders on its disk.',
      of: ({ outbox }) => outbox.orders.size,
    },
    {
      kind: 'level',
      title: 'Outbox',
      about: 'Rows of events that the broker has not confirmed.',
      of: ({ outbox }) => outbox.events.size,
    },
    {
      kind: 'count',
      title: 'Published',
      about: 'Events that were handed to the broker, each time of them.',
      of: ({ counts }) => counts.published,
    },
    {
      kind: 'count',
      title: 'Published again',
      about: 'The same without the first time of each event since the process started.',
      of: ({ counts }) => counts.again,
    },
  ],
  roles: () => ['service'],
  plain: ({ target, asked, ...rest }) => ({
    ...rest,
    ...plainTarget(target),
    ...(asked.size > 0 ? { asked } : {}),
  }),
  view({ outbox, counts }) {
    const [orders, events] = [outbox.orders.size, outbox.events.size];
    return {
      component: 'outbox-service',
      orders,
      events,
      fields: [
        { label: 'Orders', value: orders },
        { label: 'Outbox', value: events },
        { label: 'Being handled', value: outbox.underWay.size },
        { label: 'Published', value: counts.published },
        { label: 'Confirmed', value: counts.confirmed },
      ],
    };
  },
});
