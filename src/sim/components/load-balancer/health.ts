/**
 * How a balancer finds out whom it can use: by asking (active checks) and by what becomes of its
 * requests (passive outlier detection). Each balancer knows only what it saw itself.
 *
 * Invariant: each backend is asked once in each interval; the checks of all backends by all
 * balancers of the group are spread evenly over it.
 *
 * Sources: HAProxy, src/check.c (inter, rise, fall; the first checks spread over the interval);
 * Envoy, outlier detection. Differs: HAProxy spreads over the servers only, here also over the
 * balancers; its fastinter and downinter are left out.
 */
import type { HealthCheck, HealthStatus } from '../../contracts/health.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { CallResult, Context, NodeIndex } from '../../node/behaviour.ts';
import { afterCheck, isUp } from '../../policies/balancing/health.ts';
import {
  isEjected,
  onOutlierInterval,
  onOutlierResult,
} from '../../policies/balancing/outlier-detection.ts';
import type { EjectionCause } from '../../policies/balancing/outlier-detection.ts';
import { ended, placeOf } from '../../traffic/backends.ts';
import { UPSTREAMS_MAX } from '../../traffic/upstream.ts';
import type { Try } from '../../traffic/upstream.ts';
import { applyView } from './choose.ts';
import type { LoadBalancerConfig } from './config.ts';
import type { BalancerFact } from './facts.ts';
import type { Known, LoadBalancerState } from './state.ts';

type Ctx = Context<LoadBalancerConfig>;

/** Tags of checks: as if they were of an upstream of their own. */
export const CHECK_TAG = 1;
const CHECK: HealthCheck = { type: 'health.check' };
/** Weights of backends that warm up are set so often in their window. */
const WARM_STEPS = 50;

/** Of the balancers and the backends, whose turn this is: so their checks never come together. */
export function armFirstCheck(state: LoadBalancerState, ctx: Ctx, node: NodeIndex): void {
  const { healthCheck } = ctx.config;
  if (!healthCheck.enabled) return;
  const peers = ctx.members('peers');
  const { count, place } = state.upstream.backends;
  const turn = (place.get(node) as number) * peers.length + peers.indexOf(ctx.self);
  const wait = (ms(healthCheck.interMs) * turn) / (count * peers.length);
  ctx.setTimer('check', node, micros(wait));
}

/** Asks a backend, and sets the time of the next question. */
export function askHealth(state: LoadBalancerState, ctx: Ctx, node: NodeIndex): void {
  const { interMs, timeoutMs } = ctx.config.healthCheck;
  const timeout = ms(timeoutMs === 0 ? interMs : timeoutMs);
  state.checks += 1;
  ctx.call(node, CHECK, { timeout, tag: node * UPSTREAMS_MAX + CHECK_TAG });
  ctx.setTimer('check', node, ms(interMs));
}

export function onCheckResult(
  state: LoadBalancerState,
  ctx: Ctx,
  tag: number,
  result: CallResult,
): void {
  const node = (tag - CHECK_TAG) / UPSTREAMS_MAX;
  const known = state.known.get(node);
  if (known === undefined) return;
  const isOk = result.outcome === 'ok' && (result.value as HealthStatus).ready;
  const was = isUp(known.health, state.health);
  known.health = afterCheck(known.health, isOk, state.health);
  const is = isUp(known.health, state.health);
  if (was === is) return;
  const type = is ? 'balancer.backend-up' : 'balancer.backend-down';
  ctx.tell<BalancerFact>({ type, backend: node });
  if (is) warmUp(ctx, known);
  applyView(state, ctx);
}

/** A backend is new: it gets its share little by little. */
export function warmUp(ctx: Ctx, known: Known): void {
  const { windowMs } = ctx.config.slowStart;
  if (windowMs === 0) return;
  known.warmSinceMicros = ctx.mono();
  ctx.setTimer('warm', 0, micros(Math.max(1, ms(windowMs) / WARM_STEPS)));
}

/** The weights of those that warm up, until all are warm. */
export function onWarmTimer(state: LoadBalancerState, ctx: Ctx): void {
  const window = ms(ctx.config.slowStart.windowMs);
  let isWarming = false;
  for (const known of state.known.values()) {
    if (known.warmSinceMicros < 0) continue;
    if (ctx.mono() - known.warmSinceMicros >= window) known.warmSinceMicros = -1;
    else isWarming = true;
  }
  applyView(state, ctx);
  if (isWarming) ctx.setTimer('warm', 0, micros(Math.max(1, window / WARM_STEPS)));
}

/** What became of one try: counted, and seen by whoever judges backends. */
export function onOutcome(
  state: LoadBalancerState,
  ctx: Ctx,
  { node, beganMicros }: Readonly<Try>,
  result: CallResult,
): void {
  const known = state.known.get(node);
  if (known === undefined) return;
  if (result.outcome === 'ok') known.ok += 1;
  else known.failed += 1;
  // The policies of zones learn what the policy of all learns.
  for (const zone of state.zones) {
    ended(zone, node, ctx.mono() - beganMicros, result.outcome === 'ok', ctx.mono());
  }
  if (!ctx.config.outlierDetection.enabled) return;
  const place = placeOf(state.upstream.backends, node);
  const isOk = !isServerError(result);
  if (!onOutlierResult(state.outliers, place, isOk, ctx.mono(), ctx.stream('outliers'))) return;
  tellEjected(state, ctx, node, place);
  applyView(state, ctx);
}

/** A 5xx or no answer: a 429 or 400 says nothing against the server. */
function isServerError(result: CallResult): boolean {
  if (result.outcome === 'ok') return false;
  return result.error.code !== 'rate-limited' && result.error.code !== 'bad-request';
}

export function onOutlierTimer(state: LoadBalancerState, ctx: Ctx): void {
  const { members, count } = state.upstream.backends;
  const before = members.map((_, at) => isEjected(state.outliers, at));
  const changed = onOutlierInterval(state.outliers, ctx.mono(), ctx.stream('outliers'));
  ctx.setTimer('outliers', 0, ms(ctx.config.outlierDetection.intervalMs));
  if (!changed) return;
  for (let at = 0; at < count; at++) {
    const node = members[at] as NodeIndex;
    const is = isEjected(state.outliers, at);
    if (is === before[at]) continue;
    if (is) tellEjected(state, ctx, node, at);
    else returned(state, ctx, node);
  }
  applyView(state, ctx);
}

function tellEjected(state: LoadBalancerState, ctx: Ctx, node: NodeIndex, place: number): void {
  const cause = state.outliers.backends[place]?.ejectedBy as EjectionCause;
  ctx.tell<BalancerFact>({ type: 'balancer.ejected', backend: node, cause });
}

function returned(state: LoadBalancerState, ctx: Ctx, node: NodeIndex): void {
  ctx.tell<BalancerFact>({ type: 'balancer.returned', backend: node });
  warmUp(ctx, state.known.get(node) as Known);
}
