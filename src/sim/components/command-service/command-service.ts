/**
 * The writing side: for each command it loads the events of an account, decides, and appends. If
 * somebody was faster it begins again with what is there now.
 *
 * Invariants: it keeps nothing between two commands; a command is answered once its event is on the
 * store's disk; an append of which it does not know what became is tried again as it was.
 *
 * Source: Young, CQRS Documents (2010), Command Handlers; KurrentDB, handling concurrency
 */
import { accountCommands } from '../../contracts/account.ts';
import type { AccountChange, AccountChanged } from '../../contracts/account.ts';
import { eventStore } from '../../contracts/event-store.ts';
import type {
  EventsAppend,
  EventsAppended,
  EventsLoad,
  EventsLoaded,
  EventsSnapshot,
  NewEvent,
  Snapshot,
} from '../../contracts/event-store.ts';
import type { FactTable } from '../../contracts/facts.ts';
import { over } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, Context, View } from '../../node/behaviour.ts';
import { decide, evolve, fold, NO_ACCOUNT } from '../../protocols/event-store/account.ts';

const config = Type.Object(
  {
    decideMs: field.millis({ about: 'How long a decision keeps a core busy.', default: 1 }),
    conflictsMax: field.count({
      about: 'A command that was overtaken more often is refused.',
      default: 10,
    }),
    retryMs: field.millis({
      about: 'The pause before it begins again, or asks again.',
      default: 5,
      min: 0.001,
    }),
    timeoutMs: field.millis({
      about: 'How long it waits for the store.',
      default: 1_000,
      min: 1,
    }),
    triesMax: field.count({
      about: 'A store that did not answer so often is given up.',
      default: 10,
      min: 1,
    }),
    snapshotEvery: field.count({
      about: 'It hands in a snapshot behind each so many-th event of a stream; 0: never.',
      default: 0,
      source: 'Young, CQRS Documents (2010), Rolling Snapshots',
    }),
    snapshotMs: field.millis({
      about: 'How long a snapshot takes in the background until it is handed in.',
      default: 0,
    }),
  },
  {
    additionalProperties: false,
    needs: [{ settings: ['snapshotMs'], any: [over('snapshotEvery')] }],
  },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

interface Job {
  readonly command: AccountChange;
  readonly call: CallRef;
  /** As it was loaded. */
  account: Snapshot;
  /** What is to be appended; null: it is being loaded, or decided. */
  event: NewEvent | null;
  conflicts: number;
  /** Times that the store did not answer, since it last did. */
  silences: number;
}

export interface CommandServiceState {
  readonly jobs: Map<number, Job>;
  readonly snapshots: Map<number, EventsSnapshot>;
  nextTag: number;
  readonly counts: {
    done: number;
    refused: number;
    conflicts: number;
    replayed: number;
    loads: number;
  };
  /** Events that were folded for the last command. */
  replay: number;
}

export interface CommandServiceView extends View {
  readonly component: 'command-service';
  readonly underWay: number;
  readonly ok: number;
  readonly fail: number;
}

export type CommandServiceFact =
  | {
      readonly type: 'command.overtaken';
      readonly id: number;
      readonly account: string;
      readonly times: number;
    }
  | { readonly type: 'command.refused'; readonly id: number; readonly account: string };

const facts: FactTable<CommandServiceFact> = {
  'command.overtaken': {
    weight: 'minor',
    sentence: (f) => `was overtaken at ${f.account}, and decides command ${f.id} anew`,
  },
  'command.refused': {
    weight: 'minor',
    sentence: (f) => `refuses command ${f.id}: there is not enough in ${f.account}`,
  },
};

function onChange(state: CommandServiceState, ctx: Ctx, command: AccountChange, call: CallRef) {
  const tag = state.nextTag++;
  const account = NO_ACCOUNT;
  state.jobs.set(tag, { command, call, account, event: null, conflicts: 0, silences: 0 });
  ask(state, ctx, tag);
}

/** Loads, or appends what is decided. */
function ask(state: CommandServiceState, ctx: Ctx, tag: number): void {
  const job = state.jobs.get(tag);
  const [store] = ctx.members('store');
  if (job === undefined || store === undefined) return;
  const options = { timeout: ms(ctx.config.timeoutMs), tag };
  const { event } = job;
  const stream = job.command.account;
  if (event === null) {
    return void ctx.call<EventsLoad>(store, { type: 'events.load', stream }, options);
  }
  const expectedRevision = event.decidedOn;
  const request: EventsAppend = { type: 'events.append', stream, expectedRevision, event };
  ctx.call<EventsAppend>(store, request, options);
}

function onResult(state: CommandServiceState, ctx: Ctx, tag: number, result: CallResult): void {
  const job = state.jobs.get(tag);
  if (job === undefined) return;
  if (result.outcome === 'ok') {
    job.silences = 0;
    return job.event === null
      ? loaded(state, ctx, tag, result.value as EventsLoaded)
      : appended(state, ctx, tag, result.value as EventsAppended);
  }
  if (result.error.code === 'wrong-expected-version') return overtaken(state, ctx, tag);
  job.silences += 1;
  if (job.silences < ctx.config.triesMax) return again(ctx, tag);
  // Whether it was appended nobody knows.
  if (end(state, tag) !== null) ctx.refuse(job.call, 'store-silent');
}

const again = (ctx: Ctx, tag: number): void => ctx.setTimer('retry', tag, ms(ctx.config.retryMs));

function end(state: CommandServiceState, tag: number): Job | null {
  const job = state.jobs.get(tag) ?? null;
  state.jobs.delete(tag);
  return job;
}

function loaded(
  state: CommandServiceState,
  ctx: Ctx,
  tag: number,
  { snapshot, events }: EventsLoaded,
): void {
  const job = state.jobs.get(tag);
  if (job === undefined) return;
  job.account = fold(events, snapshot);
  state.replay = events.length;
  state.counts.loads += 1;
  state.counts.replayed += events.length;
  ctx.work(ms(ctx.config.decideMs), tag);
}

function decided(state: CommandServiceState, ctx: Ctx, tag: number): void {
  const job = state.jobs.get(tag);
  if (job === undefined) return;
  job.event = decide(job.account, job.command);
  if (job.event !== null) return ask(state, ctx, tag);
  end(state, tag);
  state.counts.refused += 1;
  const { id, account } = job.command;
  ctx.tell<CommandServiceFact>({ type: 'command.refused', id, account });
  ctx.refuse(job.call, 'insufficient-funds');
}

function overtaken(state: CommandServiceState, ctx: Ctx, tag: number): void {
  const job = state.jobs.get(tag);
  if (job === undefined) return;
  state.counts.conflicts += 1;
  job.conflicts += 1;
  job.event = null;
  if (job.conflicts > ctx.config.conflictsMax) {
    end(state, tag);
    state.counts.refused += 1;
    return ctx.refuse(job.call, 'too-many-conflicts');
  }
  const { id, account } = job.command;
  ctx.tell<CommandServiceFact>({ type: 'command.overtaken', id, account, times: job.conflicts });
  again(ctx, tag);
}

function appended(
  state: CommandServiceState,
  ctx: Ctx,
  tag: number,
  { revision, position }: EventsAppended,
): void {
  const job = end(state, tag);
  if (job === null || job.event === null) return;
  state.counts.done += 1;
  ctx.reply<AccountChanged>(job.call, { type: 'account.changed', position });
  const { snapshotEvery, snapshotMs } = ctx.config;
  if (snapshotEvery === 0 || (revision + 1) % snapshotEvery !== 0) return;
  // It knows the state behind its event only if nothing lies between.
  if (revision !== job.account.revision + 1) return;
  const snapshot = evolve(job.account, { amount: job.event.amount, revision });
  const stream = job.command.account;
  state.snapshots.set(tag, { type: 'events.snapshot', stream, snapshot });
  ctx.setTimer('snapshot', tag, ms(snapshotMs));
}

function handIn(state: CommandServiceState, ctx: Ctx, tag: number): void {
  const snapshot = state.snapshots.get(tag);
  const [store] = ctx.members('store');
  state.snapshots.delete(tag);
  if (snapshot !== undefined && store !== undefined) ctx.send<EventsSnapshot>(store, snapshot);
}

export const commandService = defineBehaviour<
  CommandServiceState,
  Config,
  AccountChange,
  CommandServiceView,
  CommandServiceFact
>({
  component: 'command-service',
  about: 'Decides commands on the events of an account, and appends what follows from them.',
  source: 'Young, CQRS Documents (2010); KurrentDB (EventStoreDB), handling concurrency',
  leavesOut: [
    'Accounts that are kept in memory between two commands.',
    'Commands about several accounts: these are sagas.',
    'Events of several kinds, and of several versions.',
  ],
  badge: 'CS',
  serves: [accountCommands],
  links: { store: { about: 'Where its events are: the first member.', contract: eventStore } },
  config,
  usage: {
    uses: ({ snapshotEvery }) => (snapshotEvery > 0 ? [{ role: 'store', what: 'snapshot' }] : []),
  },
  facts,
  roleNames: { writer: 'Decides commands.' },
  start: () => ({
    jobs: new Map(),
    snapshots: new Map(),
    nextTag: 1,
    counts: { done: 0, refused: 0, conflicts: 0, replayed: 0, loads: 0 },
    replay: 0,
  }),
  on: {
    'account.change': (state, ctx, message, _from, call) => onChange(state, ctx, message, call),
  },
  onTimer: (state, ctx, kind, tag) =>
    kind === 'snapshot' ? handIn(state, ctx, tag) : ask(state, ctx, tag),
  onWorked: decided,
  onResult,
  gauges: [
    {
      kind: 'level',
      title: 'Under way',
      about: 'Commands that are not answered yet.',
      of: ({ jobs }) => jobs.size,
    },
    {
      kind: 'level',
      title: 'Replay',
      about: 'Events that were folded for the last command.',
      of: ({ replay }) => replay,
    },
    {
      kind: 'count',
      title: 'Replayed',
      about: 'Events that were folded, for all commands.',
      of: ({ counts }) => counts.replayed,
    },
    {
      kind: 'count',
      title: 'Overtaken',
      about: 'Decisions that came too late, because somebody had appended before.',
      of: ({ counts }) => counts.conflicts,
    },
  ],
  roles: () => ['writer'],
  view: ({ jobs, counts, replay }) => ({
    component: 'command-service',
    underWay: jobs.size,
    ok: counts.done,
    fail: counts.refused,
    fields: [
      { label: 'Under way', value: jobs.size },
      { label: 'Done', value: counts.done },
      { label: 'Refused', value: counts.refused },
      { label: 'Overtaken', value: counts.conflicts },
      { label: 'Last replay', value: replay, unit: 'events' },
      { label: 'Replayed', value: counts.replayed, unit: 'events' },
    ],
  }),
});
