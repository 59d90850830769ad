/**
 * A consumer whose work is a row in its database: it takes events of a queue one after the other,
 * writes the effect of each, and keeps the ids of those that it knows in an inbox.
 *
 * Invariants: an event is acknowledged once its effect is on disk; with all rules an event has one
 * effect, however often it is delivered and whenever the process ends.
 *
 * Source: Richardson, Pattern: Idempotent Consumer; AMQP 0-9-1, class basic
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
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, Context, View } from '../../node/behaviour.ts';
import { checkQueueName } from '../../traffic/queue-names.ts';
import { brokerOf, plainTarget, turn } from '../../traffic/queue-target.ts';
import type { QueueTarget } from '../../traffic/queue-target.ts';

const config = Type.Object(
  {
    queue: field.text({ about: 'Which queue; empty: the first.', default: '' }),
    prefetch: field.count({
      about: 'How many events it is handed at once; it works on one of them.',
      default: 1,
      min: 1,
      max: 2_000,
      source: 'RabbitMQ basic.qos; one keeps the order',
    }),
    heartbeatMs: field.millis({
      about: 'After so long without a heartbeat the channel is over.',
      default: 10_000,
      min: 1,
    }),
    reconnectMs: field.millis({ about: 'The pause before the next channel.', default: 100 }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

export interface Effect {
  readonly value: number;
  readonly group: string;
}
interface Disk {
  readonly effects: Effect[];
  readonly inbox: Set<number>;
}
/** A transaction: an effect, an id in the inbox, or both. */
interface DiskRecord {
  readonly effect: Effect | null;
  readonly known: number | null;
}

interface Job {
  readonly message: QueuedMessage;
  readonly call: CallRef;
}

export interface InboxConsumerState {
  readonly target: QueueTarget;
  readonly isKnownOnce: boolean;
  readonly isOneTransaction: boolean;
  /** 0: none. */
  channel: number;
  isOpen: boolean;
  /** The first of them is worked on. */
  readonly jobs: Job[];
  /** Of the first job: its operation in the history; 0: not begun. */
  op: number;
  readonly effects: Effect[];
  readonly inbox: Set<number>;
  /** Values of its effects. */
  readonly seen: Set<number>;
  readonly counts: { known: number; again: number };
}

export interface InboxConsumerView extends View {
  readonly component: 'inbox-consumer';
  readonly effects: number;
  readonly known: number;
}

export type InboxConsumerFact =
  | { readonly type: 'inbox.known'; readonly value: number }
  | { readonly type: 'inbox.effect-again'; readonly value: number };

const facts: FactTable<ClientFact | InboxConsumerFact> = {
  ...CLIENT_FACTS,
  'inbox.known': {
    weight: 'minor',
    sentence: (f) => `finds event ${f.value} in its inbox, and does nothing`,
  },
  'inbox.effect-again': {
    weight: 'major',
    sentence: (f) => `lets event ${f.value} have its effect once more`,
  },
};

const EFFECT_DONE = 1;
const KNOWN_DONE = 2;

const tagOf = (channel: number, isHeartbeat: boolean): number =>
  channel * 2 + (isHeartbeat ? 1 : 0);

function connect(state: InboxConsumerState, ctx: Ctx): void {
  const broker = brokerOf(state.target, ctx);
  if (broker === undefined) return;
  const { queue, prefetch, heartbeatMs } = ctx.config;
  state.channel = ctx.unique();
  state.isOpen = false;
  const { channel } = state;
  const heartbeatMicros = ms(heartbeatMs);
  ctx.call<DeliveryConsume>(
    broker,
    { type: 'delivery.consume', channel, queue, prefetch, heartbeatMicros },
    { timeout: ms(heartbeatMs), tag: tagOf(channel, false) },
  );
}

function onResult(state: InboxConsumerState, ctx: Ctx, tag: number, result: CallResult): void {
  const { channel } = state;
  const broker = brokerOf(state.target, ctx);
  if (Math.floor(tag / 2) !== channel || broker === undefined) return;
  if (result.outcome === 'ok') {
    state.isOpen = true;
    const options = { timeout: ms(ctx.config.heartbeatMs), tag: tagOf(channel, true) };
    ctx.call<DeliveryHeartbeat>(broker, { type: 'delivery.heartbeat', channel }, options);
    return;
  }
  state.channel = 0;
  state.isOpen = false;
  // What is not begun is handed out again; what is begun cannot be taken back.
  state.jobs.splice(state.op === 0 ? 0 : 1);
  if (turn(state.target, ctx, state.target.at, result.error)) return connect(state, ctx);
  ctx.setTimer('connect', 0, ms(ctx.config.reconnectMs));
}

function next(state: InboxConsumerState, ctx: Ctx): void {
  for (let job = state.jobs[0]; job !== undefined; job = state.jobs[0]) {
    const { value, group } = job.message;
    if (!state.isKnownOnce || !state.inbox.has(value)) {
      state.op = ctx.unique();
      const { op } = state;
      ctx.tell<ClientFact>({
        type: 'client.invoked',
        op,
        client: ctx.id,
        f: 'dequeue',
        input: value,
      });
      write(ctx, { effect: { value, group }, known: state.isOneTransaction ? value : null });
      return ctx.sync(EFFECT_DONE);
    }
    state.counts.known += 1;
    ctx.tell<InboxConsumerFact>({ type: 'inbox.known', value });
    settle(state, ctx);
  }
}

const write = (ctx: Ctx, record: DiskRecord): void => ctx.write(record);

function settle(state: InboxConsumerState, ctx: Ctx): void {
  const job = state.jobs.shift();
  state.op = 0;
  if (job === undefined) return;
  ctx.reply<DeliverySettled>(job.call, { type: 'delivery.settled', verdict: 'ack' });
}

function onSynced(state: InboxConsumerState, ctx: Ctx, ticket: number): void {
  const [job] = state.jobs;
  if (job === undefined) return;
  const { value, group } = job.message;
  if (ticket === EFFECT_DONE) {
    if (state.seen.has(value)) {
      state.counts.again += 1;
      ctx.tell<InboxConsumerFact>({ type: 'inbox.effect-again', value });
    }
    state.seen.add(value);
    state.effects.push({ value, group });
    ctx.tell<ClientFact>({
      type: 'client.completed',
      op: state.op,
      client: ctx.id,
      f: 'dequeue',
      outcome: 'ok',
      output: value,
      retries: 0,
      latencyMicros: Math.max(0, ctx.wall() - job.message.publishedMicros),
    });
    if (!state.isOneTransaction) {
      write(ctx, { effect: null, known: value });
      return ctx.sync(KNOWN_DONE);
    }
  }
  state.inbox.add(value);
  settle(state, ctx);
  next(state, ctx);
}

const cloned = ({ effects, inbox }: Disk): Disk => ({
  effects: effects.slice(),
  inbox: new Set(inbox),
});

export const inboxConsumer = defineBehaviour<
  InboxConsumerState,
  Config,
  DeliveryDeliver,
  InboxConsumerView,
  ClientFact | InboxConsumerFact,
  Disk,
  DiskRecord
>({
  component: 'inbox-consumer',
  about: 'Lets each event of a queue have its effect in its database, and knows those it has had.',
  source: 'Richardson, Pattern: Idempotent Consumer',
  leavesOut: [
    'Ids that are forgotten after a time: the inbox grows.',
    'Effects elsewhere than in its own database, which no transaction of it includes.',
    'Events that cannot be worked on.',
  ],
  badge: 'IC',
  serves: [delivery],
  links: { queue: { about: 'Who hands it events: the first, or who leads.', contract: delivery } },
  config,
  check: ({ queue }, { path, links }) =>
    checkQueueName(queue, links.get('queue'), `${path}/config/queue`),
  usage: { uses: ({ prefetch }) => (prefetch > 0 ? [{ role: 'queue', what: 'prefetch' }] : []) },
  operations: ['dequeue'],
  facts,
  rules: ['inbox.known-once', 'inbox.one-transaction'],
  roleNames: { consumer: 'Works on events.' },
  durable: {
    empty: () => ({ effects: [], inbox: new Set() }),
    apply({ effects, inbox }, { effect, known }) {
      if (effect !== null) effects.push(effect);
      if (known !== null) inbox.add(known);
    },
    save: cloned,
    restore: (image) => cloned(image as Disk),
  },
  start(ctx) {
    const { effects, inbox } = cloned(ctx.durable as Disk);
    ctx.setTimer('connect', 0, micros(0));
    return {
      target: { at: 0 },
      isKnownOnce: !ctx.ablations.includes('inbox.known-once'),
      isOneTransaction: !ctx.ablations.includes('inbox.one-transaction'),
      channel: 0,
      isOpen: false,
      jobs: [],
      op: 0,
      effects,
      inbox,
      seen: new Set(effects.map(({ value }) => value)),
      counts: { known: 0, again: 0 },
    };
  },
  on: {
    'delivery.deliver': (state, ctx, { channel, message }, _from, call) => {
      if (channel !== state.channel) return ctx.refuse(call, 'no-such-channel');
      state.jobs.push({ message, call });
      if (state.op === 0) next(state, ctx);
    },
  },
  onTimer: (state, ctx) => connect(state, ctx),
  onResult,
  onSynced,
  gauges: [
    {
      kind: 'level',
      title: 'Effects',
      about: 'Rows that events have left in its database.',
      of: ({ effects }) => effects.length,
    },
    {
      kind: 'count',
      title: 'Known already',
      about: 'Events that came again and had no effect.',
      of: ({ counts }) => counts.known,
    },
    {
      kind: 'count',
      title: 'Effects again',
      about: 'Effects beyond the first of an event.',
      of: ({ counts }) => counts.again,
    },
  ],
  roles: () => ['consumer'],
  plain: ({ target, ...rest }) => ({ ...rest, ...plainTarget(target) }),
  view: ({ isOpen, effects, inbox, jobs, counts }) => ({
    component: 'inbox-consumer',
    effects: effects.length,
    known: inbox.size,
    fields: [
      { label: 'Connected', value: isOpen },
      { label: 'Effects', value: effects.length },
      { label: 'Inbox', value: inbox.size },
      { label: 'Holds', value: jobs.length },
      { label: 'Known already', value: counts.known },
      { label: 'Effects again', value: counts.again },
    ],
  }),
});
