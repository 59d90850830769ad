/**
 * A server of a replicated SQL-like store: the host of the protocol on one node, and of the keeper
 * beside it.
 *
 * Keeps: effects are performed in the protocol's order; each request of a client is answered once.
 * A put of null deletes. A write whose primary gave way is answered as lost-leadership, which is
 * not definite: it may be in the log that survives.
 */
import { dcs } from '../../contracts/dcs.ts';
import type { DcsReply } from '../../contracts/dcs.ts';
import { kv } from '../../contracts/kv.ts';
import type { KvCas, KvGet, KvPut } from '../../contracts/kv.ts';
import { replica as replicaContract } from '../../contracts/replica.ts';
import type { ReplicaHealth, ReplicaHealthReply } from '../../contracts/replica.ts';
import { replicaControl } from '../../contracts/replica-control.ts';
import type { ControlPong, ControlRequest } from '../../contracts/replica-control.ts';
import { Type, field } from '../../contracts/schema.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, Context, NodeIndex } from '../../node/behaviour.ts';
import { sampleMicros } from '../../policies/distribution.ts';
import type {
  ReplicaEffect,
  ReplicaInput,
  ReplicaNotice,
  ReplicaRecord,
  ReplicaTimer,
} from '../../protocols/primary-replica/effects.ts';
import {
  applyReplicaRecord,
  cloneReplicaDisk,
  createReplica,
  createReplicaDisk,
} from '../../protocols/primary-replica/state.ts';
import { REPLICA_RULES } from '../../protocols/primary-replica/rules.ts';
import type { ReplicaDisk, ReplicaDraws } from '../../protocols/primary-replica/state.ts';
import { step } from '../../protocols/primary-replica/step.ts';
import { sqlNodeConfig } from './config.ts';
import type { SqlNodeConfig } from './config.ts';
import { heard, orderOf, tellInfo } from './control.ts';
import { sqlNodeFacts } from './facts.ts';
import type { SqlNodeFact } from './facts.ts';
import { offersOf } from '../../node/usage.ts';
import { take } from '../waiting.ts';
import { ruleNeeds } from './rule-needs.ts';
import { checkSettings, protocolConfig } from './settings.ts';
import { GAUGES, viewOf } from './show.ts';
import { copyState, plainDisk, plainState } from './state.ts';
import type { Asked, SqlNodeState } from './state.ts';
import type { SqlNodeView } from './view.ts';

type Ctx = Context<SqlNodeConfig>;
type Handled = ReplicaNotice | ReplicaHealth | KvGet | KvPut | KvCas | ControlRequest;

function start(ctx: Ctx): SqlNodeState {
  const config = protocolConfig(ctx);
  const state: SqlNodeState = {
    config,
    recordBytes: ctx.config.walRecordBytes,
    replica: createReplica(config, ctx.durable as ReplicaDisk),
    nextTag: 0,
    calls: new Map(),
    asked: new Map(),
    isWatched: false,
    reads: 0,
    writes: 0,
  };
  feed(state, ctx, { type: 'start' });
  return state;
}

const drawsOf = (ctx: Ctx): ReplicaDraws => ({
  replayMicros: () => Math.round(sampleMicros(ctx.config.replayTime, ctx.stream('replay'))),
  unit: () => ctx.stream('loop').open01(),
});

/** One input to the protocol, and everything that follows from it. */
function feed(state: SqlNodeState, ctx: Ctx, input: ReplicaInput): void {
  const effects: ReplicaEffect[] = [];
  const clocks = { monoMicros: ctx.mono(), wallMicros: ctx.wall() };
  step(state.config, state.replica, input, clocks, drawsOf(ctx), effects);
  for (let i = 0; i < effects.length; i++) perform(state, ctx, effects[i] as ReplicaEffect);
}

function perform(state: SqlNodeState, ctx: Ctx, effect: ReplicaEffect): void {
  switch (effect.type) {
    case 'send':
      return ctx.send(effect.to, effect.message);
    case 'ask-health': {
      const { to: peer, round } = effect;
      const timeout = ms(ctx.config.healthTimeoutMs);
      const tag = tagFor(state, { about: 'health', peer, round });
      ctx.call<ReplicaHealth>(peer, { type: 'replica.health' }, { timeout, tag });
      return;
    }
    case 'ask-dcs':
      return askDcs(state, ctx, effect);
    case 'persist':
      return ctx.write(effect.record);
    case 'sync':
      return ctx.sync(effect.ticket);
    case 'set-timer':
      return ctx.setTimer(effect.timer, 0, micros(effect.afterMicros));
    case 'cancel-timer':
      return ctx.cancelTimer(effect.timer, 0);
    case 'answer':
      return ctx.reply(take(state.calls, effect.tag), effect.reply);
    case 'refuse':
      return ctx.refuse(take(state.calls, effect.tag), effect.code, { leader: effect.leader });
    case 'told':
      return ctx.tell<SqlNodeFact>(effect.fact);
  }
}

function tagFor(state: SqlNodeState, asked: Asked): number {
  const tag = state.nextTag++;
  state.asked.set(tag, asked);
  return tag;
}

type AskDcs = Extract<ReplicaEffect, { readonly type: 'ask-dcs' }>;

function askDcs(state: SqlNodeState, ctx: Ctx, { id, request, timeoutMicros }: AskDcs): void {
  const [store] = ctx.members('dcs');
  if (store === undefined) return;
  const tag = tagFor(state, { about: 'dcs', id });
  ctx.call(store, request, { timeout: micros(timeoutMicros), tag });
}

function onResult(state: SqlNodeState, ctx: Ctx, tag: number, result: CallResult): void {
  const asked = state.asked.get(tag);
  if (asked === undefined) return;
  state.asked.delete(tag);
  if (asked.about === 'health') {
    const health = result.outcome === 'ok' ? (result.value as ReplicaHealthReply) : null;
    return feed(state, ctx, { type: 'healthy', peer: asked.peer, round: asked.round, health });
  }
  feed(state, ctx, { type: 'dcs', id: asked.id, reply: dcsReply(result) });
}

function dcsReply(result: CallResult): DcsReply | string | null {
  if (result.outcome === 'ok') return result.value as DcsReply;
  return result.outcome === 'fail' ? result.error.code : null;
}

const receive = (state: SqlNodeState, ctx: Ctx, message: ReplicaNotice, from: NodeIndex): void =>
  feed(state, ctx, { type: 'message', from, message });

function wait(state: SqlNodeState, call: CallRef): number {
  const tag = state.nextTag++;
  state.calls.set(tag, call);
  return tag;
}

function onWrite(
  state: SqlNodeState,
  ctx: Ctx,
  request: KvPut | KvCas,
  _from: NodeIndex,
  call: CallRef,
): void {
  state.writes += 1;
  feed(state, ctx, { type: 'write', tag: wait(state, call), request });
}

const hasDcs = ({ config }: SqlNodeState): boolean => config.hasDcs;

export const sqlNode = defineBehaviour<
  SqlNodeState,
  SqlNodeConfig,
  Handled,
  SqlNodeView,
  SqlNodeFact,
  ReplicaDisk,
  ReplicaRecord
>({
  component: 'sql-node',
  about: 'A server of a replicated SQL-like store: one primary, standbys, and who takes over.',
  source:
    'PostgreSQL 17 (streaming replication), MySQL 8.4 (semi-synchronous), Patroni 4; Redis 7 for ' +
    'what sentinels ask and tell',
  leavesOut: [
    'Tables, transactions of several statements and their locks: a row is a key with a value.',
    'The end of a connection as news: a standby that is gone is missed after wal_sender_timeout.',
    'Checkpoints and the recycling of the log, so no base backups.',
    'Cascading replication, logical replication and slots.',
    'Failsafe mode, switchover and pause of Patroni.',
    'Full resynchronisation: where Redis would load all anew, only the tail that differs goes.',
  ],
  badge: 'SQ',
  serves: [kv, replicaContract, replicaControl],
  // Each primary keeps something for every standby.
  countMax: 99,
  links: {
    dcs: {
      about: 'Where the leader key is; without it nobody takes over by himself.',
      contract: dcs,
      optional: true,
    },
  },
  config: sqlNodeConfig,
  facts: sqlNodeFacts,
  rules: REPLICA_RULES.map(({ id }) => id),
  ruleNeeds,
  usage: {
    uses: () => [],
    offers: (_config, given) =>
      offersOf(['replicaPriorities'], given, {
        what: ['failover'],
        why: 'no sentinels watch these servers',
        hint: 'Link a group of sentinels to them, or leave it out.',
      }),
  },
  roleNames: {
    primary: 'Takes writes.',
    standby: 'Follows a primary, or waits for one.',
    promoting: 'Becomes primary.',
    recovering: 'Recovers from a crash.',
    rewinding: 'Drops what the primary has not.',
  },
  durable: {
    empty: createReplicaDisk,
    apply: applyReplicaRecord,
    save: cloneReplicaDisk,
    restore: (image) => cloneReplicaDisk(image as ReplicaDisk),
    plain: plainDisk,
  },
  check: checkSettings,
  gauges: GAUGES,
  actions: {
    promote: {
      about: 'Make this standby the primary (pg_promote), whatever the old one does.',
      args: Type.Object({}, { additionalProperties: false }),
      unavailable(state) {
        if (hasDcs(state)) return 'the keeper decides who is primary';
        return state.replica.role === 'standby' ? null : 'it is no standby';
      },
      perform: (state, ctx) => feed(state, ctx, { type: 'promote' }),
    },
    follow: {
      about: 'Follow another server of the group (primary_conninfo).',
      args: Type.Object(
        { server: field.count({ about: 'Which one, from 1 on.', default: 1, min: 1, max: 99 }) },
        { additionalProperties: false },
      ),
      unavailable: (state) => (hasDcs(state) ? 'the keeper decides whom to follow' : null),
      perform(state, ctx, args) {
        const primary = ctx.members('peers')[(args as { readonly server: number }).server - 1];
        if (primary === undefined || primary === ctx.self) return;
        feed(state, ctx, { type: 'follow', primary });
      },
    },
  },
  start,
  on: {
    'kv.put': onWrite,
    'kv.cas': onWrite,
    'kv.get': (state, ctx, { key, after }, _from, call) => {
      state.reads += 1;
      feed(state, ctx, { type: 'read', tag: wait(state, call), key, after: after ?? 0 });
    },
    'replica.health': (state, ctx, _message, _from, call) =>
      feed(state, ctx, { type: 'health', tag: wait(state, call) }),
    'control.ping': (_state, ctx, _message, _from, call) =>
      ctx.reply<ControlPong>(call, { type: 'control.pong' }),
    'control.info': (state, ctx, _message, _from, call) => tellInfo(state, ctx, call),
    'control.follow'(state, ctx, message, _from, call) {
      if (hasDcs(state)) return ctx.refuse(call, 'keeper-decides');
      heard(ctx, call);
      const order = orderOf(state, message);
      if (order !== null) feed(state, ctx, order);
    },
    'replica.status': receive,
    'replica.wal': receive,
    'replica.diverged': receive,
  },
  onTimer: (state, ctx, kind) => feed(state, ctx, { type: 'timer', timer: kind as ReplicaTimer }),
  onResult,
  onSynced: (state, ctx, ticket) => feed(state, ctx, { type: 'persisted', ticket }),
  onTerminate(state, ctx, stage) {
    if (stage !== 'sigterm') return;
    feed(state, ctx, { type: 'terminate' });
    ctx.exit(null);
  },
  roles: ({ replica }) => [replica.role],
  view: viewOf,
  save: copyState,
  restore: (image) => copyState(image as SqlNodeState),
  plain: plainState,
});
