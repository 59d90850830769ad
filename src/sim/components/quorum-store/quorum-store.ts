/**
 * A node of a Dynamo-style store: the host of the quorum protocol on one node.
 *
 * Keeps: effects are performed in the protocol's order; each request of a client is answered once.
 * A put of null deletes. A coordinator that cannot reach W replicas answers write-timeout, which is
 * not definite: whoever has the write keeps it.
 */
import { ScenarioError } from '../../kernel/errors.ts';
import { kv } from '../../contracts/kv.ts';
import type { KvGet, KvPut, KvReply, KvUpdate } from '../../contracts/kv.ts';
import { quorum } from '../../contracts/quorum.ts';
import type { QuorumMessage } from '../../contracts/quorum.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, GroupSettings, NodeIndex } from '../../node/behaviour.ts';
import { checkDistribution } from '../../policies/distribution-schema.ts';
import { sampleMicros } from '../../policies/distribution.ts';
import type { Distribution } from '../../policies/distribution.ts';
import { createQuorumConfig } from '../../protocols/quorum/config.ts';
import type {
  QuorumEffect,
  QuorumInput,
  QuorumRecord,
  QuorumTimer,
} from '../../protocols/quorum/effects.ts';
import { QUORUM_RULES } from '../../protocols/quorum/rules.ts';
import type { QuorumAblation } from '../../protocols/quorum/rules.ts';
import { applyRecord, cloneDisk, createDisk, createState } from '../../protocols/quorum/state.ts';
import type { QuorumDisk } from '../../protocols/quorum/state.ts';
import { step } from '../../protocols/quorum/step.ts';
import { quorumStoreConfig } from './config.ts';
import { checkLevels } from './levels.ts';
import type { QuorumStoreConfig } from './config.ts';
import { quorumStoreFacts } from './facts.ts';
import type { QuorumStoreFact } from './facts.ts';
import { ruleNeeds } from './rule-needs.ts';
import { siblingsOf, viewOf } from './show.ts';
import { copyState, plainState } from './state.ts';
import type { QuorumStoreState } from './state.ts';
import type { QuorumStoreView } from './view.ts';

type Ctx = Context<QuorumStoreConfig>;
type Handled = QuorumMessage | KvGet | KvPut | KvUpdate;

const LEG = 'leg';
/** The draws of all legs of a node. */
const LEG_STREAM = 'legs';

function check(c: QuorumStoreConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  for (const [name, of] of Object.entries(c.legs)) {
    checkDistribution(of, `${path}/legs/${name}`, 0);
  }
  if (c.clock === 'hybrid' && c.conflicts !== 'last-write-wins') {
    throw new ScenarioError(`clock is hybrid, but conflicts is ${c.conflicts}: no stamp decides.`, {
      path: `${path}/clock`,
      hint: 'Leave clock out, or let the last write win.',
    });
  }
  checkLevels(c, group, path);
}

function start(ctx: Ctx): QuorumStoreState {
  const c = ctx.config;
  const known = new Set<string>(QUORUM_RULES.map((rule) => rule.id));
  const config = createQuorumConfig({
    id: ctx.self,
    life: ctx.life,
    peers: ctx.members('peers'),
    numTokens: c.numTokens,
    replicationFactor: c.replicationFactor,
    readLevel: c.readConsistency,
    writeLevel: c.writeConsistency,
    r: c.r,
    w: c.w,
    conflicts: c.conflicts,
    clock: c.clock,
    sloppyQuorum: c.sloppyQuorum,
    hintedHandoff: c.hintedHandoff,
    maxHintWindowMicros: ms(c.maxHintWindowMs),
    hintDispatchMicros: ms(c.hintDispatchMs),
    readRepair: c.readRepair,
    antiEntropyMicros: ms(c.antiEntropyMs),
    merkleDepth: c.merkleDepth,
    gcGraceMicros: ms(c.gcGraceMs),
    compactionMicros: ms(c.compactionMs),
    commitLogSync: c.commitLogSync,
    commitLogSyncMicros: ms(c.commitLogSyncMs),
    writeTimeoutMicros: ms(c.writeTimeoutMs),
    readTimeoutMicros: ms(c.readTimeoutMs),
    suspectAfterMicros: ms(c.suspectAfterMs),
    probeMicros: ms(c.probeMs),
    ablations: new Set(ctx.ablations.filter((rule) => known.has(rule)) as QuorumAblation[]),
  });
  const state: QuorumStoreState = {
    config,
    store: createState(config, ctx.durable as QuorumDisk),
    nextTag: 0,
    calls: new Map(),
    nextLeg: 0,
    legs: new Map(),
    reads: 0,
    writes: 0,
    refused: 0,
  };
  feed(state, ctx, { type: 'start' });
  return state;
}

/** One input to the protocol, and everything that follows from it. */
function feed(state: QuorumStoreState, ctx: Ctx, input: QuorumInput): void {
  const effects: QuorumEffect[] = [];
  step(state.config, state.store, input, ctx.mono(), ctx.wall(), effects);
  for (let i = 0; i < effects.length; i++) perform(state, ctx, effects[i] as QuorumEffect);
}

function perform(state: QuorumStoreState, ctx: Ctx, effect: QuorumEffect): void {
  switch (effect.type) {
    case 'send':
      return dispatch(state, ctx, effect.to, effect.message);
    case 'persist':
      return ctx.write(effect.record);
    case 'sync':
      return ctx.sync(effect.ticket);
    case 'set-timer':
      return ctx.setTimer(effect.timer, effect.key, micros(effect.afterMicros));
    case 'cancel-timer':
      return ctx.cancelTimer(effect.timer, effect.key);
    case 'told':
      return ctx.tell<QuorumStoreFact>(effect.fact);
    case 'answer':
      return answer(state, ctx, effect.tag, effect.reply);
  }
}

/** The leg of the WARS model that a message travels, if it is one of the four. */
function legOf({ legs }: QuorumStoreConfig, message: QuorumMessage): Distribution | null {
  switch (message.type) {
    case 'quorum.write':
      return legs.write;
    case 'quorum.written':
      return legs.acknowledgement;
    case 'quorum.read':
      return legs.read;
    case 'quorum.held':
      return legs.response;
    default:
      return null;
  }
}

function dispatch(state: QuorumStoreState, ctx: Ctx, to: NodeIndex, message: QuorumMessage): void {
  const leg = legOf(ctx.config, message);
  if (leg === null || (leg.kind === 'constant' && leg.ms === 0)) return ctx.send(to, message);
  const key = state.nextLeg++;
  state.legs.set(key, { to, message });
  ctx.setTimer(LEG, key, micros(sampleMicros(leg, ctx.stream(LEG_STREAM))));
}

function answer(state: QuorumStoreState, ctx: Ctx, tag: number, reply: KvReply | string): void {
  const call = state.calls.get(tag);
  if (call === undefined) return;
  state.calls.delete(tag);
  if (typeof reply !== 'string') return ctx.reply(call, reply);
  state.refused += 1;
  ctx.refuse(call, reply);
}

function write(
  state: QuorumStoreState,
  ctx: Ctx,
  request: KvPut | KvUpdate,
  _from: NodeIndex,
  call: CallRef,
): void {
  const tag = state.nextTag++;
  state.calls.set(tag, call);
  state.writes += 1;
  feed(state, ctx, { type: 'write', tag, request });
}

function read(
  state: QuorumStoreState,
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
  state: QuorumStoreState,
  ctx: Ctx,
  message: QuorumMessage,
  from: NodeIndex,
): void => feed(state, ctx, { type: 'message', from, message });

function onTimer(state: QuorumStoreState, ctx: Ctx, kind: string, key: number): void {
  if (kind !== LEG) return feed(state, ctx, { type: 'timer', timer: kind as QuorumTimer, key });
  const delayed = state.legs.get(key);
  state.legs.delete(key);
  if (delayed !== undefined) ctx.send(delayed.to, delayed.message);
}

export const quorumStore = defineBehaviour<
  QuorumStoreState,
  QuorumStoreConfig,
  Handled,
  QuorumStoreView,
  QuorumStoreFact,
  QuorumDisk,
  QuorumRecord
>({
  component: 'quorum-store',
  about: 'A node of a store without a leader: any node coordinates, R and W replicas decide.',
  source:
    'DeCandia et al., Dynamo (SOSP 2007); Lakshman & Malik, Cassandra (2010), as of 4.1; Riak',
  leavesOut: [
    'Membership change: the ring is that of the group at the start.',
    'Gossip: who is down is found out by whoever asked them in vain.',
    'Racks and datacenters, so no local quorums.',
    'Digests, speculative retries and the throttle of handoff: reads ask all N for data.',
    'Lightweight transactions: compare-and-set is refused as not supported.',
    'Storage: memtables and compaction, but for dropping tombstones.',
  ],
  badge: 'QS',
  serves: [kv, quorum],
  // Each node may keep something for every other, and counts on small numbers of them.
  countMax: 999,
  links: {},
  config: quorumStoreConfig,
  facts: quorumStoreFacts,
  rules: QUORUM_RULES.map(({ id }) => id),
  ruleNeeds,
  roleNames: {
    replica: 'Holds keys and coordinates requests.',
    holder: 'Keeps hints for replicas that missed writes.',
  },
  durable: {
    empty: createDisk,
    apply: applyRecord,
    save: cloneDisk,
    restore: (image) => cloneDisk(image as QuorumDisk),
  },
  check,
  gauges: [
    {
      kind: 'level',
      title: 'Hints',
      about: 'Writes that are kept for replicas that missed them.',
      of: ({ store }) => store.hints.size,
    },
    {
      kind: 'level',
      title: 'Siblings',
      about: 'Keys with more than one concurrent value.',
      of: siblingsOf,
    },
    {
      kind: 'count',
      title: 'Repairs',
      about: 'Replicas that were written to because a read found them behind.',
      unit: '1/s',
      of: ({ store }) => store.repairs,
    },
  ],
  start,
  on: {
    'kv.put': write,
    'kv.update': write,
    'kv.get': read,
    'quorum.write': receive,
    'quorum.written': receive,
    'quorum.read': receive,
    'quorum.held': receive,
    'quorum.forward': receive,
    'quorum.forwarded': receive,
    'quorum.ping': receive,
    'quorum.pong': receive,
    'quorum.tree': receive,
    'quorum.tree-reply': receive,
    'quorum.range': receive,
  },
  onTimer,
  onSynced: (state, ctx, ticket) => feed(state, ctx, { type: 'persisted', ticket }),
  roles: ({ store }) => (store.hints.size > 0 ? ['replica', 'holder'] : ['replica']),
  view: viewOf,
  save: copyState,
  restore: (image) => copyState(image as QuorumStoreState),
  plain: plainState,
});
