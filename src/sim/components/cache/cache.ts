/**
 * A cache of objects: beside a store, filled by its callers; or before one, which it reads and
 * writes itself.
 *
 * Differs: an object is its version, and counts as one, whatever its size; expired objects stay
 * until they are asked for or have to go (lazy expiry, as in memcached).
 */
import { cache as contract } from '../../contracts/cache.ts';
import type { CacheMessage } from '../../contracts/cache.ts';
import { sql } from '../../contracts/sql.ts';
import { Type } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { micros } from '../../kernel/time.ts';
import { hashText } from '../../kernel/trace-hash.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, GroupSettings, NodeIndex } from '../../node/behaviour.ts';
import { CALL_RULES, callRulesInUse, trafficNeeds } from '../../traffic/call-rules.ts';
import type { TrafficAblation } from '../../traffic/rules.ts';
import { checkCallPolicy } from '../../traffic/check-policy.ts';
import { flowOf, leave } from '../../traffic/flow.ts';
import { policyUnder } from '../../traffic/rules.ts';
import { onTryResult, onUpstreamTimer, refreshMembers } from '../../traffic/upstream-calls.ts';
import { upstreamFlows } from '../../traffic/upstream-view.ts';
import { newUpstream, ownerOf } from '../../traffic/upstream.ts';
import type { CallEnd } from '../../traffic/upstream.ts';
import { cacheConfig } from './config.ts';
import type { CacheConfig } from './config.ts';
import { CACHE_FACTS } from './facts.ts';
import type { CacheFact } from './facts.ts';
import { flush, onCallEnd, pendingAt, writeBack } from './origin.ts';
import { perform, wait } from './requests.ts';
import { GAUGES, view } from './show.ts';
import { copyState, newState } from './state.ts';
import type { CacheState, Pending } from './state.ts';
import { usage } from './usage.ts';
import type { CacheView } from './view.ts';

type Ctx = Context<CacheConfig>;
type Asked = Exclude<
  CacheMessage,
  { readonly type: 'cache.value' | 'cache.values' | 'cache.done' }
>;

function start(ctx: Ctx): CacheState {
  const { config } = ctx;
  const hasOrigin = config.mode !== 'aside';
  const [group = ''] = ctx.id.split('/');
  const seed = config.policy === 'random' ? ctx.stream('eviction').uint32() : 1;
  const origin = hasOrigin
    ? newUpstream('origin', 0, policyUnder(config.origin, ctx.ablations))
    : null;
  const state = newState(config, hashText(group), seed, origin);
  if (origin !== null) refreshMembers(origin, ctx);
  return state;
}

/** Operations that cost nothing are done at once; the others wait for a core. */
function receive(
  state: CacheState,
  ctx: Ctx,
  message: Asked,
  _from: NodeIndex,
  call: CallRef,
): void {
  const { opMicros } = ctx.config;
  if (opMicros > 0) ctx.work(micros(opMicros), wait(state, ctx, message, call));
  else perform(state, ctx, message, call);
  settle(state, ctx);
}

function onWorked(state: CacheState, ctx: Ctx, slot: number): void {
  const { message, call, arrivedMicros } = pendingAt(state, slot);
  leave(state.flow, arrivedMicros, ctx.mono());
  state.freePending.push(slot);
  perform(state, ctx, message, call);
  settle(state, ctx);
}

/** Calls to the store that ended while something was handled. */
function settle(state: CacheState, ctx: Ctx): void {
  const ended = state.origin?.ended;
  if (ended === undefined) return;
  while (ended.length > 0) onCallEnd(state, ctx, ended.shift() as CallEnd);
}

function check(config: CacheConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  const origin = group.links.get('origin');
  if (config.mode !== 'aside' && origin === undefined) {
    throw new ScenarioError(`A ${config.mode} cache needs a store behind it.`, {
      path: `${path}/mode`,
      hint: 'Add links: { origin: GROUP } to the group, or use the mode "aside".',
    });
  }
  if (config.mode === 'aside' && origin !== undefined) {
    throw new ScenarioError('A cache aside does not speak with a store: its callers do.', {
      path: `${group.path}/links/origin`,
      hint: 'Give it another mode, or no origin.',
    });
  }
  if (config.mode.startsWith('write-') && origin?.roles.includes('primary') === true) {
    throw new ScenarioError(`"${origin.group}" follows a primary: it refuses writes.`, {
      path: `${group.path}/links/origin`,
      hint: 'Name the primary, or use the mode "read-through".',
    });
  }
  if (config.earlyRefresh === 'xfetch' && config.ttlMs === 0) {
    throw new ScenarioError('An object that lives for ever is never made anew.', {
      path: `${path}/earlyRefresh`,
      hint: 'Give objects a life: ttlMs.',
    });
  }
  if (config.mode !== 'aside' && config.leases) {
    throw new ScenarioError('A cache that reads its store itself gives out no leases.', {
      path: `${path}/leases`,
      hint: 'One load of an object serves all who miss it already.',
    });
  }
  if (origin !== undefined) {
    checkCallPolicy(config.origin, origin, `${path}/origin`, group.given['origin']);
  }
}

const CACHE_RULES: readonly TrafficAblation[] = [...CALL_RULES, 'traffic.single-flight'];

export const cache = defineBehaviour<CacheState, CacheConfig, Asked, CacheView, CacheFact>({
  component: 'cache',
  about: 'Keeps copies of objects: aside, read-through, write-through, write-back, write-around.',
  source: 'memcached; Nishtala et al. (NSDI 2013); RFC 5861; Jouppi (ISCA 1993)',
  leavesOut: [
    'Sizes: every object counts as one.',
    'Replication between caches: members of a group know nothing of each other.',
    'A bound on writes that wait for the store in write-back.',
  ],
  badge: 'CA',
  serves: [contract],
  links: {
    origin: {
      about: 'The store behind it, for every mode but aside.',
      contract: sql,
      optional: true,
    },
  },
  config: cacheConfig,
  check,
  usage,
  facts: CACHE_FACTS,
  rules: CACHE_RULES,
  ruleNeeds: trafficNeeds(CACHE_RULES, ({ mode, origin }, among) =>
    mode === 'aside' ? [] : [...callRulesInUse(origin, among), 'traffic.single-flight'],
  ),
  roleNames: { cache: 'Keeps copies.' },
  actions: {
    flush: {
      about: 'Empty it (flush_all); what the store does not have yet is written at once.',
      args: Type.Object({}, { additionalProperties: false }),
      unavailable: (state) => (state.entries.size === 0 ? 'It is empty.' : null),
      perform(state, ctx) {
        ctx.tell<CacheFact>({ type: 'cache.flushed', objects: state.entries.size });
        flush(state, ctx);
        settle(state, ctx);
      },
    },
  },
  start,
  on: {
    'cache.get': receive,
    'cache.get-many': receive,
    'cache.set': receive,
    'cache.write': receive,
    'cache.delete': receive,
    'cache.invalidate': receive,
  },
  onTimer(state, ctx, kind, key) {
    if (kind === 'write-back') writeBack(state, ctx, key);
    else if (state.origin !== null) onUpstreamTimer(state.origin, ctx, kind, key);
    settle(state, ctx);
  },
  onWorked,
  onResult(state, ctx, tag, result) {
    if (state.origin !== null) onTryResult(state.origin, ctx, tag, result);
    settle(state, ctx);
  },
  onBehalf({ origin, errands, pending }, tag) {
    if (origin === null) return null;
    // Whoever asked first: others may have joined.
    const slot = errands.get(ownerOf(origin, tag))?.waiting[0];
    return slot === undefined ? null : { of: 'call', call: (pending[slot] as Pending).call };
  },
  onMembers(state, ctx) {
    if (state.origin !== null) refreshMembers(state.origin, ctx);
  },
  gauges: GAUGES,
  flows: (state) => [
    flowOf('requests that wait', state.flow, state.pending.length - state.freePending.length),
    ...(state.origin === null ? [] : upstreamFlows(state.origin)),
  ],
  roles: () => ['cache'],
  view,
  save: copyState,
  restore: (image) => copyState(image as CacheState),
});
