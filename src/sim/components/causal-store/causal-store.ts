/**
 * A datacentre of a causal store: the host of the causal protocol on one node.
 *
 * Keeps: effects are performed in the protocol's order; each request of a client is answered once.
 * Reads and writes are answered here, whatever becomes of the links to the others. Clients carry
 * what they depend on (`kv-client` `dependencies`). A put of null deletes.
 */
import { causalReplication } from '../../contracts/causal.ts';
import type { CausalMessage } from '../../contracts/causal.ts';
import { kv } from '../../contracts/kv.ts';
import type { KvGet, KvPut, KvReply } from '../../contracts/kv.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, NodeIndex } from '../../node/behaviour.ts';
import { amongSeveral } from '../../node/rule-needs.ts';
import { CAUSAL_RULES, causalRules } from '../../protocols/causal/rules.ts';
import { applyRecord, cloneDisk, createDisk, createState } from '../../protocols/causal/state.ts';
import type {
  CausalConfig,
  CausalDisk,
  CausalEffect,
  CausalInput,
  CausalRecord,
} from '../../protocols/causal/state.ts';
import { step } from '../../protocols/causal/step.ts';
import { leaderHint } from '../kv-serving.ts';
import { causalStoreConfig } from './config.ts';
import type { CausalStoreConfig } from './config.ts';
import { causalStoreFacts } from './facts.ts';
import type { CausalStoreFact } from './facts.ts';
import { viewOf } from './show.ts';
import { copyState, plainState } from './state.ts';
import type { CausalStoreState } from './state.ts';
import type { CausalStoreView } from './view.ts';

type Ctx = Context<CausalStoreConfig>;

function start(ctx: Ctx): CausalStoreState {
  const config: CausalConfig = Object.freeze({
    id: ctx.self,
    peers: Object.freeze(ctx.members('peers').slice()),
    resendMicros: ms(ctx.config.resendMs),
    batchMax: ctx.config.batchMax,
    rules: causalRules(ctx.ablations),
  });
  const state: CausalStoreState = {
    config,
    store: createState(config, ctx.durable as CausalDisk),
    nextTag: 0,
    calls: new Map(),
    reads: 0,
    writes: 0,
  };
  feed(state, ctx, { type: 'start' });
  return state;
}

/** One input to the protocol, and everything that follows from it. */
function feed(state: CausalStoreState, ctx: Ctx, input: CausalInput): void {
  const effects: CausalEffect[] = [];
  step(state.config, state.store, input, ctx.mono(), effects);
  for (const effect of effects) perform(state, ctx, effect);
}

function perform(state: CausalStoreState, ctx: Ctx, effect: CausalEffect): void {
  switch (effect.type) {
    case 'send':
      return ctx.send(effect.to, effect.message);
    case 'persist':
      return ctx.write(effect.record);
    case 'sync':
      return ctx.sync(effect.ticket);
    case 'set-timer':
      return ctx.setTimer(effect.timer, 0, micros(effect.afterMicros));
    case 'told':
      return ctx.tell<CausalStoreFact>(effect.fact);
    case 'answer':
      return answer(state, ctx, effect.tag, effect.reply);
  }
}

function answer(state: CausalStoreState, ctx: Ctx, tag: number, reply: KvReply | string): void {
  const call = state.calls.get(tag);
  if (call === undefined) return;
  state.calls.delete(tag);
  if (typeof reply !== 'string') return ctx.reply(call, reply);
  // Whoever has seen more elsewhere tries elsewhere: nobody leads.
  ctx.refuse(call, reply, leaderHint(null));
}

function put(
  state: CausalStoreState,
  ctx: Ctx,
  { key, value, dependencies = [] }: KvPut,
  _from: NodeIndex,
  call: CallRef,
): void {
  const tag = state.nextTag++;
  state.calls.set(tag, call);
  state.writes += 1;
  feed(state, ctx, { type: 'write', tag, key, value, dependencies });
}

function get(
  state: CausalStoreState,
  ctx: Ctx,
  { key }: KvGet,
  _from: NodeIndex,
  call: CallRef,
): void {
  const tag = state.nextTag++;
  state.calls.set(tag, call);
  state.reads += 1;
  feed(state, ctx, { type: 'read', tag, key });
}

const receive = (
  state: CausalStoreState,
  ctx: Ctx,
  message: CausalMessage,
  from: NodeIndex,
): void => feed(state, ctx, { type: 'message', from, message });

export const causalStore = defineBehaviour<
  CausalStoreState,
  CausalStoreConfig,
  CausalMessage | KvGet | KvPut,
  CausalStoreView,
  CausalStoreFact,
  CausalDisk,
  CausalRecord
>({
  component: 'causal-store',
  about: 'A datacentre that answers alone, and shows no write before what it depends on: causal+.',
  source:
    'Lloyd, Freedman, Kaminsky & Andersen, "Don’t Settle for Eventual: Scalable Causal ' +
    'Consistency for Wide-Area Storage with COPS" (SOSP 2011); Ladin et al., Lazy Replication ' +
    '(TOCS 1992)',
  leavesOut: [
    'Servers inside a datacentre: it is one node here, so its writes are applied in their order ' +
      'and dependencies name a datacentre and a count, not keys with versions.',
    'Get transactions (COPS-GT): several keys as of one moment.',
    'Clients that move: a read elsewhere may find less than was seen; a write there is refused.',
    'Merging of concurrent writes by an application: the last writer wins.',
    'Lightweight transactions: compare-and-set is refused as not supported.',
  ],
  badge: 'CS',
  serves: [kv, causalReplication],
  // Each keeps a place for every other.
  countMax: 999,
  links: {},
  config: causalStoreConfig,
  facts: causalStoreFacts,
  rules: CAUSAL_RULES.map(({ id }) => id),
  ruleNeeds: [
    amongSeveral([
      'causal.dependency-check',
      'causal.last-writer-wins',
      'causal.clock-advance',
      'causal.resend',
    ]),
  ],
  roleNames: {
    datacentre: 'Answers its clients by itself.',
    waiting: 'Holds back writes whose causes have not arrived.',
  },
  durable: {
    empty: createDisk,
    apply: applyRecord,
    save: cloneDisk,
    restore: (image) => cloneDisk(image as CausalDisk),
  },
  gauges: [
    {
      kind: 'level',
      title: 'Held back',
      about: 'Writes that have arrived and wait for what they depend on.',
      of: ({ store }) => store.held.length,
    },
    {
      kind: 'level',
      title: 'Outbox',
      about: 'Own writes that some other datacentre has not applied.',
      of: ({ store }) => store.outbox.length,
    },
  ],
  start,
  on: {
    'kv.put': put,
    'kv.get': get,
    'causal.replicate': receive,
    'causal.applied': receive,
  },
  onTimer: (state, ctx) => feed(state, ctx, { type: 'timer', timer: 'resend' }),
  onSynced: (state, ctx, ticket) => feed(state, ctx, { type: 'persisted', ticket }),
  roles: ({ store }) => (store.held.length > 0 ? ['datacentre', 'waiting'] : ['datacentre']),
  view: viewOf,
  save: copyState,
  restore: (image) => copyState(image as CausalStoreState),
  plain: plainState,
});
