/**
 * A rate limiter in front of a group: passes on what the limit allows, refuses the rest and says
 * after how long to come back. In front of a balancer it stands at the edge; between balancer and
 * service at the origin.
 *
 * Invariant: each request is answered exactly once; a refused one never reaches the target.
 */
import { health } from '../../contracts/health.ts';
import type { HealthCheck, HealthStatus } from '../../contracts/health.ts';
import { http } from '../../contracts/http.ts';
import type { HttpRequest } from '../../contracts/http.ts';
import { limit } from '../../contracts/limit.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context } from '../../node/behaviour.ts';
import { passesOn } from '../../node/routing.ts';
import { CALL_RULES, callRulesInUse, trafficNeeds } from '../../traffic/call-rules.ts';
import { flowOf } from '../../traffic/flow.ts';
import { passBack, takeIn } from '../../traffic/proxy.ts';
import type { Passing } from '../../traffic/proxy.ts';
import { policyUnder } from '../../traffic/rules.ts';
import { upstreamFlows } from '../../traffic/upstream-view.ts';
import { newUpstream, ownerOf, upstreamOf } from '../../traffic/upstream.ts';
import type { Upstream } from '../../traffic/upstream.ts';
import { onTryResult, onUpstreamTimer, refreshMembers } from '../../traffic/upstream-calls.ts';
import { checkRateLimiter } from './check.ts';
import { rateLimiterConfig } from './config.ts';
import type { RateLimiterConfig } from './config.ts';
import { askerOf, decide, forward, onCalmTimer, onStoreEnd, sync } from './decide.ts';
import { LIMITER_FACTS } from './facts.ts';
import type { LimiterFact } from './facts.ts';
import { newState, upstreamsOf } from './state.ts';
import type { RateLimiterState } from './state.ts';
import { usage } from './usage.ts';
import { GAUGES, view } from './view.ts';
import type { RateLimiterView } from './view.ts';

type Ctx = Context<RateLimiterConfig>;

function start(ctx: Ctx): RateLimiterState {
  const { config, ablations } = ctx;
  const target = newUpstream('target', 0, policyUnder(config.call, ablations));
  const usesStore = config.where !== 'local';
  const store = usesStore
    ? newUpstream('store', 1, policyUnder(config.storeCall, ablations))
    : null;
  const state = newState(config, target, store);
  for (const up of upstreamsOf(state)) refreshMembers(up, ctx);
  if (config.where === 'local-sync') {
    // The nodes of a group tell one after the other, not all at once.
    const peers = ctx.members('peers');
    const turn = (peers.indexOf(ctx.self) + 1) / peers.length;
    ctx.setTimer('sync', 0, micros(ms(config.syncMs) * turn));
  }
  return state;
}

function onRequest(
  state: RateLimiterState,
  ctx: Ctx,
  request: HttpRequest,
  _from: number,
  call: CallRef,
): void {
  decide(state, ctx, takeIn(state.proxy, ctx, request, call));
  settle(state, ctx);
}

/** Calls that ended: those of the store decide, those of the target are answered. */
function settle(state: RateLimiterState, ctx: Ctx): void {
  const { target, store, proxy } = state;
  if (store !== null) {
    for (let end = store.ended.shift(); end !== undefined; end = store.ended.shift()) {
      onStoreEnd(state, ctx, end);
    }
  }
  for (let end = target.ended.shift(); end !== undefined; end = target.ended.shift()) {
    passBack(proxy, ctx, end.owner, end);
  }
}

function onTimer(state: RateLimiterState, ctx: Ctx, kind: string, key: number): void {
  if (kind === 'calm') onCalmTimer(state, ctx);
  else if (kind === 'sync') sync(state, ctx);
  else if (kind === 'due') forward(state, ctx, key);
  else onUpstreamTimer(upstreamsOf(state)[upstreamOf(key)] as Upstream, ctx, kind, key);
  settle(state, ctx);
}

export const rateLimiter = defineBehaviour<
  RateLimiterState,
  RateLimiterConfig,
  HttpRequest | HealthCheck,
  RateLimiterView,
  LimiterFact
>({
  component: 'rate-limiter',
  about: 'Passes on what the limit allows and refuses the rest, by itself or with a common store.',
  source: 'throttled at 9e814f27; redis-cell; RFC 6585 (429) and RFC 9110 (Retry-After)',
  leavesOut: [
    'Its own work: deciding and passing on cost no time on its cores.',
    'Cost: every request counts as one.',
    'Memory that outlives it: a limiter that crashes starts with empty counts.',
  ],
  badge: 'RL',
  serves: [http, health],
  links: {
    target: { about: 'Whom it passes requests on to.', contract: http },
    store: { about: 'Where counts are kept together.', contract: limit, optional: true },
  },
  config: rateLimiterConfig,
  check: checkRateLimiter,
  routing: passesOn('target'),
  usage,
  facts: LIMITER_FACTS,
  rules: CALL_RULES,
  ruleNeeds: trafficNeeds(CALL_RULES, ({ call, storeCall, where }, among) => [
    ...callRulesInUse(call, among),
    ...(where === 'local' ? [] : callRulesInUse(storeCall, among)),
  ]),
  roleNames: {
    admitting: 'Lets everything through.',
    refusing: 'Refuses what is over the limit.',
  },
  start,
  on: {
    'http.request': onRequest,
    'health.check': (_state, ctx, _message, _from, call) => {
      ctx.reply<HealthStatus>(call, { type: 'health.status', ready: true });
    },
  },
  onTimer,
  onResult(state, ctx, tag, result) {
    onTryResult(upstreamsOf(state)[upstreamOf(tag)] as Upstream, ctx, tag, result);
    settle(state, ctx);
  },
  onBehalf(state, tag) {
    const up = upstreamsOf(state)[upstreamOf(tag)] as Upstream;
    const slot = up === state.target ? ownerOf(up, tag) : askerOf(ownerOf(up, tag));
    return slot < 0 ? null : { of: 'call', call: (state.proxy.passing[slot] as Passing).call };
  },
  onMembers(state, ctx) {
    for (const up of upstreamsOf(state)) refreshMembers(up, ctx);
  },
  gauges: GAUGES,
  flows: (state) => [
    flowOf('requests', state.proxy.flow),
    ...upstreamsOf(state).flatMap(upstreamFlows),
  ],
  roles: (state) => [state.isRefusing ? 'refusing' : 'admitting'],
  view,
});
