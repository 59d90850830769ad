/**
 * A consumer to which a broker hands messages: it holds some, works on a few, and settles each.
 *
 * Invariants: it settles a message after the work on it (unless it acknowledges automatically), and
 * once; what it held on a channel that is over it does not begin.
 *
 * Source: AMQP 0-9-1, class basic; RabbitMQ, Consumers
 */
import { delivery } from '../../contracts/delivery.ts';
import type {
  DeliveryConsume,
  DeliveryDeliver,
  DeliveryHeartbeat,
  DeliverySettled,
} from '../../contracts/delivery.ts';
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact, FactTable } from '../../contracts/facts.ts';
import type { QueuedMessage } from '../../contracts/queue.ts';
import { changesNothing } from '../../contracts/needs.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, Context, GroupSettings, View } from '../../node/behaviour.ts';
import { checkDistribution } from '../../policies/distribution-schema.ts';
import { checkQueueName } from '../../traffic/queue-names.ts';
import { brokerOf, plainTarget, turn } from '../../traffic/queue-target.ts';
import type { QueueTarget } from '../../traffic/queue-target.ts';
import { beginWork, endWork } from '../../traffic/queue-work.ts';
import { queueConsumerConfig } from './config.ts';
import type { QueueConsumerConfig } from './config.ts';

type Ctx = Context<QueueConsumerConfig>;

interface Job {
  readonly message: QueuedMessage;
  /** Null: it is settled already. */
  readonly call: CallRef | null;
  /** Of the history; 0: not begun. */
  op: number;
}

export interface QueueConsumerState {
  readonly target: QueueTarget;
  /** 0: none. */
  channel: number;
  /** The broker has said so. */
  isOpen: boolean;
  /** Jobs by number, in the order in which they came; those that work first. */
  readonly jobs: Map<number, Job>;
  nextJob: number;
  working: number;
  readonly counts: { done: number; failed: number; again: number; channels: number };
}

export interface QueueConsumerView extends View {
  readonly component: 'queue-consumer';
  readonly isConnected: boolean;
  readonly working: number;
  readonly waiting: number;
  readonly done: number;
  readonly failed: number;
}

export interface QueueConsumerFact {
  readonly type: 'queue.disconnected';
  readonly code: string;
}

const facts: FactTable<ClientFact | QueueConsumerFact> = {
  ...CLIENT_FACTS,
  'queue.disconnected': {
    weight: 'minor',
    sentence: (f) => `has lost its channel (${f.code})`,
  },
};

/** Tags of its calls: which channel they are about, and what was asked. */
const tagOf = (channel: number, isHeartbeat: boolean): number =>
  channel * 2 + (isHeartbeat ? 1 : 0);

function connect(state: QueueConsumerState, ctx: Ctx): void {
  const broker = brokerOf(state.target, ctx);
  if (broker === undefined) return;
  const { queue, prefetch, autoAck, heartbeatMs } = ctx.config;
  state.channel = ctx.unique();
  state.isOpen = false;
  state.counts.channels += 1;
  ctx.call<DeliveryConsume>(
    broker,
    {
      type: 'delivery.consume',
      channel: state.channel,
      queue,
      prefetch: autoAck ? 0 : prefetch,
      heartbeatMicros: ms(heartbeatMs),
    },
    { timeout: ms(heartbeatMs), tag: tagOf(state.channel, false) },
  );
}

function beat(state: QueueConsumerState, ctx: Ctx): void {
  const broker = brokerOf(state.target, ctx);
  if (broker === undefined) return;
  const { channel } = state;
  const options = { timeout: ms(ctx.config.heartbeatMs), tag: tagOf(channel, true) };
  ctx.call<DeliveryHeartbeat>(broker, { type: 'delivery.heartbeat', channel }, options);
}

function onResult(state: QueueConsumerState, ctx: Ctx, tag: number, result: CallResult): void {
  if (tag >> 1 !== state.channel) return;
  if (result.outcome === 'ok') {
    state.isOpen = true;
    return beat(state, ctx);
  }
  state.channel = 0;
  state.isOpen = false;
  // The broker hands out again what was settled by nobody: to begin it here would do it twice.
  for (const [id, job] of [...state.jobs]) {
    if (job.op === 0 && job.call !== null) state.jobs.delete(id);
  }
  const { error } = result;
  if (turn(state.target, ctx, state.target.at, error)) return connect(state, ctx);
  ctx.tell<QueueConsumerFact>({ type: 'queue.disconnected', code: error.code });
  ctx.setTimer('connect', 0, ms(ctx.config.reconnectMs));
}

function onDeliver(
  state: QueueConsumerState,
  ctx: Ctx,
  { channel, message, isRedelivered }: DeliveryDeliver,
  call: CallRef,
): void {
  if (channel !== state.channel) return ctx.refuse(call, 'no-such-channel');
  const { autoAck } = ctx.config;
  if (isRedelivered) state.counts.again += 1;
  state.jobs.set(state.nextJob++, { message, call: autoAck ? null : call, op: 0 });
  if (autoAck) ctx.reply<DeliverySettled>(call, { type: 'delivery.settled', verdict: 'ack' });
  begin(state, ctx);
}

function begin(state: QueueConsumerState, ctx: Ctx): void {
  if (state.working === ctx.config.concurrency) return;
  for (const [id, job] of state.jobs) {
    if (job.op !== 0) continue;
    job.op = beginWork(ctx, ctx.config.work, job.message, id);
    state.working += 1;
    if (state.working === ctx.config.concurrency) return;
  }
}

function onWorked(state: QueueConsumerState, ctx: Ctx, id: number): void {
  const job = state.jobs.get(id);
  if (job === undefined) return;
  state.jobs.delete(id);
  state.working -= 1;
  const { message, call, op } = job;
  endWork(ctx, op, message);
  if (!message.isPoison) state.counts.done += 1;
  else {
    state.counts.failed += 1;
    // Its machine tells the broker that the process is gone.
    if (ctx.config.onPoison === 'crash') return ctx.exit(ms(ctx.config.restartMs));
  }
  if (call !== null) {
    const { onPoison } = ctx.config;
    const verdict = !message.isPoison ? 'ack' : onPoison === 'reject' ? 'reject' : 'requeue';
    ctx.reply<DeliverySettled>(call, { type: 'delivery.settled', verdict });
  }
  begin(state, ctx);
}

function check(config: QueueConsumerConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  checkDistribution(config.work, `${path}/work`, 0);
  checkQueueName(config.queue, group.links.get('queue'), `${path}/queue`);
  const { prefetch, concurrency, autoAck } = config;
  if (autoAck || prefetch === 0 || concurrency <= prefetch) return;
  throw changesNothing(
    'concurrency',
    `it never holds more than ${prefetch}`,
    `${path}/concurrency`,
    'Raise prefetch, or lower concurrency.',
  );
}

const waitingIn = ({ jobs, working }: QueueConsumerState): number => jobs.size - working;

export const queueConsumer = defineBehaviour<
  QueueConsumerState,
  QueueConsumerConfig,
  DeliveryDeliver,
  QueueConsumerView,
  ClientFact | QueueConsumerFact
>({
  component: 'queue-consumer',
  about: 'Holds messages of a queue, works on them, and says what became of each.',
  source: 'AMQP 0-9-1, class basic; RabbitMQ, Consumers',
  leavesOut: [
    'Several queues, or several channels, for one process.',
    'Acknowledging several messages at once (multiple).',
    'An orderly end that finishes its work first: a signal ends it at once.',
  ],
  badge: 'QC',
  serves: [delivery],
  links: {
    queue: { about: 'Who hands it messages: the first, or who leads.', contract: delivery },
  },
  config: queueConsumerConfig,
  usage: {
    uses: ({ autoAck, prefetch }) =>
      autoAck || prefetch === 0 ? [] : [{ role: 'queue', what: 'prefetch' }],
  },
  check,
  operations: ['dequeue'],
  facts,
  roleNames: { consumer: 'Works on messages.' },
  start(ctx) {
    const state: QueueConsumerState = {
      target: { at: 0 },
      channel: 0,
      isOpen: false,
      jobs: new Map(),
      nextJob: 1,
      working: 0,
      counts: { done: 0, failed: 0, again: 0, channels: 0 },
    };
    ctx.setTimer('connect', 0, micros(0));
    return state;
  },
  on: {
    'delivery.deliver': (state, ctx, message, _from, call) => onDeliver(state, ctx, message, call),
  },
  onTimer: (state, ctx) => connect(state, ctx),
  onResult,
  onWorked,
  gauges: [
    {
      kind: 'level',
      title: 'Held',
      about: 'Messages that it has and has not begun.',
      of: waitingIn,
    },
    {
      kind: 'level',
      title: 'Working',
      about: 'Messages that it works on.',
      of: ({ working }) => working,
    },
    {
      kind: 'count',
      title: 'Done',
      about: 'Messages that it has worked on with success.',
      of: ({ counts }) => counts.done,
    },
    {
      kind: 'count',
      title: 'Failed',
      about: 'Work that came to nothing.',
      of: ({ counts }) => counts.failed,
    },
    {
      kind: 'count',
      title: 'Came again',
      about: 'Deliveries that said that they may not be the first.',
      of: ({ counts }) => counts.again,
    },
  ],
  roles: () => ['consumer'],
  plain: ({ target, ...rest }) => ({ ...rest, ...plainTarget(target) }),
  view(state) {
    const { isOpen, working, counts } = state;
    const waiting = waitingIn(state);
    return {
      component: 'queue-consumer',
      isConnected: isOpen,
      working,
      waiting,
      done: counts.done,
      failed: counts.failed,
      fields: [
        { label: 'Connected', value: isOpen },
        { label: 'Working', value: working },
        { label: 'Held', value: waiting },
        { label: 'Done', value: counts.done },
        { label: 'Failed', value: counts.failed },
        { label: 'Came again', value: counts.again },
      ],
    };
  },
});
