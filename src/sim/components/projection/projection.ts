/**
 * The reading side: rows that follow from the events of a store. It asks for the events behind its
 * checkpoint, writes their rows, and answers queries from what is on its disk.
 *
 * Invariants: a query is answered from rows on disk; one that names a position is not answered
 * before the rows are that far; after a start it goes on at the checkpoint that is on disk.
 *
 * Source: Young, CQRS Documents (2010); KurrentDB (EventStoreDB), Catch-up subscriptions
 */
import { accountQueries } from '../../contracts/account.ts';
import type { AccountBalance, AccountQuery } from '../../contracts/account.ts';
import { eventStore } from '../../contracts/event-store.ts';
import type { EventsNext, EventsPage, StoredEvent } from '../../contracts/event-store.ts';
import type { FactTable } from '../../contracts/facts.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { micros, ms } from '../../kernel/time.ts';
import { plural } from '../../kernel/plural.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, Context, View } from '../../node/behaviour.ts';
import {
  applyRows,
  copyOf,
  emptyRows,
  transactionsOf,
} from '../../protocols/event-store/project.ts';
import type { ProjectionRecord, ProjectionRows } from '../../protocols/event-store/project.ts';
import { projectionRules } from '../../protocols/event-store/rules.ts';
import type { ProjectionRules } from '../../protocols/event-store/rules.ts';

const config = Type.Object(
  {
    applyMs: field.millis({ about: 'How long an event keeps a core busy.', default: 1 }),
    batchMax: field.count({
      about: 'At most so many events in one transaction.',
      default: 100,
      min: 1,
    }),
    timeoutMs: field.millis({
      about: 'How long it waits for the next event before it asks again.',
      default: 1_000,
      min: 1,
    }),
    retryMs: field.millis({ about: 'The pause before it asks again.', default: 10, min: 0.001 }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

interface Reader {
  readonly call: CallRef;
  readonly account: string;
  readonly atLeast: number;
  /** Then nobody waits for the answer any more. */
  readonly untilMicros: number;
}

export interface ProjectionState {
  readonly rules: ProjectionRules;
  /** As they are on disk. */
  readonly rows: ProjectionRows;
  /** Of the newest event of all, as far as it was told. */
  head: number;
  /** Events that are being worked on. */
  page: readonly StoredEvent[];
  /** Transactions of that page; the first of them is being written. */
  writing: readonly ProjectionRecord[];
  waiting: Reader[];
  readonly counts: { queries: number; waited: number; transactions: number };
}

export interface ProjectionView extends View {
  readonly component: 'projection';
  readonly position: number;
  readonly head: number;
  readonly lag: number;
  readonly waiting: number;
  readonly isBusy: boolean;
  readonly balances: readonly (readonly [account: string, balance: number])[];
}

interface ProjectionResumed {
  readonly type: 'projection.resumed';
  readonly position: number;
  readonly lines: number;
}

const facts: FactTable<ProjectionResumed> = {
  'projection.resumed': {
    weight: 'major',
    sentence: (f) => `goes on behind position ${f.position}, with ${plural(f.lines, 'row')}`,
  },
};

/** The only call that it has under way. */
const NEXT = 1;
const SYNCED = 1;
const WORKED = 1;

function start(ctx: Ctx): ProjectionState {
  const rows = copyOf(ctx.durable as ProjectionRows);
  const { checkpoint: position, lines } = rows;
  if (ctx.life > 0) {
    ctx.tell<ProjectionResumed>({ type: 'projection.resumed', position, lines: lines.length });
  }
  ctx.setTimer('next', 0, micros(0));
  return {
    rules: projectionRules(ctx.ablations),
    rows,
    head: position,
    page: [],
    writing: [],
    waiting: [],
    counts: { queries: 0, waited: 0, transactions: 0 },
  };
}

function ask({ rows }: ProjectionState, ctx: Ctx): void {
  const [store] = ctx.members('store');
  if (store === undefined) return;
  const { batchMax: max, timeoutMs } = ctx.config;
  const request: EventsNext = { type: 'events.next', after: rows.checkpoint, max };
  ctx.call<EventsNext>(store, request, { timeout: ms(timeoutMs), tag: NEXT });
}

function onResult(state: ProjectionState, ctx: Ctx, _tag: number, result: CallResult): void {
  if (result.outcome !== 'ok') return ctx.setTimer('next', 0, ms(ctx.config.retryMs));
  const { events, head } = result.value as EventsPage;
  state.head = head;
  state.page = events;
  if (events.length === 0) return ctx.setTimer('next', 0, ms(ctx.config.retryMs));
  ctx.work(micros(ms(ctx.config.applyMs) * events.length), WORKED);
}

function onWorked(state: ProjectionState, ctx: Ctx): void {
  state.writing = transactionsOf(state.rules, state.page);
  state.page = [];
  write(state, ctx);
}

function write({ writing }: ProjectionState, ctx: Ctx): void {
  const [first] = writing;
  if (first === undefined) return;
  ctx.write(first);
  ctx.sync(SYNCED);
}

function onSynced(state: ProjectionState, ctx: Ctx): void {
  const [done, ...rest] = state.writing;
  if (done === undefined) return;
  applyRows(state.rows, done);
  state.counts.transactions += 1;
  state.writing = rest;
  if (rest.length > 0) return write(state, ctx);
  release(state, ctx);
  ask(state, ctx);
}

/** Answers whoever waited for a position that is there now. */
function release(state: ProjectionState, ctx: Ctx): void {
  const { checkpoint } = state.rows;
  const now = ctx.mono();
  const waiting = state.waiting.filter(({ untilMicros }) => untilMicros >= now);
  state.waiting = waiting.filter(({ atLeast }) => atLeast > checkpoint);
  for (const one of waiting) if (one.atLeast <= checkpoint) answer(state, ctx, one);
}

function answer(
  { rows }: ProjectionState,
  ctx: Ctx,
  { call, account }: Pick<Reader, 'call' | 'account'>,
): void {
  const balance = rows.balances.get(account) ?? 0;
  const position = rows.checkpoint;
  ctx.reply<AccountBalance>(call, { type: 'account.balance', balance, position });
}

function onQuery(state: ProjectionState, ctx: Ctx, query: AccountQuery, call: CallRef): void {
  const { account, atLeast } = query;
  state.counts.queries += 1;
  if (atLeast <= state.rows.checkpoint) return answer(state, ctx, { call, account });
  state.counts.waited += 1;
  const untilMicros = ctx.mono() + (ctx.timeLeft() ?? 0);
  state.waiting.push({ call, account, atLeast, untilMicros });
}

const lagOf = ({ head, rows }: ProjectionState): number => Math.max(0, head - rows.checkpoint);

/** Of accounts that are shown. */
const BALANCES_MAX = 20;

export const projection = defineBehaviour<
  ProjectionState,
  Config,
  AccountQuery,
  ProjectionView,
  ProjectionResumed,
  ProjectionRows,
  ProjectionRecord
>({
  component: 'projection',
  about: 'Makes rows of events, and answers queries from them.',
  source: 'Young, CQRS Documents (2010); KurrentDB (EventStoreDB), Catch-up subscriptions',
  leavesOut: [
    'Rows in a database of another node: then a transaction of both is another problem.',
    'A second copy of the rows that is built beside the first, and takes over.',
    'Rows that say by themselves which event they had last.',
  ],
  badge: 'PJ',
  serves: [accountQueries],
  links: { store: { about: 'Whose events it reads: the first member.', contract: eventStore } },
  config,
  facts,
  rules: ['projection.one-transaction', 'projection.rows-first'],
  roleNames: { reader: 'Answers queries.' },
  durable: {
    empty: emptyRows,
    apply: applyRows,
    save: copyOf,
    restore: (image) => copyOf(image as ProjectionRows),
  },
  start,
  on: {
    'account.query': (state, ctx, message, _from, call) => onQuery(state, ctx, message, call),
  },
  onTimer: (state, ctx) => ask(state, ctx),
  onResult,
  onWorked,
  onSynced,
  gauges: [
    {
      kind: 'level',
      title: 'Position',
      about: 'The position of the last event whose row is on disk.',
      of: ({ rows }) => rows.checkpoint,
    },
    {
      kind: 'level',
      title: 'Lag',
      about: 'Events that it knows to be there, and has no rows of yet.',
      of: lagOf,
    },
    {
      kind: 'level',
      title: 'Waiting queries',
      about: 'Queries about a position that is not there yet.',
      of: ({ waiting }) => waiting.length,
    },
    {
      kind: 'count',
      title: 'Queries that waited',
      about: 'Queries that came before the position that they asked for.',
      of: ({ counts }) => counts.waited,
    },
  ],
  roles: () => ['reader'],
  view(state) {
    const { rows, head, waiting, counts, page, writing } = state;
    const lag = lagOf(state);
    return {
      component: 'projection',
      position: rows.checkpoint,
      head,
      lag,
      waiting: waiting.length,
      isBusy: page.length > 0 || writing.length > 0,
      balances: [...rows.balances].slice(0, BALANCES_MAX),
      fields: [
        { label: 'Position', value: rows.checkpoint },
        { label: 'Lag', value: lag, unit: 'events' },
        { label: 'Rows', value: rows.lines.length },
        { label: 'Transactions', value: counts.transactions },
        { label: 'Queries', value: counts.queries },
        { label: 'Queries that waited', value: counts.waited },
      ],
    };
  },
});
