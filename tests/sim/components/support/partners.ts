/** The other end of a conversation about keys: a store and a client that do what a test says. */
import { Type, defineBehaviour, kv, ms } from 'faultline';
import type {
  AnyContract,
  CallRef,
  CallResult,
  Context,
  KvReply,
  KvRequest,
  NodeIndex,
} from 'faultline';
import type { KvUpdate } from '../../../../src/sim/contracts/kv.ts';

/** What a store does about one request; null: it never answers. */
export type Deed =
  | { readonly reply: KvReply; readonly afterMs?: number }
  | { readonly refuse: string; readonly detail?: unknown; readonly afterMs?: number }
  | null;

export interface Asked {
  /** How many requests this store had before. */
  readonly nth: number;
  readonly server: NodeIndex;
  readonly request: KvRequest | KvUpdate;
  readonly micros: number;
}

export type Script = (asked: Asked) => Deed;

export interface StoreState {
  readonly asked: Asked[];
  readonly waiting: Map<number, { readonly call: CallRef; readonly deed: Deed }>;
}

interface PlainView {
  readonly component: string;
  readonly fields: [];
}

function perform(ctx: Context, call: CallRef, deed: Deed): void {
  if (deed === null) return;
  if ('reply' in deed) ctx.reply(call, deed.reply);
  else ctx.refuse(call, deed.refuse, deed.detail);
}

export function scriptedStore(script: Script) {
  const hear = (
    state: StoreState,
    ctx: Context,
    request: KvRequest | KvUpdate,
    _from: NodeIndex,
    call: CallRef,
  ): void => {
    const nth = state.asked.length;
    const asked = { nth, server: ctx.self, request, micros: ctx.mono() };
    state.asked.push(asked);
    const deed = script(asked);
    if (deed?.afterMs === undefined) return perform(ctx, call, deed);
    state.waiting.set(nth, { call, deed });
    ctx.setTimer('answer', nth, ms(deed.afterMs));
  };
  return defineBehaviour<StoreState, unknown, KvRequest | KvUpdate, PlainView>({
    component: 'scripted-store',
    about: 'Answers as a test says.',
    source: 'this test',
    leavesOut: [],
    badge: 'SS',
    serves: [kv],
    links: {},
    config: Type.Object({}),
    facts: {},
    roleNames: {},
    start: () => ({ asked: [], waiting: new Map() }),
    on: { 'kv.get': hear, 'kv.put': hear, 'kv.cas': hear, 'kv.update': hear },
    onTimer(state, ctx, _kind, nth) {
      const answer = state.waiting.get(nth);
      state.waiting.delete(nth);
      if (answer !== undefined) perform(ctx, answer.call, answer.deed);
    },
    roles: () => [],
    view: () => ({ component: 'scripted-store', fields: [] }),
  });
}

export interface Ended {
  readonly result: CallResult;
  readonly micros: number;
}

export interface AskerState {
  readonly ended: Map<number, Ended>;
}

/** Asks nothing by itself: a test lets it call, in that contract, whom that link names. */
export const askerOf = (component: string, role: string, contract: AnyContract) =>
  defineBehaviour<AskerState, unknown, never, PlainView>({
    component,
    about: 'Asks what a test says.',
    source: 'this test',
    leavesOut: [],
    badge: component.slice(0, 2).toUpperCase(),
    serves: [],
    links: { [role]: { about: 'Whom it asks.', contract } },
    config: Type.Object({}),
    facts: {},
    roleNames: {},
    start: () => ({ ended: new Map() }),
    on: {},
    onResult: (state, ctx, tag, result) =>
      void state.ended.set(tag, { result, micros: ctx.mono() }),
    roles: () => [],
    view: () => ({ component, fields: [] }),
  });

export const asker = askerOf('asker', 'servers', kv);
