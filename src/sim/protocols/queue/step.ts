/**
 * A queue with competing consumers, as one pure step.
 *
 * Invariants: each message that was accepted is in exactly one place (being written, ready, held by
 * one channel) until it is acknowledged or dead; ready messages are handed out in the order of
 * their places; a channel holds at most its prefetch count; channels take turns.
 *
 * Source: RabbitMQ: Consumer Acknowledgements and Publisher Confirms; Consumer Prefetch; Quorum
 * Queues (delivery limit); Dead Letter Exchanges; Queue Length Limit; Time-to-Live.
 */
import type { Channel, DeathReason, Held, QueueConfig, QueueEffect } from './state.ts';
import { firstReady, isStored, readyCount, takeFirst } from './state.ts';
import type { QueueInput, QueueState, Verdict } from './state.ts';

export function step(
  config: QueueConfig,
  state: QueueState,
  input: QueueInput,
  nowMicros: number,
  effects: QueueEffect[],
): void {
  switch (input.type) {
    case 'publish':
      publish(config, state, input, nowMicros, effects);
      break;
    case 'stored':
      stored(config, state, input.seq, effects);
      break;
    case 'open': {
      const { channel: id, prefetch } = input;
      const limit = config.rules.prefetch ? prefetch : 0;
      state.channels.push({ id, prefetch: limit, unacked: 0 });
      break;
    }
    case 'close':
      close(config, state, input.channel, effects);
      break;
    case 'settle':
      settle(config, state, input.tag, input.verdict, effects);
      break;
    case 'tick':
  }
  expire(state, nowMicros, effects);
  hand(state, effects);
}

/** When the first message that is ready expires; -1: never. */
export const nextExpiry = (state: QueueState): number => firstReady(state)?.expiresMicros ?? -1;

function publish(
  config: QueueConfig,
  state: QueueState,
  { publish: asker, message }: Extract<QueueInput, { readonly type: 'publish' }>,
  nowMicros: number,
  effects: QueueEffect[],
): void {
  const isFull = config.maxLength > 0 && readyCount(state) + state.pending.size >= config.maxLength;
  if (isFull && config.overflow === 'reject-publish') {
    effects.push({ type: 'refuse', publish: asker });
    return;
  }
  const held: Held = Object.freeze({
    seq: state.nextSeq++,
    message,
    failures: 0,
    isRedelivered: false,
    expiresMicros: expiryOf(config, message.ttlMicros, nowMicros),
  });
  const mustBeStored = isStored(config, message);
  if (mustBeStored) effects.push({ type: 'store', held });
  state.pending.set(held.seq, { held, publish: asker });
  if (!mustBeStored || !config.rules.confirmAfterSync) stored(config, state, held.seq, effects);
}

/** The shorter of its own time and that of its queue. */
function expiryOf({ messageTtlMicros }: QueueConfig, own: number, nowMicros: number): number {
  if (own === 0 && messageTtlMicros === 0) return -1;
  return nowMicros + Math.min(own || Infinity, messageTtlMicros || Infinity);
}

function stored(config: QueueConfig, state: QueueState, seq: number, effects: QueueEffect[]): void {
  const pending = state.pending.get(seq);
  if (pending === undefined) return;
  state.pending.delete(seq);
  state.ready.push(pending.held);
  effects.push({ type: 'confirm', publish: pending.publish });
  shorten(config, state, effects);
}

/** Over its length the queue loses the messages that have waited longest. */
function shorten(config: QueueConfig, state: QueueState, effects: QueueEffect[]): void {
  if (config.maxLength === 0 || config.overflow !== 'drop-head') return;
  // Who could be handed one takes it first: only what waits counts.
  hand(state, effects);
  while (readyCount(state) > config.maxLength) bury(takeFirst(state), 'maxlen', effects);
}

function bury(held: Held | undefined, reason: DeathReason, effects: QueueEffect[]): void {
  if (held !== undefined) effects.push({ type: 'dead', held, reason });
}

function close(
  config: QueueConfig,
  state: QueueState,
  channel: number,
  effects: QueueEffect[],
): void {
  const at = state.channels.findIndex(({ id }) => id === channel);
  if (at < 0) return;
  state.channels.splice(at, 1);
  if (at < state.turn) state.turn -= 1;
  // Tags rise in the order of deliveries, so what comes back does so in order.
  for (const [tag, delivered] of [...state.unacked]) {
    if (delivered.channel !== channel) continue;
    state.unacked.delete(tag);
    if (config.rules.requeueOnLoss) putBack(config, state, delivered.held, effects);
    else effects.push({ type: 'forgotten', held: delivered.held });
  }
  shorten(config, state, effects);
}

function settle(
  config: QueueConfig,
  state: QueueState,
  tag: number,
  verdict: Verdict,
  effects: QueueEffect[],
): void {
  const delivered = state.unacked.get(tag);
  if (delivered === undefined) return;
  state.unacked.delete(tag);
  const { held } = delivered;
  const holder = state.channels.find(({ id }) => id === delivered.channel);
  if (holder !== undefined) holder.unacked -= 1;
  if (verdict === 'ack') effects.push({ type: 'acked', held });
  else if (verdict === 'reject') bury(held, 'rejected', effects);
  else {
    putBack(config, state, held, effects);
    shorten(config, state, effects);
  }
}

/** A delivery has failed: back to its place, or, once too often, out of the queue. */
function putBack(
  config: QueueConfig,
  state: QueueState,
  before: Held,
  effects: QueueEffect[],
): void {
  const held = Object.freeze({ ...before, failures: before.failures + 1, isRedelivered: true });
  const { deliveryLimit, returnsToBack, rules } = config;
  if (rules.deliveryLimit && deliveryLimit >= 0 && held.failures > deliveryLimit) {
    return bury(held, 'delivery-limit', effects);
  }
  effects.push({ type: 'returned', held });
  if (returnsToBack || !rules.originalPlace) {
    state.ready.push(held);
    return;
  }
  const { returned } = state;
  let at = returned.length;
  while (at > 0 && (returned[at - 1] as Held).seq > held.seq) at -= 1;
  returned.splice(at, 0, held);
}

/** Only the first may have expired: a queue's messages expire at its head. */
function expire(state: QueueState, nowMicros: number, effects: QueueEffect[]): void {
  for (;;) {
    const first = firstReady(state);
    if (first === undefined || first.expiresMicros < 0 || first.expiresMicros > nowMicros) return;
    bury(takeFirst(state), 'expired', effects);
  }
}

const hasRoom = ({ prefetch, unacked }: Channel): boolean => prefetch === 0 || unacked < prefetch;

/** To each in turn that has room. */
function hand(state: QueueState, effects: QueueEffect[]): void {
  const { channels } = state;
  while (readyCount(state) > 0) {
    let tries = 0;
    while (tries < channels.length && !hasRoom(channelAt(state, tries))) tries += 1;
    if (tries === channels.length) return;
    const channel = channelAt(state, tries);
    state.turn = (state.turn + tries + 1) % channels.length;
    const held = takeFirst(state) as Held;
    const tag = state.nextTag++;
    channel.unacked += 1;
    state.unacked.set(tag, { held, channel: channel.id });
    effects.push({ type: 'deliver', channel: channel.id, tag, held });
  }
}

const channelAt = ({ channels, turn }: QueueState, offset: number): Channel =>
  channels[(turn + offset) % channels.length] as Channel;
