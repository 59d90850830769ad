/**
 * One input to a queue, and everything that follows from it.
 *
 * Invariants: effects are performed in the order of the queue; a dead letter is written to its new
 * queue before it is taken from the old one, so no crash loses it.
 */
import type { DeliveryDeliver } from '../../contracts/delivery.ts';
import type { Death, QueueConfirmed, QueuedMessage, QueuePost } from '../../contracts/queue.ts';
import { micros, ms } from '../../kernel/time.ts';
import { isStored, nextExpiry, step } from '../../protocols/queue/index.ts';
import type { DeathReason, Held, QueueEffect, QueueInput } from '../../protocols/queue/index.ts';
import type { QueueBrokerFact } from './facts.ts';
import { forget } from './forget.ts';
import { leaderOf } from './leading.ts';
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
  ctx.refuse(call, 'lost-leadership');
}

/** Only where the rule is off: no other member has it yet. */
function onAccepted(state: QueueBrokerState, ctx: Ctx, publish: number): void {
  if (!(state.hosted[0] as Hosted).config.rules.confirmAfterMajority)
    answer(state, ctx, publish, true);
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
      return answer(state, ctx, effect.publish, true);
    case 'refuse':
      counts.refused += 1;
      return answer(state, ctx, effect.publish, false);
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
  held: Held,
  reason: DeathReason,
): void {
  const { message, failures } = held;
  const { config, deadLetters } = state.hosted[place] as Hosted;
  const { value } = message;
  const target = state.hosted[deadLetters];
  const about = { queue: config.name, value, reason, failures };
  const dead = withDeath(message, config.name, reason);
  const to = target === undefined ? null : leaderOf(state, ctx, deadLetters);
  if (target !== undefined && to !== null && mayEnter(target, dead)) {
    state.counts.deadLettered += 1;
    ctx.tell<QueueBrokerFact>({ type: 'queue.dead-lettered', to: target.config.name, ...about });
    if (to === ctx.self) {
      feed(state, ctx, deadLetters, { type: 'publish', publish: NOBODY, message: dead });
    } else {
      // At most once: nobody here hears whether it has come there.
      ctx.send<QueuePost>(to, { type: 'queue.post', queue: target.config.name, message: dead });
    }
  } else {
    state.counts.dropped += 1;
    ctx.tell<QueueBrokerFact>({ type: 'queue.dropped', ...about });
  }
  write(state, ctx, place, held, false);
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
