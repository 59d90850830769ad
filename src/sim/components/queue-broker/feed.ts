/**
 * One input to a queue, and everything that follows from it.
 *
 * Invariants: effects are performed in the order of the queue; a dead letter is written to its new
 * queue before it is taken from the old one, so no crash loses it.
 */
import type { DeliveryDeliver } from '../../contracts/delivery.ts';
import type { Death, QueueConfirmed, QueuedMessage } from '../../contracts/queue.ts';
import { micros, ms } from '../../kernel/time.ts';
import { nextExpiry, step } from '../../protocols/queue/index.ts';
import type { DeathReason, Held, QueueEffect, QueueInput } from '../../protocols/queue/index.ts';
import type { QueueBrokerFact } from './facts.ts';
import type { Ctx, Hosted, QueueBrokerState, QueueRecord } from './state.ts';

/** Nobody is to be told. */
export const NOBODY = -1;

export function feed(state: QueueBrokerState, ctx: Ctx, place: number, input: QueueInput): void {
  const hosted = state.hosted[place] as Hosted;
  const effects: QueueEffect[] = [];
  step(hosted.config, hosted.state, input, ctx.mono(), effects);
  for (const effect of effects) perform(state, ctx, place, effect);
  armTick(hosted, ctx, place);
}

/** One timer for each queue: when the first message that is ready expires. */
function armTick(hosted: Hosted, ctx: Ctx, place: number): void {
  const due = nextExpiry(hosted.state);
  if (due === hosted.tickMicros) return;
  hosted.tickMicros = due;
  if (due < 0) ctx.cancelTimer('tick', place);
  else ctx.setTimer('tick', place, micros(Math.max(0, due - ctx.mono())));
}

const write = (ctx: Ctx, record: QueueRecord): void => ctx.write(record);

function perform(state: QueueBrokerState, ctx: Ctx, place: number, effect: QueueEffect): void {
  const { counts } = state;
  switch (effect.type) {
    case 'store': {
      const ticket = state.nextTag++;
      state.tickets.set(ticket, { queue: place, seq: effect.held.seq });
      write(ctx, { type: 'put', queue: place, held: effect.held });
      return ctx.sync(ticket);
    }
    case 'confirm':
      counts.published += 1;
      return answer(state, ctx, effect.publish, true);
    case 'refuse':
      counts.refused += 1;
      return answer(state, ctx, effect.publish, false);
    case 'deliver':
      return deliver(state, ctx, effect.channel, effect.tag, effect.held);
    case 'returned':
      counts.returned += 1;
      return write(ctx, { type: 'put', queue: place, held: effect.held });
    case 'acked':
      counts.acked += 1;
      return write(ctx, { type: 'take', queue: place, seq: effect.held.seq });
    case 'dead':
      return bury(state, ctx, place, effect.held, effect.reason);
    case 'forgotten':
      return write(ctx, { type: 'take', queue: place, seq: effect.held.seq });
  }
}

function answer(state: QueueBrokerState, ctx: Ctx, publish: number, isTaken: boolean): void {
  const call = state.publishes.get(publish);
  if (call === undefined) return;
  state.publishes.delete(publish);
  if (isTaken) ctx.reply<QueueConfirmed>(call, { type: 'queue.confirmed' });
  else ctx.refuse(call, 'queue-full');
}

function deliver(state: QueueBrokerState, ctx: Ctx, id: number, tag: number, held: Held): void {
  const channel = state.channels.get(id);
  if (channel === undefined) return;
  const { message, isRedelivered, failures } = held;
  state.counts.delivered += 1;
  if (isRedelivered) state.counts.redelivered += 1;
  const asked = state.nextTag++;
  state.asked.set(asked, { channel: id, tag });
  const call = ctx.call<DeliveryDeliver>(
    channel.consumer,
    { type: 'delivery.deliver', channel: id, tag, message, isRedelivered, failures },
    { timeout: ms(ctx.config.consumerTimeoutMs), tag: asked, tryNumber: failures + 1 },
  );
  channel.calls.set(tag, [asked, call]);
}

function bury(
  state: QueueBrokerState,
  ctx: Ctx,
  place: number,
  { seq, message, failures }: Held,
  reason: DeathReason,
): void {
  const { config, deadLetters } = state.hosted[place] as Hosted;
  const { value } = message;
  const target = state.hosted[deadLetters];
  const about = { queue: config.name, value, reason, failures };
  const dead = withDeath(message, config.name, reason);
  const isMoved = target !== undefined && mayEnter(target, dead);
  if (isMoved) {
    state.counts.deadLettered += 1;
    const to = target.config.name;
    ctx.tell<QueueBrokerFact>({ type: 'queue.dead-lettered', to, ...about });
    feed(state, ctx, deadLetters, { type: 'publish', publish: NOBODY, message: dead });
  } else {
    state.counts.dropped += 1;
    ctx.tell<QueueBrokerFact>({ type: 'queue.dropped', ...about });
  }
  write(ctx, { type: 'take', queue: place, seq });
}

/** A cycle of queues that nobody rejected it in would never end: the message is dropped. */
function mayEnter({ config }: Hosted, { deaths }: QueuedMessage): boolean {
  const isBack = deaths.some(({ queue }) => queue === config.name);
  return !isBack || deaths.some(({ reason }) => reason === 'rejected');
}

function withDeath(message: QueuedMessage, queue: string, reason: DeathReason): QueuedMessage {
  const { deaths } = message;
  const isSame = (one: Death): boolean => one.queue === queue && one.reason === reason;
  const before = deaths.find(isSame)?.count ?? 0;
  const death: Death = Object.freeze({ queue, reason, count: before + 1 });
  const all = Object.freeze([...deaths.filter((one) => !isSame(one)), death]);
  return Object.freeze({ ...message, ttlMicros: 0, deaths: all });
}
