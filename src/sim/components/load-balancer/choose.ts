/**
 * Which backend a request goes to, and how the balancer's view of its backends is brought up to
 * date.
 *
 * Invariants: of layer 4, a connection keeps its backend as long as that may get requests, so k
 * connections reach at most k backends at a time; nobody who may not get a request gets one,
 * except in panic, when all may.
 *
 * Differs: with zone-aware routing each zone has its own turn of the policy, as Envoy's localities
 * have; a zone without a usable backend passes its request on to all.
 */
import type { HttpRequest } from '../../contracts/http.ts';
import type { Context, NodeIndex } from '../../node/behaviour.ts';
import { isUp } from '../../policies/balancing/health.ts';
import { isEjected } from '../../policies/balancing/outlier-detection.ts';
import { isPanic } from '../../policies/balancing/panic.ts';
import { slowStartFactor } from '../../policies/balancing/slow-start.ts';
import { pickZone, zoneRouting } from '../../policies/balancing/zone-aware.ts';
import { hashInt } from '../../policies/hashing/hash-int.ts';
import { newBackends, pick, setMembers, viewChanged } from '../../traffic/backends.ts';
import type { Backends } from '../../traffic/backends.ts';
import type { LoadBalancerConfig } from './config.ts';
import type { BalancerFact } from './facts.ts';
import type { Known, LoadBalancerState } from './state.ts';

type Ctx = Context<LoadBalancerConfig>;

const TWO_32 = 0x100000000;

/** Healthy by its checks, and not ejected. */
export function isHealthy(state: LoadBalancerState, node: NodeIndex): boolean {
  const { known, health, upstream, outliers } = state;
  const place = upstream.backends.place.get(node);
  if (place === undefined) return false;
  return isUp((known.get(node) as Known).health, health) && !isEjected(outliers, place);
}

/** Whether it may get a request now, also because of panic. */
const isEligible = ({ upstream: { backends } }: LoadBalancerState, node: NodeIndex): boolean => {
  const place = backends.place.get(node);
  return place !== undefined && backends.eligible[place] === true;
};

/** The members changed: the other views are made anew. */
export function remakeViews(state: LoadBalancerState, ctx: Ctx): void {
  const { members, settings } = state.upstream.backends;
  const nameOf = (node: NodeIndex): string => ctx.nameOf(node);
  if (ctx.config.layer === 'l4') {
    state.byConnections ??= newBackends(settings);
    setMembers(state.byConnections, members, nameOf);
  }
  if (!ctx.config.zoneAware.enabled) return;
  const zones = zonesOf(ctx);
  state.zones.length = Math.min(state.zones.length, zones.length);
  zones.forEach((zone, at) => {
    const inZone = members.filter((node) => ctx.zoneOf(node) === zone);
    setMembers((state.zones[at] ??= newBackends(settings)), inZone, nameOf);
  });
}

/** Zones of balancers and backends, in the order of the nodes. */
function zonesOf(ctx: Ctx): string[] {
  const nodes = [...ctx.members('peers'), ...ctx.members('backends')];
  return [...new Set(nodes.map((node) => ctx.zoneOf(node)))];
}

/** Health, ejections, weights or members changed. */
export function applyView(state: LoadBalancerState, ctx: Ctx): void {
  const { members } = state.upstream.backends;
  const healthy = members.filter((node) => isHealthy(state, node)).length;
  const panics = isPanic(healthy, members.length, ctx.config.panicThresholdPercent);
  tellPanic(state, ctx, panics && members.length > 0, healthy);
  show(state, ctx, state.upstream.backends);
  if (state.byConnections !== null) show(state, ctx, state.byConnections);
  for (const zone of state.zones) show(state, ctx, zone);
  if (ctx.config.zoneAware.enabled) state.routing = routingNow(state, ctx);
}

function tellPanic(state: LoadBalancerState, ctx: Ctx, panics: boolean, healthy: number): void {
  if (panics === state.isPanicking) return;
  state.isPanicking = panics;
  const backends = state.upstream.backends.count;
  const type = panics ? 'balancer.panic' : 'balancer.calm';
  ctx.tell<BalancerFact>({ type, healthy, backends });
}

function show(state: LoadBalancerState, ctx: Ctx, b: Backends): void {
  const { slowStart } = ctx.config;
  const { aggression, minWeightPercent } = slowStart;
  const settings = { windowMicros: slowStart.windowMs * 1_000, aggression, minWeightPercent };
  b.members.forEach((node, at) => {
    const known = state.known.get(node) as Known;
    const { weight, warmSinceMicros: since } = known;
    b.eligible[at] = state.isPanicking || isHealthy(state, node);
    b.weight[at] = since < 0 ? weight : weight * slowStartFactor(ctx.mono() - since, settings);
  });
  viewChanged(b, (node) => ctx.nameOf(node));
}

function routingNow(state: LoadBalancerState, ctx: Ctx): LoadBalancerState['routing'] {
  // In panic Envoy does not route by zones: it does not know who is well.
  if (state.isPanicking) return null;
  const zones = zonesOf(ctx);
  const countOf = (nodes: readonly NodeIndex[]): number[] =>
    zones.map((zone) => nodes.filter((node) => ctx.zoneOf(node) === zone).length);
  const { members } = state.upstream.backends;
  const counts = {
    balancers: countOf(ctx.members('peers')),
    backends: countOf(members.filter((node) => isHealthy(state, node))),
    ownZone: zones.indexOf(ctx.zoneOf(ctx.self)),
  };
  const { minClusterSize, forceLocalMinSize } = ctx.config.zoneAware;
  return zoneRouting(counts, minClusterSize, forceLocalMinSize);
}

/** What of a request a policy that hashes looks at. */
export function hashOf(request: HttpRequest, { call }: LoadBalancerConfig): number {
  const { hashOn } = call.balance;
  return hashInt(Math.abs(request[hashOn]), 0);
}

/** The place of the backend that must get this request; -1: the call policy picks one. */
export function placeFor(
  state: LoadBalancerState,
  ctx: Ctx,
  request: HttpRequest,
  from: NodeIndex,
  hash: number,
): number {
  const { layer, sticky } = ctx.config;
  if (layer === 'l4') return pinnedPlace(state, ctx, connectionKey(request, from), hash);
  if (sticky === 'session') return pinnedPlace(state, ctx, request.session, hash);
  return state.zones.length === 0 ? -1 : choose(state, ctx, hash);
}

/** Connections of two callers are two, whatever they call them. */
const connectionKey = ({ connection }: HttpRequest, from: NodeIndex): number =>
  from * TWO_32 + (connection >>> 0);

function pinnedPlace(state: LoadBalancerState, ctx: Ctx, key: number, hash: number): number {
  const { pinned, upstream } = state;
  const before = pinned.get(key);
  if (before !== undefined) {
    pinned.delete(key);
    if (isEligible(state, before)) {
      pinned.set(key, before);
      return upstream.backends.place.get(before) as number;
    }
    closed(state, before);
  }
  const place = choose(state, ctx, hash);
  const node = upstream.backends.members[place];
  if (node === undefined) return -1;
  pinned.set(key, node);
  (state.known.get(node) as Known).connections += 1;
  if (pinned.size > ctx.config.maxTracked) forgetOldest(state);
  return place;
}

function forgetOldest(state: LoadBalancerState): void {
  const [oldest] = state.pinned;
  if (oldest === undefined) return;
  state.pinned.delete(oldest[0]);
  closed(state, oldest[1]);
}

function closed(state: LoadBalancerState, node: NodeIndex): void {
  const known = state.known.get(node);
  if (known !== undefined) known.connections -= 1;
}

/** By the policy, in the zone that is its turn. */
function choose(state: LoadBalancerState, ctx: Ctx, hash: number): number {
  const { upstream, routing } = state;
  const zone = routing === null ? -1 : pickZone(routing, ctx.stream('zones'));
  const own = state.zones[zone];
  const all = state.byConnections ?? upstream.backends;
  const node = (own && pickNode(state, ctx, own, hash)) ?? pickNode(state, ctx, all, hash);
  return node === undefined ? -1 : (upstream.backends.place.get(node) as number);
}

function pickNode(
  state: LoadBalancerState,
  ctx: Ctx,
  b: Backends,
  hash: number,
): NodeIndex | undefined {
  const { upstream, byConnections } = state;
  if (b !== upstream.backends) {
    // Another view of the same backends: it sees their load as it is now.
    b.members.forEach((node, at) => {
      b.active[at] =
        byConnections === null
          ? (upstream.backends.active[upstream.backends.place.get(node) as number] as number)
          : (state.known.get(node) as Known).connections;
    });
  }
  return b.members[pick(b, hash, ctx.mono(), ctx.stream('balance'))];
}
