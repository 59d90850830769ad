/**
 * A load balancer: passes each request on to one of its backends, and the answer back.
 *
 * Invariants: each request is answered exactly once, as the backend answered it or with the reason
 * why none did; everything it knows of its backends it saw itself, however stale.
 *
 * Sources: HAProxy (health checks), nginx (smooth weighted turns), Envoy (outliers, panic, slow
 * start, zones).
 * Differs: a balancer that starts takes its backends for healthy and warm; HAProxy does so too,
 * Envoy waits for the first check and warms the first hosts.
 */
import { health } from '../../contracts/health.ts';
import type { HealthCheck, HealthStatus } from '../../contracts/health.ts';
import { http } from '../../contracts/http.ts';
import type { HttpRequest } from '../../contracts/http.ts';
import { ms } from '../../kernel/time.ts';
import { hashText } from '../../kernel/trace-hash.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, Context, NodeIndex } from '../../node/behaviour.ts';
import { passesOn } from '../../node/routing.ts';
import { updateOutliers } from '../../policies/balancing/outlier-detection.ts';
import { deterministicSubset, randomSubset } from '../../policies/balancing/subsetting.ts';
import { setMembers } from '../../traffic/backends.ts';
import { CALL_RULES, callRulesInUse, trafficNeeds } from '../../traffic/call-rules.ts';
import { flowOf } from '../../traffic/flow.ts';
import { passBack, takeIn } from '../../traffic/proxy.ts';
import type { Passing } from '../../traffic/proxy.ts';
import { policyUnder } from '../../traffic/rules.ts';
import { upstreamFlows } from '../../traffic/upstream-view.ts';
import { newUpstream, ownerOf, upstreamOf } from '../../traffic/upstream.ts';
import {
  beginCall,
  callOfTimer,
  onTryResult,
  onUpstreamTimer,
  tryOf,
} from '../../traffic/upstream-calls.ts';
import { checkLoadBalancer } from './check.ts';
import { applyView, hashOf, placeFor, remakeViews } from './choose.ts';
import { loadBalancerConfig } from './config.ts';
import type { LoadBalancerConfig } from './config.ts';
import { BALANCER_FACTS } from './facts.ts';
import type { BalancerFact } from './facts.ts';
import {
  CHECK_TAG,
  armFirstCheck,
  askHealth,
  onCheckResult,
  onOutcome,
  onOutlierTimer,
  onWarmTimer,
  warmUp,
} from './health.ts';
import { newKnown, newState } from './state.ts';
import type { Known, LoadBalancerState } from './state.ts';
import { GAUGES, view } from './view.ts';
import type { LoadBalancerView } from './view.ts';

type Ctx = Context<LoadBalancerConfig>;

function start(ctx: Ctx): LoadBalancerState {
  const { config } = ctx;
  const state = newState(
    config,
    newUpstream('backends', 0, policyUnder(config.call, ctx.ablations)),
  );
  for (const node of takeMembers(state, ctx)) armFirstCheck(state, ctx, node);
  if (config.outlierDetection.enabled) {
    ctx.setTimer('outliers', 0, ms(config.outlierDetection.intervalMs));
  }
  return state;
}

/** The members as they are told now; returns those that are new. */
function takeMembers(state: LoadBalancerState, ctx: Ctx): NodeIndex[] {
  const all = ctx.members('backends');
  const { weights } = ctx.config.call.balance;
  const members = subsetOf(all, ctx);
  for (const node of [...state.known.keys()]) {
    if (members.includes(node)) continue;
    state.known.delete(node);
    ctx.cancelTimer('check', node);
  }
  const added = members.filter((node) => !state.known.has(node));
  for (const node of added) {
    const weight = weights[all.indexOf(node) % Math.max(1, weights.length)] ?? 1;
    state.known.set(node, newKnown(weight, state.health, -1));
  }
  const nameOf = (node: NodeIndex): string => ctx.nameOf(node);
  setMembers(state.upstream.backends, members, nameOf);
  updateOutliers(
    state.outliers,
    members.map((node) => hashText(nameOf(node)) >>> 0),
  );
  remakeViews(state, ctx);
  applyView(state, ctx);
  return added;
}

/** The backends that this balancer uses, in their own order. */
function subsetOf(all: readonly NodeIndex[], ctx: Ctx): readonly NodeIndex[] {
  const { subsetSize, subsetBy } = ctx.config;
  if (subsetSize === 0 || all.length <= subsetSize) return all;
  const client = ctx.members('peers').indexOf(ctx.self);
  const draw = subsetBy === 'rounds' ? deterministicSubset : randomSubset;
  const subset = draw(all.length, client, subsetSize);
  return all.filter((_, at) => subset.includes(at));
}

function onMembers(state: LoadBalancerState, ctx: Ctx): void {
  const added = takeMembers(state, ctx);
  for (const node of added) {
    armFirstCheck(state, ctx, node);
    warmUp(ctx, state.known.get(node) as Known);
  }
  if (added.length > 0) applyView(state, ctx);
}

function onRequest(
  state: LoadBalancerState,
  ctx: Ctx,
  request: HttpRequest,
  from: NodeIndex,
  call: CallRef,
): void {
  state.requests += 1;
  const slot = takeIn(state.proxy, ctx, request, call);
  const { deadlineMicros } = state.proxy.passing[slot] as Passing;
  const hash = hashOf(request, ctx.config);
  const place = placeFor(state, ctx, request, from, hash);
  beginCall(state.upstream, ctx, slot, request, request.write, hash, deadlineMicros, place);
  settle(state, ctx);
}

/** Calls that ended are answered. */
function settle(state: LoadBalancerState, ctx: Ctx): void {
  const { ended } = state.upstream;
  for (let end = ended.shift(); end !== undefined; end = ended.shift()) {
    passBack(state.proxy, ctx, end.owner, end);
  }
}

function onTimer(state: LoadBalancerState, ctx: Ctx, kind: string, key: number): void {
  if (kind === 'check') askHealth(state, ctx, key);
  else if (kind === 'outliers') onOutlierTimer(state, ctx);
  else if (kind === 'warm') onWarmTimer(state, ctx);
  else {
    if (kind === 'up-retry' || kind === 'up-hedge') chooseAgain(state, ctx, key);
    onUpstreamTimer(state.upstream, ctx, kind, key);
    settle(state, ctx);
  }
}

/** Another try of a request whose backend this balancer chose itself: who is it now? */
function chooseAgain(state: LoadBalancerState, ctx: Ctx, key: number): void {
  const call = callOfTimer(state.upstream, key);
  if (call.member < 0) return;
  call.member = placeFor(state, ctx, call.request as HttpRequest, ctx.self, call.keyHash);
}

export const loadBalancer = defineBehaviour<
  LoadBalancerState,
  LoadBalancerConfig,
  HttpRequest | HealthCheck,
  LoadBalancerView,
  BalancerFact
>({
  component: 'load-balancer',
  about: 'Passes each request or connection on to one of its backends, of those it holds healthy.',
  source: 'HAProxy (checks); nginx 3f6f7824 (weighted turns); Envoy (outliers, panic, slow start)',
  leavesOut: [
    'Its own work: passing on costs no time on its cores.',
    'Handshakes: a connection of layer 4 opens and closes without packets.',
    'A balancer that starts holds every backend healthy and warm until it sees otherwise.',
  ],
  badge: 'LB',
  serves: [http, health],
  links: { backends: { about: 'Whom it passes requests on to.', contract: http } },
  config: loadBalancerConfig,
  check: checkLoadBalancer,
  routing: passesOn('backends'),
  usage: { idle: { noun: 'balancer' }, uses: () => [], offers: () => [] },
  facts: BALANCER_FACTS,
  rules: CALL_RULES,
  ruleNeeds: trafficNeeds(CALL_RULES, ({ call }, among) => callRulesInUse(call, among)),
  roleNames: {
    balancing: 'Sends requests only to those that it holds healthy.',
    panicking: 'Sends requests to all: too few are healthy.',
  },
  start,
  on: {
    'http.request': onRequest,
    'health.check': (state, ctx, _message, _from, call) => {
      const ready = state.upstream.backends.eligible.includes(true);
      ctx.reply<HealthStatus>(call, { type: 'health.status', ready });
    },
  },
  onTimer,
  onResult(state, ctx, tag, result: CallResult) {
    if (upstreamOf(tag) === CHECK_TAG) return onCheckResult(state, ctx, tag, result);
    onOutcome(state, ctx, tryOf(state.upstream, tag), result);
    onTryResult(state.upstream, ctx, tag, result);
    settle(state, ctx);
  },
  onBehalf({ upstream, proxy }, tag) {
    if (upstreamOf(tag) === CHECK_TAG) return null;
    return { of: 'call', call: (proxy.passing[ownerOf(upstream, tag)] as Passing).call };
  },
  onMembers,
  gauges: GAUGES,
  flows: (state) => [flowOf('requests', state.proxy.flow), ...upstreamFlows(state.upstream)],
  roles: (state) => [state.isPanicking ? 'panicking' : 'balancing'],
  view,
});
