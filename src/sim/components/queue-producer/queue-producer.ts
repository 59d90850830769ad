/**
 * A producer of messages: each comes at its own time, is handed to a queue, and, unless it does not
 * ask for that, confirmed.
 *
 * Invariant: each message ends once: confirmed, surely not taken, or nobody knows. Its value is the
 * number of its operation in the history, which no other message of the run has.
 */
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import { queue } from '../../contracts/queue.ts';
import type { QueuedMessage, QueuePost, QueuePublish } from '../../contracts/queue.ts';
import { changesNothing } from '../../contracts/needs.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type {
  CallError,
  CallResult,
  Context,
  GroupSettings,
  NodeIndex,
} from '../../node/behaviour.ts';
import type { View } from '../../node/behaviour.ts';
import { checkArrivalWords } from '../../traffic/arrivals-schema.ts';
import { armArrival, drawKey, keyName, startLoad } from '../../traffic/open-load.ts';
import type { OpenLoad } from '../../traffic/open-load.ts';
import { checkName, checkQueueName, queuesOf } from '../../traffic/queue-names.ts';
import { brokerOf, plainTarget, turn } from '../../traffic/queue-target.ts';
import type { QueueTarget } from '../../traffic/queue-target.ts';
import { queueProducerConfig } from './config.ts';
import type { QueueProducerConfig } from './config.ts';

type Ctx = Context<QueueProducerConfig>;

interface Open {
  readonly message: QueuedMessage;
  readonly sinceMicros: number;
  tries: number;
  /** Who was asked last, by place. */
  at: number;
  /** A try may have been taken: whatever comes after it, it is not surely out. */
  isDoubtful: boolean;
}

export interface QueueProducerState {
  readonly target: QueueTarget;
  readonly load: OpenLoad;
  /** Messages that are not confirmed yet, by value. */
  readonly open: Map<number, Open>;
  readonly counts: {
    messages: number;
    poison: number;
    ok: number;
    fail: number;
    unknown: number;
    retries: number;
  };
}

export interface QueueProducerView extends View {
  readonly component: 'queue-producer';
  readonly open: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
}

function start(ctx: Ctx): QueueProducerState {
  const { arrivals, popularity, startMs } = ctx.config;
  const state: QueueProducerState = {
    load: startLoad(arrivals, popularity, ctx.stream('arrivals')),
    target: { at: 0 },
    open: new Map(),
    counts: { messages: 0, poison: 0, ok: 0, fail: 0, unknown: 0, retries: 0 },
  };
  state.load.nextArrivalMicros = Math.max(ctx.mono(), ms(startMs));
  armArrival(state.load, arrivals, ctx);
  return state;
}

/** Whether more will come. */
function come(state: QueueProducerState, ctx: Ctx): boolean {
  const { config } = ctx;
  const { counts } = state;
  if (config.stopMs > 0 && ctx.mono() >= ms(config.stopMs)) return false;
  counts.messages += 1;
  const { poisonEvery, poisonMax } = config;
  const isPoison =
    poisonEvery > 0 &&
    counts.messages % poisonEvery === 0 &&
    (poisonMax === 0 || counts.poison < poisonMax);
  if (isPoison) counts.poison += 1;
  const value = ctx.unique();
  const message: QueuedMessage = Object.freeze({
    value,
    seed: ctx.draws('messages')(),
    isPoison,
    group: config.hasGroups ? keyName(drawKey(state.load, ctx)) : '',
    publishedMicros: ctx.wall(),
    ttlMicros: ms(config.messageTtlMs),
    deaths: NO_DEATHS,
    ...(config.deliveryMode === 'transient' ? { isTransient: true } : {}),
    ...(config.exchange === '' ? {} : { routingKey: keyOf(config.routingKeys, counts.messages) }),
  });
  ctx.tell<ClientFact>({
    type: 'client.invoked',
    op: value,
    client: ctx.id,
    f: 'enqueue',
    ...(message.group === '' ? {} : { key: message.group }),
    input: value,
  });
  state.open.set(value, { message, sinceMicros: ctx.mono(), tries: 0, at: 0, isDoubtful: false });
  publish(state, ctx, value);
  return config.messagesMax === 0 || counts.messages < config.messagesMax;
}

/** In turn, from the first. */
const keyOf = (keys: readonly string[], messages: number): string =>
  keys[(messages - 1) % keys.length] ?? '';

const NO_DEATHS: QueuedMessage['deaths'] = Object.freeze([]);
/** Who asks for no answer takes what is sent for safe. */
const SENT: CallResult = Object.freeze({
  outcome: 'ok',
  value: Object.freeze({ type: 'queue.confirmed' }),
});

function publish(state: QueueProducerState, ctx: Ctx, value: number): void {
  const open = state.open.get(value);
  const to = brokerOf(state.target, ctx);
  if (open === undefined || to === undefined) return;
  const { message } = open;
  const { queue: name, exchange, mandatory, publisherConfirms, confirmTimeoutMs } = ctx.config;
  const where = exchange === '' ? { queue: name } : { queue: '', exchange };
  if (!publisherConfirms) {
    ctx.send<QueuePost>(to, { type: 'queue.post', ...where, message });
    return end(state, ctx, value, SENT);
  }
  open.tries += 1;
  open.at = state.target.at;
  ctx.call<QueuePublish>(
    to,
    { type: 'queue.publish', ...where, message, ...(mandatory ? { isMandatory: true } : {}) },
    { timeout: ms(confirmTimeoutMs), tag: value, tryNumber: open.tries },
  );
}

function isElsewhere(
  { target }: QueueProducerState,
  ctx: Ctx,
  { at }: Open,
  error: CallError,
): boolean {
  if (turn(target, ctx, at, error)) return true;
  // Another message was told before, and this one was on its way.
  return error.code === 'not-leader' && target.at !== at && isNamed(error);
}

/** The refusal says who leads. */
const isNamed = ({ detail }: CallError): boolean =>
  (detail as { readonly leader: NodeIndex | null }).leader !== null;

function onResult(state: QueueProducerState, ctx: Ctx, value: number, result: CallResult): void {
  const open = state.open.get(value);
  if (open === undefined) return;
  if (result.outcome === 'unknown') open.isDoubtful = true;
  if (result.outcome !== 'ok' && isElsewhere(state, ctx, open, result.error)) {
    // Whom it was sent to first did nothing with it: no try of its own.
    open.tries -= 1;
    return publish(state, ctx, value);
  }
  if (result.outcome === 'ok' || open.tries > ctx.config.retries) {
    return end(state, ctx, value, result);
  }
  state.counts.retries += 1;
  ctx.setTimer('retry', value, ms(ctx.config.retryMs));
}

function end(state: QueueProducerState, ctx: Ctx, value: number, result: CallResult): void {
  const open = state.open.get(value);
  if (open === undefined) return;
  state.open.delete(value);
  const isDoubtful = result.outcome === 'fail' && open.isDoubtful;
  const outcome = isDoubtful ? 'unknown' : result.outcome;
  state.counts[outcome] += 1;
  ctx.tell<ClientFact>({
    type: 'client.completed',
    op: value,
    client: ctx.id,
    f: 'enqueue',
    outcome,
    output: null,
    ...(result.outcome === 'ok' ? {} : { error: result.error.code }),
    retries: Math.max(0, open.tries - 1),
    latencyMicros: ctx.mono() - open.sinceMicros,
  });
}

function checkWhere(config: QueueProducerConfig, { path, links, given }: GroupSettings): void {
  const { queue: name, exchange } = config;
  const broker = links.get('queue');
  checkQueueName(name, broker, `${path}/config/queue`);
  const idle = ['routingKeys', 'mandatory'].find((at) => given[at] !== undefined);
  if (exchange === '') {
    if (idle === undefined) return;
    const hint = 'Name an exchange, or leave it out.';
    throw changesNothing(idle, 'it publishes to no exchange', `${path}/config/${idle}`, hint);
  }
  if (broker === undefined) return;
  const known = queuesOf(broker)?.exchanges ?? [];
  checkName('exchange', exchange, known, broker, `${path}/config/exchange`);
  if (given['routingKeys'] === undefined) return;
  if (known.find((one) => one.name === exchange)?.type !== 'fanout') return;
  const why = `${exchange} is a fanout exchange, which reads none`;
  throw changesNothing('routingKeys', why, `${path}/config/routingKeys`, 'Leave it out.');
}

function check(config: QueueProducerConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  checkArrivalWords(config.arrivals, `${path}/arrivals`);
  checkWhere(config, group);
  if (config.stopMs > 0 && config.stopMs <= config.startMs) {
    throw new ScenarioError('The load ends before it begins: nothing would be published.', {
      path: `${path}/stopMs`,
      hint: `startMs is ${config.startMs}.`,
    });
  }
}

export const queueProducer = defineBehaviour<
  QueueProducerState,
  QueueProducerConfig,
  never,
  QueueProducerView,
  ClientFact
>({
  component: 'queue-producer',
  about: 'Hands messages to a queue in an open loop, and keeps count of what is confirmed.',
  source: 'RabbitMQ, Publisher Confirms; Amazon SQS, SendMessage',
  leavesOut: ['Batches of messages, and confirms of several at once.'],
  badge: 'QP',
  serves: [],
  links: {
    queue: { about: 'Whom it hands messages to: the first, or who leads.', contract: queue },
  },
  config: queueProducerConfig,
  check,
  operations: ['enqueue'],
  usage: {
    uses: ({ exchange }) => [{ role: 'queue', what: `exchange ${exchange}` }],
  },
  facts: CLIENT_FACTS,
  roleNames: { producer: 'Publishes.' },
  start,
  on: {},
  onTimer(state, ctx, kind, key) {
    if (kind === 'retry') return publish(state, ctx, key);
    if (come(state, ctx)) armArrival(state.load, ctx.config.arrivals, ctx);
  },
  onResult,
  gauges: [
    {
      kind: 'level',
      title: 'Unconfirmed',
      about: 'Messages that nobody has confirmed yet.',
      of: ({ open }) => open.size,
    },
    {
      kind: 'count',
      title: 'Confirmed',
      about: 'Messages that the queue has confirmed.',
      of: ({ counts }) => counts.ok,
    },
    {
      kind: 'count',
      title: 'Published again',
      about: 'Tries after the first.',
      of: ({ counts }) => counts.retries,
    },
  ],
  roles: () => ['producer'],
  plain({ load, target, open, ...rest }) {
    const { keys: _large, ...draws } = load;
    const plainOpen = ({ at, ...one }: Open): unknown => (at === 0 ? one : { ...one, at });
    return {
      ...rest,
      ...plainTarget(target),
      open: new Map([...open].map(([value, one]) => [value, plainOpen(one)])),
      load: draws,
    };
  },
  view: ({ open, counts }) => ({
    component: 'queue-producer',
    open: open.size,
    ok: counts.ok,
    fail: counts.fail,
    unknown: counts.unknown,
    fields: [
      { label: 'Unconfirmed', value: open.size },
      { label: 'Confirmed', value: counts.ok },
      { label: 'Refused', value: counts.fail },
      { label: 'Unknown', value: counts.unknown },
      { label: 'Published again', value: counts.retries },
    ],
  }),
});
