/**
 * A client whose transactions only read, and read everything twice: each item, and each question
 * that a set of rows answers. What it has read before it may keep.
 *
 * Invariants
 *  - It asks whatever server of its links answers: nothing ties it to one.
 *  - What it keeps it forgets when its transaction is over, so the next one reads afresh.
 *
 * Source: Bailis et al., Highly Available Transactions (VLDB 2014), 5.1.1: cut isolation by a copy
 * of what was read, at the client. Differs: a question is for all rows of one set.
 */
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import { kv } from '../../contracts/kv.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { Context, View } from '../../node/behaviour.ts';
import type { Script } from '../../node/script.ts';
import { checkReportClient, reportClientConfig } from './config.ts';
import type { ReportClientConfig } from './config.ts';
import { REPORT, report } from './report.ts';
import type { Reading, ReportResult } from './report.ts';

type Ctx = Context<ReportClientConfig>;

interface Running {
  readonly op: number;
  /** The logical client that it is of: one transaction at a time each. */
  readonly slot: number;
  readonly startedMicros: number;
}

export interface ReportClientState {
  /** When it first asks, by its own clock: the later times are counted from it. */
  readonly firstMicros: number;
  begun: number;
  /** By the number of the transaction. */
  readonly underWay: Map<number, Running>;
  ok: number;
  fail: number;
  last: readonly Reading[];
}

export interface ReportClientView extends View {
  readonly component: 'report-client';
  readonly underWay: number;
  readonly ok: number;
  readonly fail: number;
  /** What the last transaction read, in this order. */
  readonly last: readonly Reading[];
}

function arm({ begun, firstMicros }: ReportClientState, ctx: Ctx): void {
  const at = firstMicros + begun * ms(ctx.config.everyMs);
  if (ctx.config.stopMs > 0 && at >= ms(ctx.config.stopMs)) return;
  ctx.setTimer('begin', 0, micros(Math.max(0, at - ctx.mono())));
}

function begin(state: ReportClientState, ctx: Ctx): void {
  const { config } = ctx;
  const tag = state.begun;
  const op = ctx.unique();
  const slot = freeSlot(state);
  state.begun += 1;
  state.underWay.set(tag, { op, slot, startedMicros: ctx.mono() });
  ctx.tell<ClientFact>({
    type: 'client.invoked',
    op,
    client: clientName(ctx, slot),
    f: REPORT,
    input: [...config.items, ...config.questions],
  });
  ctx.run(
    REPORT,
    {
      items: config.items.map((key) => ({ key, servers: ctx.members('items') })),
      questions: config.questions.map((key) => ({ key, servers: ctx.members('rows') })),
      keeps: config.keeps,
      gap: ms(config.gapMs),
      tryTimeout: ms(config.tryTimeoutMs),
      turn: ctx.members('peers').indexOf(ctx.self) + tag,
    },
    tag,
  );
}

function freeSlot({ underWay }: ReportClientState): number {
  const taken = new Set([...underWay.values()].map(({ slot }) => slot));
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  return slot;
}

const clientName = (ctx: Ctx, slot: number): string => `${ctx.id}#${slot}`;

function onScript(state: ReportClientState, ctx: Ctx, tag: number, value: unknown): void {
  const running = state.underWay.get(tag);
  if (running === undefined) return;
  state.underWay.delete(tag);
  const { readings, error, retries } = value as ReportResult;
  const outcome = error === null ? 'ok' : 'fail';
  state[outcome] += 1;
  if (outcome === 'ok') state.last = readings;
  ctx.tell<ClientFact>({
    type: 'client.completed',
    op: running.op,
    client: clientName(ctx, running.slot),
    f: REPORT,
    outcome,
    output: outcome === 'ok' ? readings : null,
    ...(error === null ? {} : { error }),
    retries,
    latencyMicros: ctx.mono() - running.startedMicros,
  });
}

const textOf = ({ what, key, value }: Reading): string =>
  `${key} ${what === 'item' ? String(value) : value.length}`;

export const reportClient = defineBehaviour<
  ReportClientState,
  ReportClientConfig,
  never,
  ReportClientView,
  ClientFact
>({
  component: 'report-client',
  about: 'Reads the same items, and asks the same questions, twice in one transaction.',
  source: 'Bailis et al., Highly Available Transactions (VLDB 2014), 5.1.1',
  leavesOut: ['Writes of its own: a transaction that only reads has nothing to commit.'],
  badge: 'RP',
  serves: [],
  links: {
    items: { about: 'A store of single items; any of its nodes is asked.', contract: kv },
    rows: {
      about: 'A store of sets of rows, for the questions.',
      contract: kv,
      optional: true,
    },
  },
  config: reportClientConfig,
  check: checkReportClient,
  usage: {
    uses: ({ questions }) => [
      { role: 'items', what: 'read' },
      ...(questions.length === 0 ? [] : [{ role: 'rows', what: 'read' }]),
    ],
  },
  operations: [REPORT],
  facts: CLIENT_FACTS,
  scripts: [report as unknown as Script],
  roleNames: {},
  start(ctx) {
    const state: ReportClientState = {
      firstMicros: Math.max(ms(ctx.config.startMs), ctx.mono()),
      begun: 0,
      underWay: new Map(),
      ok: 0,
      fail: 0,
      last: [],
    };
    arm(state, ctx);
    return state;
  },
  on: {},
  onTimer(state, ctx) {
    begin(state, ctx);
    arm(state, ctx);
  },
  onScript,
  onBehalf({ underWay }, tag) {
    const one = underWay.get(tag);
    return one === undefined ? null : { of: 'operation', op: one.op };
  },
  roles: () => [],
  view: ({ underWay, ok, fail, last }) => ({
    component: 'report-client',
    underWay: underWay.size,
    ok,
    fail,
    last,
    fields: [
      { label: 'Last report', value: last.length === 0 ? null : last.map(textOf).join(', ') },
      { label: 'Under way', value: underWay.size },
      { label: 'Done', value: ok },
      { label: 'Failed', value: fail },
    ],
  }),
});
