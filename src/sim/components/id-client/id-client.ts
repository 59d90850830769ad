/**
 * A client that asks for unique ids at a steady beat, one worker after the other, whatever comes of
 * it.
 *
 * Invariant: it asks at exactly the times of its beat by its own clock, so that two runs that
 * differ in one setting ask at the same times.
 *
 * Source: the workload of Jepsen's unique-ids tests
 */
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import { ids } from '../../contracts/ids.ts';
import type { IdsId, IdsNext } from '../../contracts/ids.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, Context, View } from '../../node/behaviour.ts';

const config = Type.Object(
  {
    startMs: field.millis({
      about: 'When it first asks.',
      default: 0,
      withinRun: 'it never asks',
    }),
    everyMs: field.millis({
      about: 'How long from one request to the next, exactly.',
      default: 1,
      min: 0.001,
    }),
    requests: field.count({ about: 'How often it asks; 0: as long as it runs.', default: 0 }),
    timeoutMs: field.millis({
      about: 'How long it waits for an answer.',
      default: 1_000,
      min: 0.001,
    }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

export interface IdClientState {
  /** When it first asks, by its own clock: the later times are counted from it. */
  readonly firstMicros: number;
  asked: number;
  /** When each request under way began, by its operation. */
  readonly underWay: Map<number, number>;
  lastId: string | null;
  ok: number;
  fail: number;
  unknown: number;
}

export interface IdClientView extends View {
  readonly component: 'id-client';
  readonly lastId: string | null;
  readonly underWay: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
}

function arm({ asked, firstMicros }: IdClientState, ctx: Ctx): void {
  if (ctx.config.requests > 0 && asked >= ctx.config.requests) return;
  const at = firstMicros + Math.round(asked * ctx.config.everyMs * 1_000);
  ctx.setTimer('ask', 0, micros(Math.max(0, at - ctx.mono())));
}

/** Each client begins with another worker, so that at each beat none is asked by two. */
function ask(state: IdClientState, ctx: Ctx): void {
  const workers = ctx.members('workers');
  const turn = ctx.members('peers').indexOf(ctx.self) + state.asked;
  state.asked += 1;
  const worker = workers[turn % workers.length];
  if (worker === undefined) return;
  const op = ctx.unique();
  state.underWay.set(op, ctx.mono());
  ctx.tell<ClientFact>({
    type: 'client.invoked',
    op,
    client: ctx.id,
    f: 'generate',
    input: null,
  });
  ctx.call<IdsNext>(worker, { type: 'ids.next' }, { timeout: ms(ctx.config.timeoutMs), tag: op });
}

function onResult(state: IdClientState, ctx: Ctx, op: number, result: CallResult): void {
  const began = state.underWay.get(op) ?? ctx.mono();
  state.underWay.delete(op);
  const id = result.outcome === 'ok' ? (result.value as IdsId).id : null;
  state[result.outcome] += 1;
  if (id !== null) state.lastId = id;
  ctx.tell<ClientFact>({
    type: 'client.completed',
    op,
    client: ctx.id,
    f: 'generate',
    outcome: result.outcome,
    output: id,
    ...(result.outcome === 'ok' ? {} : { error: result.error.code }),
    retries: 0,
    latencyMicros: ctx.mono() - began,
  });
}

export const idClient = defineBehaviour<IdClientState, Config, never, IdClientView, ClientFact>({
  component: 'id-client',
  about: 'Asks for unique ids at a steady beat, one worker after the other.',
  source: 'The unique-ids workload of Jepsen',
  leavesOut: ['A second try: who is refused asks again at the next beat, for another id.'],
  badge: 'IC',
  serves: [],
  links: { workers: { about: 'Whom it asks for ids, one after the other.', contract: ids } },
  config,
  operations: ['generate'],
  facts: CLIENT_FACTS,
  roleNames: {},
  start(ctx) {
    const state: IdClientState = {
      firstMicros: Math.max(ms(ctx.config.startMs), ctx.mono()),
      asked: 0,
      underWay: new Map(),
      lastId: null,
      ok: 0,
      fail: 0,
      unknown: 0,
    };
    arm(state, ctx);
    return state;
  },
  on: {},
  onTimer(state, ctx) {
    ask(state, ctx);
    arm(state, ctx);
  },
  onResult,
  roles: () => [],
  view: ({ lastId, underWay, ok, fail, unknown }) => ({
    component: 'id-client',
    lastId,
    underWay: underWay.size,
    ok,
    fail,
    unknown,
    fields: [
      { label: 'Last id', value: lastId },
      { label: 'Under way', value: underWay.size },
      { label: 'Given', value: ok },
      { label: 'Refused', value: fail },
      { label: 'Unknown', value: unknown },
    ],
  }),
});
