/** The channels of consumers: opened, kept alive, and closed with all that they held. */
import type {
  DeliveryAlive,
  DeliveryConsume,
  DeliveryConsuming,
  DeliveryHeartbeat,
  DeliverySettled,
} from '../../contracts/delivery.ts';
import { micros } from '../../kernel/time.ts';
import type { CallRef, CallResult, NodeIndex } from '../../node/behaviour.ts';
import { placeOf } from './exchanges.ts';
import { feed } from './feed.ts';
import { forget } from './forget.ts';
import { isLedHere, refuseElsewhere } from './leading.ts';
import type { Ctx, Hosted, QueueBrokerState } from './state.ts';

/** What a consumer of a quorum queue holds at most: RabbitMQ, Quorum Queues, prefetch. */
const PREFETCH_MAX = 2_000;

export function open(
  state: QueueBrokerState,
  ctx: Ctx,
  { channel: id, queue, prefetch, heartbeatMicros }: DeliveryConsume,
  consumer: NodeIndex,
  call: CallRef,
): void {
  const place = placeOf(state, queue);
  if (place < 0) return ctx.refuse(call, 'no-such-queue');
  if (!isLedHere(state, ctx, place)) return refuseElsewhere(state, ctx, place, call);
  ctx.reply<DeliveryConsuming>(call, { type: 'delivery.consuming' });
  if (state.channels.has(id)) return;
  const { isReplicated } = (state.hosted[place] as Hosted).config;
  const most = isReplicated ? Math.min(prefetch || PREFETCH_MAX, PREFETCH_MAX) : prefetch;
  const calls = new Map();
  state.channels.set(id, { id, consumer, queue: place, heartbeatMicros, beat: null, calls });
  ctx.setTimer('silent', id, micros(heartbeatMicros));
  feed(state, ctx, place, { type: 'open', channel: id, prefetch: most });
}

export function onHeartbeat(
  state: QueueBrokerState,
  ctx: Ctx,
  { channel: id }: DeliveryHeartbeat,
  call: CallRef,
): void {
  const channel = state.channels.get(id);
  if (channel === undefined) return ctx.refuse(call, 'no-such-channel');
  channel.beat = call;
  ctx.setTimer('silent', id, micros(channel.heartbeatMicros));
  ctx.setTimer('beat', id, micros(Math.floor(channel.heartbeatMicros / 2)));
}

export function answerBeat(state: QueueBrokerState, ctx: Ctx, id: number): void {
  const channel = state.channels.get(id);
  if (channel === undefined || channel.beat === null) return;
  ctx.reply<DeliveryAlive>(channel.beat, { type: 'delivery.alive' });
  channel.beat = null;
}

/** What became of a delivery. */
export function onSettled(
  state: QueueBrokerState,
  ctx: Ctx,
  asked: number,
  result: CallResult,
): void {
  const about = state.asked.get(asked);
  if (about === undefined) return;
  state.asked.delete(asked);
  const channel = state.channels.get(about.channel);
  if (channel === undefined) return;
  channel.calls.delete(about.tag);
  if (result.outcome !== 'ok') return close(state, ctx, about.channel, result.error.code);
  const { verdict } = result.value as DeliverySettled;
  feed(state, ctx, channel.queue, { type: 'settle', tag: about.tag, verdict });
}

export function close(state: QueueBrokerState, ctx: Ctx, id: number, why: string): void {
  const channel = state.channels.get(id);
  if (channel === undefined) return;
  forget(state, ctx, id, why);
  feed(state, ctx, channel.queue, { type: 'close', channel: id });
}
