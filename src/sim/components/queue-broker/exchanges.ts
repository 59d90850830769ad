/** Where messages go: those of producers, and those that leave a queue unworked. */
import type { Death, QueuedMessage, QueuePost, QueuePublish } from '../../contracts/queue.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import { routed } from '../../protocols/queue/index.ts';
import type { DeathReason } from '../../protocols/queue/index.ts';
import { leaderOf } from './leading.ts';
import type { Ctx, Hosted, QueueBrokerState } from './state.ts';

/** The queue of that name; the first for none. -1: there is none. */
export function placeOf({ hosted }: QueueBrokerState, name: string): number {
  return name === '' ? 0 : hosted.findIndex(({ config }) => config.name === name);
}

type NotThere = 'no-such-queue' | 'no-such-exchange';

/** The queues that a message goes to, by place, or what is not there. */
export function placesOf(
  state: QueueBrokerState,
  ctx: Ctx,
  { exchange, queue, message }: QueuePublish | QueuePost,
): readonly number[] | NotThere {
  if (exchange === undefined) {
    const place = placeOf(state, queue);
    return place < 0 ? 'no-such-queue' : [place];
  }
  return throughExchange(state, ctx, exchange, message) ?? 'no-such-exchange';
}

function throughExchange(
  { exchanges }: QueueBrokerState,
  ctx: Ctx,
  name: string,
  { routingKey = '' }: QueuedMessage,
): readonly number[] | undefined {
  const exchange = exchanges.find((one) => one.name === name);
  return exchange === undefined ? undefined : routed(exchange, routingKey, ctx.mono());
}

/** Those that take a dead letter, and who leads each. */
export function gravesOf(
  state: QueueBrokerState,
  ctx: Ctx,
  place: number,
  dead: QueuedMessage,
): readonly (readonly [place: number, leader: NodeIndex])[] {
  const { deadLetters } = state.hosted[place] as Hosted;
  const name = ctx.config.queues[place]?.deadLetterExchange ?? '';
  const places = throughExchange(state, ctx, name, dead) ?? (deadLetters < 0 ? [] : [deadLetters]);
  return places.flatMap((target) => {
    const leader = leaderOf(state, ctx, target);
    const isOpen = mayEnter(state.hosted[target] as Hosted, dead);
    return leader === null || !isOpen ? [] : [[target, leader] as const];
  });
}

/** A cycle of queues that nobody rejected it in would never end: the message is dropped. */
function mayEnter({ config }: Hosted, { deaths }: QueuedMessage): boolean {
  const isBack = deaths.some(({ queue }) => queue === config.name);
  return !isBack || deaths.some(({ reason }) => reason === 'rejected');
}

/** With the reason written on it, and the key under which it goes on. */
export function deadLetterOf(
  { hosted }: QueueBrokerState,
  ctx: Ctx,
  place: number,
  { routingKey, ...message }: QueuedMessage,
  reason: DeathReason,
): QueuedMessage {
  const { name: queue } = (hosted[place] as Hosted).config;
  const { deadLetterExchange = '', deadLetterRoutingKey = '' } = ctx.config.queues[place] ?? {};
  const { deaths } = message;
  const isSame = (one: Death): boolean => one.queue === queue && one.reason === reason;
  const before = deaths.find(isSame)?.count ?? 0;
  const death: Death = Object.freeze({ queue, reason, count: before + 1 });
  const all = Object.freeze([...deaths.filter((one) => !isSame(one)), death]);
  const key = deadLetterRoutingKey === '' ? (routingKey ?? queue) : deadLetterRoutingKey;
  const keyed = deadLetterExchange === '' ? {} : { routingKey: key };
  return Object.freeze({ ...message, ttlMicros: 0, deaths: all, ...keyed });
}
