/**
 * A worker that asks a queue for messages, works on them one after the other, and deletes each that
 * is done.
 *
 * Invariants: it asks for more once it has nothing left; a message is deleted after the work on it,
 * never before; while it has messages it prolongs their time, if it was told to.
 *
 * Source: Amazon SQS Developer Guide; the heartbeat is that of its best practices
 */
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import { changesNothing, over, word } from '../../contracts/needs.ts';
import type { QueuedMessage } from '../../contracts/queue.ts';
import { receipt } from '../../contracts/receipt.ts';
import type {
  ReceiptChange,
  ReceiptDelete,
  ReceiptReceive,
  ReceiptReceived,
} from '../../contracts/receipt.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, Context, GroupSettings, View } from '../../node/behaviour.ts';
import { checkDistribution } from '../../policies/distribution-schema.ts';
import { beginWork, endWork, workSchema } from '../../traffic/queue-work.ts';

const config = Type.Object(
  {
    maxNumberOfMessages: field.count({
      about: 'How many messages it asks for at once; it works on one of them at a time.',
      default: 1,
      min: 1,
      max: 10,
      source: 'Amazon SQS MaxNumberOfMessages: 1, at most 10',
    }),
    waitTimeMs: field.millis({
      about: 'How long the queue waits for a message before it says that there is none.',
      default: 20_000,
      max: 20_000,
      source: 'Amazon SQS WaitTimeSeconds: 0 by default, 20 s at most and advised',
    }),
    pollMs: field.millis({
      about: 'The pause after an answer without messages, or none at all.',
      default: 1_000,
      min: 0.001,
    }),
    work: workSchema,
    heartbeatMs: field.millis({
      about: 'How often it prolongs the time of all messages that it has; 0: never.',
      default: 0,
    }),
    extendMs: field.millis({
      about: 'For how long from then on.',
      default: 30_000,
      min: 1,
      max: 43_200_000,
      source: 'Amazon SQS ChangeMessageVisibility',
    }),
    onPoison: field.choice(['leave', 'release', 'crash'], {
      about:
        'What a message does that cannot be worked on: it is left until its time is over, given ' +
        'back at once, or takes the process with it.',
      default: 'leave',
    }),
    restartMs: field.millis({
      about: 'How long a process that a message has ended needs to start again.',
      default: 1_000,
    }),
    timeoutMs: field.millis({
      about: 'How long it waits for an answer, beyond the time that it lets the queue wait.',
      default: 5_000,
      min: 1,
    }),
  },
  {
    additionalProperties: false,
    needs: [
      { settings: ['extendMs'], any: [over('heartbeatMs')] },
      { settings: ['restartMs'], any: [word('onPoison', 'crash')] },
    ],
  },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

interface Job {
  readonly receipt: number;
  readonly message: QueuedMessage;
}

export interface QueuePollerState {
  /** The first of them is worked on. */
  readonly jobs: Job[];
  /** Of the history, of the first job. */
  op: number;
  readonly counts: { done: number; failed: number; received: number };
}

export interface QueuePollerView extends View {
  readonly component: 'queue-poller';
  readonly isWorking: boolean;
  readonly done: number;
}

const ASKED = { receive: 0, delete: 1, change: 2 } as const;

function receive(ctx: Ctx): void {
  const [to] = ctx.members('queue');
  if (to === undefined) return;
  const { maxNumberOfMessages: most, waitTimeMs, timeoutMs } = ctx.config;
  const request: ReceiptReceive = { type: 'receipt.receive', most, waitMicros: ms(waitTimeMs) };
  const timeout = ms(waitTimeMs + timeoutMs);
  ctx.call<ReceiptReceive>(to, request, { timeout, tag: ASKED.receive });
}

function onResult(state: QueuePollerState, ctx: Ctx, tag: number, result: CallResult): void {
  // A deletion that came too late is answered like any other: nobody here can tell.
  if (tag !== ASKED.receive) return;
  const messages = result.outcome === 'ok' ? (result.value as ReceiptReceived).messages : [];
  if (messages.length === 0) {
    const isPatient = result.outcome === 'ok' && ctx.config.waitTimeMs > 0;
    return isPatient ? receive(ctx) : ctx.setTimer('poll', 0, ms(ctx.config.pollMs));
  }
  for (const one of messages) state.jobs.push({ receipt: one.receipt, message: one.message });
  state.counts.received += messages.length;
  if (ctx.config.heartbeatMs > 0) ctx.setTimer('heartbeat', 0, ms(ctx.config.heartbeatMs));
  next(state, ctx);
}

function next(state: QueuePollerState, ctx: Ctx): void {
  const [job] = state.jobs;
  if (job !== undefined) {
    state.op = beginWork(ctx, ctx.config.work, job.message, job.receipt);
    return;
  }
  ctx.cancelTimer('heartbeat', 0);
  receive(ctx);
}

function change(ctx: Ctx, { receipt: under }: Job, timeoutMs: number): void {
  const [to] = ctx.members('queue');
  if (to === undefined) return;
  const timeoutMicros = ms(timeoutMs);
  ctx.call<ReceiptChange>(
    to,
    { type: 'receipt.change', receipt: under, timeoutMicros },
    { timeout: ms(ctx.config.timeoutMs), tag: ASKED.change },
  );
}

function onWorked(state: QueuePollerState, ctx: Ctx): void {
  const job = state.jobs.shift();
  const [to] = ctx.members('queue');
  if (job === undefined || to === undefined) return;
  endWork(ctx, state.op, job.message);
  const { onPoison, restartMs, timeoutMs } = ctx.config;
  if (!job.message.isPoison) {
    state.counts.done += 1;
    ctx.call<ReceiptDelete>(
      to,
      { type: 'receipt.delete', receipt: job.receipt },
      { timeout: ms(timeoutMs), tag: ASKED.delete },
    );
  } else {
    state.counts.failed += 1;
    if (onPoison === 'crash') return ctx.exit(ms(restartMs));
    if (onPoison === 'release') change(ctx, job, 0);
  }
  next(state, ctx);
}

/** What it prolongs for the first time when others have it already, it prolongs in vain. */
function check({ work, heartbeatMs }: Config, { path, links }: GroupSettings): void {
  checkDistribution(work, `${path}/config/work`, 0);
  const queue = links.get('queue');
  const { visibilityTimeoutMs: seenMs } = (queue?.config ?? {}) as {
    readonly visibilityTimeoutMs?: number;
  };
  if (queue === undefined || seenMs === undefined || heartbeatMs < seenMs) return;
  if (heartbeatMs === 0) return;
  throw changesNothing(
    'heartbeatMs',
    `visibilityTimeoutMs of "${queue.group}" is ${seenMs}: messages are back before the first one`,
    `${path}/config/heartbeatMs`,
    'Make it less than that, or leave it out.',
  );
}

export const queuePoller = defineBehaviour<
  QueuePollerState,
  Config,
  never,
  QueuePollerView,
  ClientFact
>({
  component: 'queue-poller',
  about: 'Takes messages of a queue for a time, works on them, and deletes what is done.',
  source: 'Amazon SQS Developer Guide',
  leavesOut: [
    'A second try of a deletion that is not answered.',
    'Several messages worked on at once: start several of it.',
  ],
  badge: 'PO',
  serves: [],
  links: { queue: { about: 'Which queue it asks: the first member.', contract: receipt } },
  config,
  check,
  operations: ['dequeue'],
  facts: CLIENT_FACTS,
  roleNames: { worker: 'Works on messages.' },
  start(ctx) {
    ctx.setTimer('poll', 0, micros(0));
    return { jobs: [], op: 0, counts: { done: 0, failed: 0, received: 0 } };
  },
  on: {},
  onTimer(state, ctx, kind) {
    if (kind === 'poll') return receive(ctx);
    for (const job of state.jobs) change(ctx, job, ctx.config.extendMs);
    ctx.setTimer('heartbeat', 0, ms(ctx.config.heartbeatMs));
  },
  onResult,
  onWorked: (state, ctx) => onWorked(state, ctx),
  gauges: [
    {
      kind: 'level',
      title: 'Working',
      about: 'Whether it works on a message.',
      of: ({ jobs }) => (jobs.length > 0 ? 1 : 0),
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
  ],
  roles: () => ['worker'],
  view: ({ jobs, counts }) => ({
    component: 'queue-poller',
    isWorking: jobs.length > 0,
    done: counts.done,
    fields: [
      { label: 'Has', value: jobs.length },
      { label: 'Done', value: counts.done },
      { label: 'Failed', value: counts.failed },
    ],
  }),
});
