/**
 * A queue from which workers take messages for a time, on one node.
 *
 * Invariants: a message that was answered is on disk until it is deleted or a dead letter; so is
 * that it was taken, for as long as a FIFO queue has to know, and how often it was received; a
 * worker that waits is answered once, with what is there or, when its time is over, with nothing.
 */
import type { FactTable } from '../../contracts/facts.ts';
import { queue } from '../../contracts/queue.ts';
import type {
  QueueConfirmed,
  QueuedMessage,
  QueuePost,
  QueuePublish,
} from '../../contracts/queue.ts';
import { receipt } from '../../contracts/receipt.ts';
import type {
  ReceiptChange,
  ReceiptDelete,
  ReceiptDone,
  ReceiptReceive,
  ReceiptReceived,
  ReceivedMessage,
} from '../../contracts/receipt.ts';
import { micros, ms } from '../../kernel/time.ts';
import { often } from '../../kernel/plural.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, View } from '../../node/behaviour.ts';
import { cloneKept, emptyKept, keep } from '../../protocols/visibility/kept.ts';
import type { Kept, KeptRecord } from '../../protocols/visibility/kept.ts';
import { VISIBILITY_RULES, visibilityRules } from '../../protocols/visibility/rules.ts';
import { inFlightIn, startVisibility, step } from '../../protocols/visibility/step.ts';
import type {
  VisibilityConfig,
  VisibilityEffect,
  VisibilityInput,
  VisibilityState,
} from '../../protocols/visibility/step.ts';
import { visibilityQueueConfig } from './config.ts';
import type { VisibilityQueueConfig } from './config.ts';

type Ctx = Context<VisibilityQueueConfig>;
const NOBODY = -1;

interface Waiting {
  readonly call: CallRef;
  readonly most: number;
}

interface Lending {
  readonly call: CallRef;
  readonly messages: readonly ReceivedMessage[];
}

export interface VisibilityQueueState {
  readonly config: VisibilityConfig;
  readonly queue: VisibilityState;
  /** Senders that are not answered yet. */
  readonly sends: Map<number, CallRef>;
  /** Places by ticket of the disk. */
  readonly tickets: Map<number, number>;
  /** Receives that wait for a message, in order. */
  readonly waiting: Map<number, Waiting>;
  /** What was received, by ticket of the disk: handed out once that is written down. */
  readonly lending: Map<number, Lending>;
  nextTag: number;
  readonly counts: {
    sent: number;
    received: number;
    again: number;
    deleted: number;
    timedOut: number;
    void: number;
    dead: number;
  };
}

export interface VisibilityQueueView extends View {
  readonly component: 'visibility-queue';
  readonly visible: number;
  readonly inFlight: number;
  readonly deadLetters: number;
}

export type VisibilityQueueFact =
  | { readonly type: 'visibility.timed-out'; readonly value: number; readonly receives: number }
  | {
      readonly type: 'visibility.dead-lettered';
      readonly value: number;
      readonly receives: number;
    };

const facts: FactTable<VisibilityQueueFact> = {
  'visibility.timed-out': {
    weight: 'minor',
    sentence: (f) => `shows message ${f.value} again: nobody deleted it in time`,
  },
  'visibility.dead-lettered': {
    weight: 'major',
    sentence: (f) => `puts message ${f.value} aside: it was received ${often(f.receives)}`,
  },
};

function start(ctx: Ctx): VisibilityQueueState {
  const { visibilityTimeoutMs, maxReceiveCount, fifoQueue, deduplicationMs } = ctx.config;
  return {
    config: Object.freeze({
      visibilityTimeoutMicros: ms(visibilityTimeoutMs),
      maxReceiveCount,
      isFifo: fifoQueue,
      deduplicationMicros: ms(deduplicationMs),
      rules: visibilityRules(ctx.ablations),
    }),
    queue: startVisibility(ctx.durable as Kept),
    sends: new Map(),
    tickets: new Map(),
    waiting: new Map(),
    lending: new Map(),
    nextTag: 1,
    counts: { sent: 0, received: 0, again: 0, deleted: 0, timedOut: 0, void: 0, dead: 0 },
  };
}

/** What was received. */
function feed(state: VisibilityQueueState, ctx: Ctx, input: VisibilityInput): ReceivedMessage[] {
  const effects: VisibilityEffect[] = [];
  const received: ReceivedMessage[] = [];
  step(state.config, state.queue, input, ctx.mono(), effects);
  for (const effect of effects) perform(state, ctx, effect, received);
  return received;
}

function perform(
  state: VisibilityQueueState,
  ctx: Ctx,
  effect: VisibilityEffect,
  received: ReceivedMessage[],
): void {
  const { counts } = state;
  const write = (record: KeptRecord): void => ctx.write(record);
  switch (effect.type) {
    case 'store': {
      const ticket = state.nextTag++;
      state.tickets.set(ticket, effect.seq);
      write({ ...effect, type: 'put' });
      return ctx.sync(ticket);
    }
    case 'answer': {
      const call = state.sends.get(effect.send);
      counts.sent += 1;
      if (call === undefined) return;
      state.sends.delete(effect.send);
      return ctx.reply<QueueConfirmed>(call, { type: 'queue.confirmed' });
    }
    case 'received': {
      const { seq, message, receives } = effect.entry;
      counts.received += 1;
      if (receives > 1) counts.again += 1;
      write({ type: 'received', seq, receipt: effect.receipt });
      return void received.push({ receipt: effect.receipt, message, receives });
    }
    case 'arm':
      return ctx.setTimer('visible', effect.receipt, micros(effect.timeoutMicros));
    case 'disarm':
      return ctx.cancelTimer('visible', effect.receipt);
    case 'visible': {
      const { message, receives } = effect.entry;
      counts.timedOut += 1;
      const { value } = message;
      return ctx.tell<VisibilityQueueFact>({ type: 'visibility.timed-out', value, receives });
    }
    case 'deleted':
      counts.deleted += 1;
      return write({ type: 'take', seq: effect.seq });
    case 'void':
      counts.void += 1;
      return;
    case 'dead': {
      const { seq, message, receives } = effect.entry;
      const { value } = message;
      counts.dead += 1;
      write({ type: 'dead', seq, message });
      return ctx.tell<VisibilityQueueFact>({ type: 'visibility.dead-lettered', value, receives });
    }
  }
}

/** Nobody has a message, or its receipt, of which a crash would not know. */
function lend(
  state: VisibilityQueueState,
  ctx: Ctx,
  call: CallRef,
  messages: readonly ReceivedMessage[],
): void {
  const ticket = state.nextTag++;
  state.lending.set(ticket, { call, messages });
  ctx.sync(ticket);
}

/** Something may be there for those that wait. */
function serve(state: VisibilityQueueState, ctx: Ctx): void {
  for (const [tag, { call, most }] of state.waiting) {
    const messages = feed(state, ctx, { type: 'receive', most });
    if (messages.length === 0) return;
    state.waiting.delete(tag);
    ctx.cancelTimer('wait', tag);
    lend(state, ctx, call, messages);
  }
}

function onReceive(
  state: VisibilityQueueState,
  ctx: Ctx,
  { most, waitMicros }: ReceiptReceive,
  call: CallRef,
): void {
  // Whoever waits already was there first.
  const messages = state.waiting.size > 0 ? [] : feed(state, ctx, { type: 'receive', most });
  if (messages.length > 0) return lend(state, ctx, call, messages);
  if (waitMicros === 0) {
    return ctx.reply<ReceiptReceived>(call, { type: 'receipt.received', messages });
  }
  const tag = state.nextTag++;
  state.waiting.set(tag, { call, most });
  ctx.setTimer('wait', tag, micros(waitMicros));
}

function onPublish(
  state: VisibilityQueueState,
  ctx: Ctx,
  message: QueuedMessage,
  call: CallRef | null,
): void {
  const send = call === null ? NOBODY : state.nextTag++;
  if (call !== null) state.sends.set(send, call);
  feed(state, ctx, { type: 'send', send, message });
  serve(state, ctx);
}

function onTimer(state: VisibilityQueueState, ctx: Ctx, kind: string, key: number): void {
  if (kind === 'visible') {
    feed(state, ctx, { type: 'time-out', receipt: key });
    return serve(state, ctx);
  }
  const waiting = state.waiting.get(key);
  if (waiting === undefined) return;
  state.waiting.delete(key);
  ctx.reply<ReceiptReceived>(waiting.call, { type: 'receipt.received', messages: [] });
}

const visibleIn = ({ queue: of }: VisibilityQueueState): number => of.entries.size - inFlightIn(of);

export const visibilityQueue = defineBehaviour<
  VisibilityQueueState,
  VisibilityQueueConfig,
  QueuePublish | QueuePost | ReceiptReceive | ReceiptDelete | ReceiptChange,
  VisibilityQueueView,
  VisibilityQueueFact,
  Kept,
  KeptRecord
>({
  component: 'visibility-queue',
  about: 'Lends messages to workers for a time, and shows again what is not deleted by then.',
  source: 'Amazon SQS Developer Guide: standard and FIFO queues',
  leavesOut: [
    'Mirrors: it is one node, where the real one is many.',
    'Duplicates and disorder that a standard queue may show by itself.',
    'Retention, delays, batches of sends, and the cap of 120,000 messages in flight.',
    'The queue of dead letters as a queue of its own: they are kept, and nobody receives them.',
  ],
  badge: 'VQ',
  serves: [queue, receipt],
  links: {},
  config: visibilityQueueConfig,
  facts,
  rules: VISIBILITY_RULES.map(({ id }) => id),
  ruleNeeds: [
    {
      rules: ['visibility.redrive'],
      acts: ({ maxReceiveCount }) => maxReceiveCount > 0,
      hint: 'Give maxReceiveCount more than 0.',
    },
    {
      rules: ['visibility.group-order', 'visibility.deduplication'],
      acts: ({ fifoQueue }) => fifoQueue,
      hint: 'Write fifoQueue: true.',
    },
  ],
  roleNames: { queue: 'Keeps messages.' },
  durable: {
    empty: emptyKept,
    apply: keep,
    save: cloneKept,
    restore: (image) => cloneKept(image as Kept),
  },
  start,
  on: {
    'queue.publish': (state, ctx, { message }, _from, call) => onPublish(state, ctx, message, call),
    'queue.post': (state, ctx, { message }) => onPublish(state, ctx, message, null),
    'receipt.receive': (state, ctx, message, _from, call) => onReceive(state, ctx, message, call),
    'receipt.delete': (state, ctx, { receipt: under }, _from, call) => {
      feed(state, ctx, { type: 'delete', receipt: under });
      ctx.reply<ReceiptDone>(call, { type: 'receipt.done' });
      serve(state, ctx);
    },
    'receipt.change': (state, ctx, { receipt: under, timeoutMicros }, _from, call) => {
      feed(state, ctx, { type: 'change', receipt: under, timeoutMicros });
      ctx.reply<ReceiptDone>(call, { type: 'receipt.done' });
      serve(state, ctx);
    },
  },
  onTimer,
  onSynced(state, ctx, ticket) {
    const lent = state.lending.get(ticket);
    if (lent !== undefined) {
      const { call, messages } = lent;
      state.lending.delete(ticket);
      return ctx.reply<ReceiptReceived>(call, { type: 'receipt.received', messages });
    }
    const seq = state.tickets.get(ticket);
    if (seq === undefined) return;
    state.tickets.delete(ticket);
    feed(state, ctx, { type: 'stored', seq });
    serve(state, ctx);
  },
  gauges: [
    {
      kind: 'level',
      title: 'Visible',
      about: 'Messages that can be received (ApproximateNumberOfMessagesVisible).',
      of: visibleIn,
    },
    {
      kind: 'level',
      title: 'In flight',
      about: 'Messages that a worker has for a time (ApproximateNumberOfMessagesNotVisible).',
      of: ({ queue: of }) => inFlightIn(of),
    },
    {
      kind: 'level',
      title: 'Dead letters',
      about: 'Messages that were received too often.',
      of: ({ queue: of }) => of.dead.length,
    },
    {
      kind: 'count',
      title: 'Received',
      about: 'Messages that workers have received, each time of them.',
      of: ({ counts }) => counts.received,
    },
    {
      kind: 'count',
      title: 'Received again',
      about: 'The same without the first time of each message.',
      of: ({ counts }) => counts.again,
    },
    {
      kind: 'count',
      title: 'Timed out',
      about: 'Times that a message was visible again because nobody had deleted it.',
      of: ({ counts }) => counts.timedOut,
    },
    {
      kind: 'count',
      title: 'Void receipts',
      about: 'Deletions and prolongations that came too late and did nothing.',
      of: ({ counts }) => counts.void,
    },
  ],
  roles: () => ['queue'],
  view(state) {
    const [visible, inFlight] = [visibleIn(state), inFlightIn(state.queue)];
    const deadLetters = state.queue.dead.length;
    return {
      component: 'visibility-queue',
      visible,
      inFlight,
      deadLetters,
      fields: [
        { label: 'Visible', value: visible },
        { label: 'In flight', value: inFlight },
        { label: 'Dead letters', value: deadLetters },
        { label: 'Received again', value: state.counts.again },
        { label: 'Waiting workers', value: state.waiting.size },
      ],
    };
  },
});
