/**
 * What may hold a call back, and what it learns from answers: throttle, breaker, retry budget,
 * pauses between tries.
 */
import type { RetryAfter } from '../contracts/http.ts';
import type { Duration } from '../kernel/time.ts';
import type { Context, NodeIndex } from '../node/behaviour.ts';
import { throttleAccepted, throttleAdmits } from '../policies/concurrency/index.ts';
import { onResult, release, tryAcquire } from '../policies/resilience/circuit-breaker.ts';
import { hedgeDelayMicros, onLatency } from '../policies/resilience/hedge.ts';
import { RETRY_BUDGETS } from '../policies/resilience/index.ts';
import type { RetryBudget } from '../policies/resilience/retry-budget.ts';
import { RETRY_POLICIES } from '../policies/retry/index.ts';
import { ended, viewChanged } from './backends.ts';
import { onOutcome, readmit } from './ejection.ts';
import type { TrafficFact } from './facts.ts';
import { keyOf } from './upstream.ts';
import type { Call, Try, Upstream } from './upstream.ts';

/** The budget's policy, if there is one. A look-up at -1 would go by name, which is slow. */
export const budgetOf = (up: Upstream): RetryBudget<unknown> | undefined => {
  const { budgetPolicy } = up.settings;
  return budgetPolicy < 0 ? undefined : (RETRY_BUDGETS[budgetPolicy] as RetryBudget<unknown>);
};

export function isThrottled(up: Upstream, ctx: Context): boolean {
  if (up.settings.policy.throttleK === 0) return false;
  const draw = ctx.stream('throttle').open01();
  return !throttleAdmits(up.throttle, up.settings.throttle, ctx.mono(), draw);
}

export function releasePermission(up: Upstream): void {
  if (up.settings.policy.circuitBreaker.enabled) release(up.breaker);
}

/** What the breaker, the balancer and the throttle learn from an answer. */
export function learn(up: Upstream, ctx: Context, t: Try, isOk: boolean, now: number): void {
  const { settings, backends: b } = up;
  const latency = now - t.beganMicros;
  ended(b, t.node, latency, isOk, now);
  if (settings.policy.circuitBreaker.enabled) {
    const before = up.breaker.state;
    onResult(up.breaker, settings.breaker, isOk, latency, now);
    tellBreaker(up, ctx, before);
  }
  if (isOk && settings.policy.throttleK > 0) throttleAccepted(up.throttle, now);
}

/** How long to wait for an answer before a second request is sent. */
export function hedgeAfterOf({ settings, latencies }: Upstream): Duration {
  const { hedge, hedgeAfter } = settings;
  if (latencies === undefined || hedge === undefined) return hedgeAfter;
  return hedgeDelayMicros(latencies, hedge) as Duration;
}

/** A call is answered: so long its oldest try has taken, by itself or without an answer yet. */
export function learnLatency(up: Upstream, { tries }: Call, now: number): void {
  if (up.latencies === undefined) return;
  const oldest = up.tries[tries[0] as number] as Try;
  onLatency(up.latencies, now - oldest.beganMicros);
}

/** A member that does not answer again and again is left out for a while. */
export function judgeMember(up: Upstream, ctx: Context, node: NodeIndex, isDead: boolean): void {
  const { ejection } = up.settings;
  if (ejection.failureLimit === 0) return;
  if (onOutcome(up.failures, ejection, up.backends, node, isDead)) eject(up, ctx, node);
}

function eject(up: Upstream, ctx: Context, node: NodeIndex): void {
  viewChanged(up.backends, (member) => ctx.nameOf(member));
  ctx.tell<TrafficFact>({ type: 'member.ejected', group: up.role, member: ctx.nameOf(node) });
  ctx.setTimer('up-eject', keyOf(up, node), up.settings.ejection.retryMicros as Duration);
}

/** Its time is over. */
export function takeBack(up: Upstream, ctx: Context, node: NodeIndex): void {
  if (!readmit(up.failures, up.backends, node)) return;
  viewChanged(up.backends, (member) => ctx.nameOf(member));
  ctx.tell<TrafficFact>({ type: 'member.returned', group: up.role, member: ctx.nameOf(node) });
}

export function mayRetryNow(up: Upstream, call: Call, now: number): boolean {
  const budget = budgetOf(up);
  if (budget === undefined) return true;
  if (call.isBudgeted) budget.onRetryEnd(up.budget);
  call.isBudgeted = budget.tryRetry(up.budget, up.settings.budget, now);
  return call.isBudgeted;
}

/** What a refusal says of when to come back; 0: nothing. */
export const retryAfterOf = (detail: unknown): number =>
  (detail as Partial<RetryAfter> | undefined)?.retryAfterMs ?? 0;

export function pauseOf(up: Upstream, ctx: Context, call: Call, retryAfterMs: number): number {
  const { backoff, respectRetryAfter } = up.settings.policy;
  const policy = RETRY_POLICIES[up.settings.retryPolicy];
  const baseMicros = backoff.baseMs * 1_000;
  const retry = {
    attempt: call.attempts,
    previousMicros: call.pauseMicros === 0 ? baseMicros : call.pauseMicros,
    baseMicros,
    capMicros: backoff.capMs * 1_000,
  };
  const draw = policy?.isRandom === true ? ctx.stream('backoff').open01() : 0;
  call.pauseMicros = policy?.pauseMicros(retry, draw) ?? 0;
  return respectRetryAfter ? Math.max(call.pauseMicros, retryAfterMs * 1_000) : call.pauseMicros;
}

export function tellBreaker(up: Upstream, ctx: Context, before: string): void {
  const { state } = up.breaker;
  if (state === before) return;
  ctx.tell<TrafficFact>({ type: 'breaker.changed', to: up.role, from: before, state });
}
/** Whether the breaker, if there is one, lets a try through. */
export function isLetThrough(up: Upstream, ctx: Context): boolean {
  const { settings, breaker } = up;
  if (!settings.policy.circuitBreaker.enabled) return true;
  const before = breaker.state;
  const isAllowed = tryAcquire(breaker, settings.breaker, ctx.mono());
  tellBreaker(up, ctx, before);
  return isAllowed;
}
