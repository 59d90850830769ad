/** The other ends of the request path: a server of http, sql and cache that does what a test says,
 * and a caller that asks what a test says. */
import { Type, cache, defineBehaviour, health, http, ms, sql } from 'faultline';
import type { CallRef, CallResult, Context, Message, NodeIndex } from 'faultline';

/** What a server does about one request; null: it never answers. */
export type Act =
  | { readonly reply: Message; readonly afterMs?: number }
  | { readonly refuse: string; readonly detail?: unknown; readonly afterMs?: number }
  | null;

export interface Heard {
  /** How many messages this server had before. */
  readonly nth: number;
  readonly server: NodeIndex;
  readonly message: Message;
  readonly micros: number;
  /** How long the caller still waits, in micros; null for a notice. */
  readonly left: number | null;
}

export type Play = (heard: Heard) => Act;

export interface ServerState {
  readonly heard: Heard[];
  readonly waiting: Map<number, { readonly call: CallRef; readonly act: Act }>;
}

interface PlainView {
  readonly component: string;
  readonly fields: [];
}

function perform(ctx: Context, call: CallRef, act: Act): void {
  if (act === null) return;
  if ('reply' in act) ctx.reply(call, act.reply);
  else ctx.refuse(call, act.refuse, act.detail);
}

export function scriptedServer(play: Play) {
  const hear = (
    state: ServerState,
    ctx: Context,
    message: Message,
    _from: NodeIndex,
    call: CallRef,
  ): void => {
    const nth = state.heard.length;
    const heard = { nth, server: ctx.self, message, micros: ctx.mono(), left: ctx.timeLeft() };
    state.heard.push(heard);
    const act = play(heard);
    if (act?.afterMs === undefined) return perform(ctx, call, act);
    state.waiting.set(nth, { call, act });
    ctx.setTimer('answer', nth, ms(act.afterMs));
  };
  return defineBehaviour<ServerState, unknown, Message, PlainView>({
    component: 'scripted-server',
    about: 'Answers as a test says.',
    source: 'this test',
    leavesOut: [],
    badge: 'SS',
    serves: [http, sql, cache, health],
    links: {},
    config: Type.Object({}),
    facts: {},
    roleNames: {},
    start: () => ({ heard: [], waiting: new Map() }),
    on: {
      'http.request': hear,
      'sql.connect': hear,
      'sql.close': hear,
      'sql.query': hear,
      'sql.replicate': hear,
      'cache.get': hear,
      'cache.get-many': hear,
      'cache.set': hear,
      'cache.delete': hear,
      'cache.invalidate': hear,
      'health.check': hear,
    },
    onTimer(state, ctx, _kind, nth) {
      const answer = state.waiting.get(nth);
      state.waiting.delete(nth);
      if (answer !== undefined) perform(ctx, answer.call, answer.act);
    },
    roles: () => [],
    view: () => ({ component: 'scripted-server', fields: [] }),
  });
}

export interface Answer {
  readonly result: CallResult;
  readonly micros: number;
}

export interface CallerState {
  readonly answers: Map<number, Answer>;
  /** In the order in which they came. */
  readonly order: number[];
}

/** Asks nothing by itself: a test lets it call. */
export const caller = defineBehaviour<CallerState, unknown, never, PlainView>({
  component: 'caller',
  about: 'Asks what a test says.',
  source: 'this test',
  leavesOut: [],
  badge: 'CA',
  serves: [],
  links: { servers: { about: 'Whom it asks.', contract: [http, health, sql, cache] } },
  config: Type.Object({}),
  facts: {},
  roleNames: {},
  start: () => ({ answers: new Map(), order: [] }),
  on: {},
  onResult(state, ctx, tag, result) {
    state.answers.set(tag, { result, micros: ctx.mono() });
    state.order.push(tag);
  },
  roles: () => [],
  view: () => ({ component: 'caller', fields: [] }),
});

export const response = (version = 0, degraded = false): Message =>
  ({ type: 'http.response', version, degraded }) as Message;
export const rows = (version = 0): Message => ({ type: 'sql.rows', version }) as Message;
export const connected: Message = { type: 'sql.connected' };
export const cacheValue = (
  state: 'hit' | 'stale' | 'miss' | 'wait',
  version = -1,
  lease = 0,
): Message => ({ type: 'cache.value', state, version, lease }) as Message;
export const stored: Message = { type: 'cache.done', applied: true } as Message;

export const ok = (afterMs = 0, version = 0): Act =>
  afterMs === 0 ? { reply: response(version) } : { reply: response(version), afterMs };
export const refused = (code: string, afterMs = 0): Act =>
  afterMs === 0 ? { refuse: code } : { refuse: code, afterMs };
