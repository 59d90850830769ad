/**
 * One input to a queue, and everything that follows from it.
 *
 * Invariants: effects are performed in the order of the queue; a dead letter is written to its new
 * queue before it is taken from the old one, so no crash loses it.
 */
import type { DeliveryDeliver } from '../../contracts/delivery.ts';
import type { QueueConfirmed, QueuePost } from '../../contracts/queue.ts';
import { micros, ms } from '../../kernel/time.ts';
import { isStored, nextExpiry, step } from '../../protocols/queue/index.ts';
import type { DeathReason, Held, QueueEffect, QueueInput } from '../../protocols/queue/index.ts';
import type { QueueBrokerFact } from './facts.ts';
import { deadLetterOf, gravesOf } from './exchanges.ts';
import { forget } from './forget.ts';
import { propose } from './replica.ts';
import type { ReplicaHost } from './replica.ts';
import { NOBODY } from './state.ts';
import type { Ctx, Hosted, QueueBrokerState, QueueRecord } from './state.ts';

export function feed(state: QueueBrokerState, ctx: Ctx, place: number, input: QueueInput): void {
  const { replica } = state.hosted[place] as Hosted;
  if (replica === null) apply(state, ctx, place, input, ctx.mono(), true);
  else propose(replicaHost, state, ctx, replica, input);
}

/** What a quorum queue asks of its broker. */
export const replicaHost: ReplicaHost = { apply, onLost, onAccepted, onOffice };

function apply(
  state: QueueBrokerState,
  ctx: Ctx,
  place: number,
  input: QueueInput,
  nowMicros: number,
  isTold: boolean,
): void {
  const hosted = state.hosted[place] as Hosted;
  const effects: QueueEffect[] = [];
  step(hosted.config, hosted.state, input, nowMicros, effects);
  if (!isTold) return;
  for (const effect of effects) perform(state, ctx, place, effect);
  armTick(hosted, ctx, place);
}

function onLost(state: QueueBrokerState, ctx: Ctx, publish: number): void {
  const call = state.publishes.get(publish);
  if (call === undefined) return;
  state.publishes.delete(publish);
  state.copies.delete(publish);
  ctx.refuse(call, 'lost-leadership');
}

/** Only where the rule is off: no other member has it yet. */
function onAccepted(state: QueueBrokerState, ctx: Ctx, place: number, publish: number): void {
  if (!(state.hosted[0] as Hosted).config.rules.confirmAfterMajority)
    answer(state, ctx, place, publish, true);
}

/** It has taken an office, or lost it. */
function onOffice(state: QueueBrokerState, ctx: Ctx, place: number): void {
  const hosted = state.hosted[place] as Hosted;
  const { replica, config, state: queue } = hosted;
  if (replica === null) return;
  const { name } = config;
  const { term } = replica.raft;
  if (replica.isInOffice) {
    const unacked = queue.unacked.size;
    ctx.tell<QueueBrokerFact>({ type: 'queue.leader', queue: name, term, unacked });
    const before = config.rules.returnOnFailover ? queue.channels.map(({ id }) => id) : [];
    for (const channel of before) feed(state, ctx, place, { type: 'close', channel });
    return armTick(hosted, ctx, place);
  }
  ctx.tell<QueueBrokerFact>({ type: 'queue.stepped-down', queue: name, term });
  for (const { id, queue: of } of [...state.channels.values()]) {
    if (of === place) forget(state, ctx, id, 'lost-leadership');
  }
  hosted.tickMicros = -1;
  ctx.cancelTimer('tick', place);
}

/** One timer for each queue: when the first message that is ready expires. */
function armTick(hosted: Hosted, ctx: Ctx, place: number): void {
  const due = nextExpiry(hosted.state);
  if (due === hosted.tickMicros) return;
  hosted.tickMicros = due;
  if (due < 0) ctx.cancelTimer('tick', place);
  else ctx.setTimer('tick', place, micros(Math.max(0, due - nowOf(hosted, ctx))));
}

/** Members of a quorum queue have only wall clocks in common. */
const nowOf = ({ replica }: Hosted, ctx: Ctx): number =>
  replica === null ? ctx.mono() : ctx.wall();

/** On the disk, if the queue keeps the message there. */
function write(state: QueueBrokerState, ctx: Ctx, place: number, held: Held, isThere: boolean) {
  const { config } = state.hosted[place] as Hosted;
  if (!isStored(config, held.message)) return;
  const record: QueueRecord = isThere
    ? { type: 'put', queue: place, held }
    : { type: 'take', queue: place, seq: held.seq };
  ctx.write(record);
}

function perform(state: QueueBrokerState, ctx: Ctx, place: number, effect: QueueEffect): void {
  const { counts } = state;
  switch (effect.type) {
    case 'store': {
      const ticket = state.nextTag++;
      state.tickets.set(ticket, { queue: place, seq: effect.held.seq });
      write(state, ctx, place, effect.held, true);
      return ctx.sync(ticket);
    }
    case 'confirm':
      counts.published += 1;
      return answer(state, ctx, place, effect.publish, true);
    case 'refuse':
      counts.refused += 1;
      return answer(state, ctx, place, effect.publish, false);
    case 'deliver':
      return deliver(state, ctx, effect.channel, effect.tag, effect.held);
    case 'returned':
      counts.returned += 1;
      return write(state, ctx, place, effect.held, true);
    case 'acked':
      counts.acked += 1;
      return write(state, ctx, place, effect.held, false);
    case 'dead':
      return bury(state, ctx, place, effect.held, effect.reason);
    case 'forgotten':
      return write(state, ctx, place, effect.held, false);
  }
}

/** What a queue says of a message; its producer hears of it once all that it goes to have. */
function answer(
  state: QueueBrokerState,
  ctx: Ctx,
  place: number,
  publish: number,
  isTaken: boolean,
): void {
  const call = state.publishes.get(publish);
  if (call === undefined) return;
  const copies = state.copies.get(publish);
  const answers = [...(copies?.answers.set(place, isTaken).values() ?? [isTaken])];
  const { rules } = (state.hosted[place] as Hosted).config;
  if (rules.confirmAllCopies && answers.length < (copies?.count ?? 1)) return;
  state.publishes.delete(publish);
  state.copies.delete(publish);
  if (!answers.includes(false)) ctx.reply<QueueConfirmed>(call, { type: 'queue.confirmed' });
  else ctx.refuse(call, answers.includes(true) ? 'partly-taken' : 'queue-full');
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

/** A queue that has it already, or that nobody leads, does not take it; with none it is lost. */
function bury(
  state: QueueBrokerState,
  ctx: Ctx,
  place: number,
  held: Held,
  reason: DeathReason,
): void {
  const { message, failures } = held;
  const { config } = state.hosted[place] as Hosted;
  const { value } = message;
  const about = { queue: config.name, value, reason, failures };
  const dead = deadLetterOf(state, ctx, place, message, reason);
  let isTaken = false;
  for (const [target, leader] of gravesOf(state, ctx, place, dead)) {
    isTaken = true;
    const { name } = (state.hosted[target] as Hosted).config;
    ctx.tell<QueueBrokerFact>({ type: 'queue.dead-lettered', to: name, ...about });
    if (leader === ctx.self) {
      feed(state, ctx, target, { type: 'publish', publish: NOBODY, message: dead });
    } else {
      // At most once: nobody here hears whether it has come there.
      ctx.send<QueuePost>(leader, { type: 'queue.post', queue: name, message: dead });
    }
  }
  state.counts[isTaken ? 'deadLettered' : 'dropped'] += 1;
  if (!isTaken) ctx.tell<QueueBrokerFact>({ type: 'queue.dropped', ...about });
  write(state, ctx, place, held, false);
}
