/**
 * A call from the wish to its end: throttle, then for each try breaker, place, connection, request;
 * then the answer, another try after a pause, or giving up.
 *
 * What a node has to do: hand results, timers and changes of members to these functions, and take
 * the calls that ended from `ended` afterwards.
 *
 * Differs: what is refused by the caller's own breaker, bulkhead or throttle is not tried again.
 */
import type { Message } from '../contracts/contract.ts';
import { FIRST_TRY, tryMark } from '../contracts/tries.ts';
import type { TryMark } from '../contracts/tries.ts';
import { micros } from '../kernel/time.ts';
import type { Duration } from '../kernel/time.ts';
import type { CallId, CallResult, Context, NodeIndex } from '../node/behaviour.ts';
import { abandoned, began, pick, setMembers } from './backends.ts';
import { enter, leave } from './flow.ts';
import { firstWaiting, joinQueue, leaveQueue } from './place-queue.ts';
import { close, connect, isClosedBy, leaveConnection, loseConnections } from './pool-ends.ts';
import { dropIdle, takeIdle } from './pool.ts';
import type { Connection } from './pool.ts';
import { sendRequest } from './send-request.ts';
import {
  budgetOf,
  hedgeAfterOf,
  isLetThrough,
  isThrottled,
  judgeMember,
  learn,
  learnLatency,
  mayRetryNow,
  pauseOf,
  releasePermission,
  retryAfterOf,
  takeBack,
} from './upstream-guards.ts';
import { keyOf, slotOf } from './upstream.ts';
import type { Call, CallEnd, Try, Upstream } from './upstream.ts';

/** Kinds of timers that an upstream arms; the key holds the call's slot, or the member. */
export const UPSTREAM_TIMERS = ['up-retry', 'up-hedge', 'up-place', 'up-eject'] as const;

/** The call behind the key of an upstream's timer. */
export const callOfTimer = (up: Upstream, key: number): Call => up.calls[slotOf(key)] as Call;
/** The try behind the tag of a result, until `onTryResult` has taken it. */
export const tryOf = (up: Upstream, tag: number): Readonly<Try> => up.tries[slotOf(tag)] as Try;

/** The members of the group as they are told now. */
export function refreshMembers(up: Upstream, ctx: Context): void {
  setMembers(up.backends, ctx.members(up.role), (node) => ctx.nameOf(node));
  dropIdle(up.pool, (node) => !up.backends.place.has(node));
}

/** Begins a call. `deadlineMicros` is when whoever asked gives up (monotonic), or Infinity. */
export function beginCall(
  up: Upstream,
  ctx: Context,
  owner: number,
  request: Message,
  isWrite: boolean,
  keyHash: number,
  askerDeadlineMicros: number,
  member = -1,
): void {
  const { settings } = up;
  const now = ctx.mono();
  const slot = up.freeCalls.pop() ?? addCall(up);
  const call = up.calls[slot] as Call;
  call.owner = owner;
  call.request = request;
  call.isWrite = isWrite;
  call.keyHash = keyHash;
  call.member = member;
  call.attempts = 0;
  call.hedges = 0;
  call.beganMicros = now;
  const own = now + settings.deadlineMicros;
  call.deadlineMicros = settings.policy.propagateDeadline
    ? Math.min(own, askerDeadlineMicros)
    : own;
  call.pauseMicros = 0;
  call.waitsSinceMicros = -1;
  call.isBudgeted = false;
  call.mayHaveHappened = false;
  if (settings.policy.retryElsewhere === true) call.tried = [];
  enter(up.flow, now);
  budgetOf(up)?.onRequest(up.budget, settings.budget, now);
  if (isThrottled(up, ctx)) {
    up.heldBack += 1;
    return end(up, ctx, slot, null, 'throttled', 0);
  }
  startTry(up, ctx, slot, now);
}

function addCall(up: Upstream): number {
  up.calls.push({
    owner: -1,
    request: null,
    isWrite: false,
    keyHash: 0,
    member: -1,
    attempts: 0,
    hedges: 0,
    tries: [],
    beganMicros: 0,
    deadlineMicros: 0,
    pauseMicros: 0,
    waitsSinceMicros: -1,
    isBudgeted: false,
    mayHaveHappened: false,
  });
  return up.calls.length - 1;
}

/** One more try of a call: it ends the call where it is refused here. */
function startTry(up: Upstream, ctx: Context, slot: number, now: number): void {
  const { settings } = up;
  const call = up.calls[slot] as Call;
  call.attempts += 1;
  if (now >= call.deadlineMicros) return failTry(up, ctx, slot, 'timeout', false, 0, false);
  if (!isLetThrough(up, ctx)) {
    up.heldBack += 1;
    return failTry(up, ctx, slot, 'circuit-open', true, 0, false);
  }
  if (up.running < settings.places) return takePlace(up, ctx, slot, now, false);
  if (settings.placeWaitMicros === 0) {
    releasePermission(up);
    up.heldBack += 1;
    const code = up.pool.maxOpen > 0 ? 'pool-timeout' : 'bulkhead-full';
    return failTry(up, ctx, slot, code, true, 0, false);
  }
  joinQueue(up, slot, now);
  const wait = Math.min(settings.placeWaitMicros, call.deadlineMicros - now);
  if (wait !== Infinity) ctx.setTimer('up-place', keyOf(up, slot), micros(wait));
}

/** A place is free: picks a member and sends, over a connection where there is a pool. */
function takePlace(up: Upstream, ctx: Context, slot: number, now: number, isHedge: boolean): void {
  const call = up.calls[slot] as Call;
  const { pool, backends: b } = up;
  const mark = tryMark(call.attempts + call.hedges, isHedge);
  up.running += 1;
  if (pool.maxOpen > 0) {
    const idle = idleOf(up, ctx, now);
    if (idle !== null) {
      return sendTry(up, ctx, slot, now, mark, idle.node, idle.openedMicros, false);
    }
  }
  let place = call.member < 0 ? pick(b, call.keyHash, now, ctx.stream('balance')) : call.member;
  if (place >= b.count) place = -1;
  const isFurther = call.tries.length > 0 || (call.tried !== undefined && call.tried.length > 0);
  if (isFurther && call.member < 0) place = elsewhere(up, ctx, call, place);
  if (place < 0) {
    up.running -= 1;
    releasePermission(up);
    return failTry(up, ctx, slot, 'unavailable', true, 0, true);
  }
  if (pool.maxOpen > 0) pool.opened += 1;
  sendTry(up, ctx, slot, now, mark, b.members[place] as NodeIndex, now, pool.maxOpen > 0);
}

/** Apart, as all that makes a closure: it costs whoever makes it something in each call. */
const idleOf = ({ pool }: Upstream, ctx: Context, now: number): Connection | null =>
  takeIdle(pool, now, (node) => close(ctx, node));

/**
 * A hedge goes to another member than the tries under way, and a further try, where that is asked
 * for, to one that this call has not tried: where a few picks find one.
 */
function elsewhere(up: Upstream, ctx: Context, call: Call, first: number): number {
  const { backends: b } = up;
  let place = first;
  for (let i = 0; i < 8 && place >= 0; i++) {
    const node = b.members[place];
    const isUnderWay = call.tries.some((t) => (up.tries[t] as Try).node === node);
    if (!isUnderWay && call.tried?.includes(node as NodeIndex) !== true) return place;
    place = pick(b, call.keyHash + i + 1, ctx.mono(), ctx.stream('balance'));
  }
  return place;
}

function sendTry(
  up: Upstream,
  ctx: Context,
  slot: number,
  now: number,
  mark: TryMark,
  node: NodeIndex,
  connectedMicros: number,
  isConnecting: boolean,
): void {
  const call = up.calls[slot] as Call;
  const trySlot = up.freeTries.pop() ?? addTry(up);
  const t = up.tries[trySlot] as Try;
  t.call = slot;
  t.node = node;
  t.beganMicros = now;
  t.connectedMicros = up.pool.maxOpen > 0 ? connectedMicros : -1;
  t.isConnecting = isConnecting;
  if (isConnecting && (mark !== FIRST_TRY || t.mark !== undefined)) t.mark = mark;
  call.tries.push(trySlot);
  call.tried?.push(node);
  began(up.backends, node);
  // A timer may come a microsecond late by a clock that drifts.
  const left = Math.max(0, call.deadlineMicros - now);
  const timeout = Math.min(up.settings.timeoutMicros, left) as Duration;
  const tag = keyOf(up, trySlot);
  t.ref = isConnecting
    ? ctx.call(node, connect(ctx), { timeout, tag })
    : sendRequest(ctx, node, call, mark, timeout, tag);
  if (up.settings.hedgeAfter > 0 && call.hedges < up.settings.policy.hedge.max) {
    ctx.setTimer('up-hedge', keyOf(up, slot), hedgeAfterOf(up));
  }
}

function addTry(up: Upstream): number {
  up.tries.push({
    call: -1,
    node: -1,
    beganMicros: 0,
    ref: -1 as CallId,
    connectedMicros: -1,
    isConnecting: false,
  });
  return up.tries.length - 1;
}

/** The result of a try: `tag` as it was given to `ctx.call`. */
export function onTryResult(up: Upstream, ctx: Context, tag: number, result: CallResult): void {
  const trySlot = slotOf(tag);
  const t = up.tries[trySlot] as Try;
  const slot = t.call;
  const call = up.calls[slot] as Call;
  const now = ctx.mono();
  const isOk = result.outcome === 'ok';
  if (t.isConnecting && isOk) {
    t.isConnecting = false;
    // A deadline that has passed meanwhile shows by itself.
    const left = Math.max(0, Math.min(up.settings.timeoutMicros, call.deadlineMicros - now));
    t.ref = sendRequest(ctx, t.node, call, t.mark ?? FIRST_TRY, left as Duration, tag);
    return;
  }
  if (isOk) learnLatency(up, call, now);
  learn(up, ctx, t, isOk, now);
  const isClosed = !isOk && isClosedBy(result.error.code);
  judgeMember(up, ctx, t.node, result.outcome === 'unknown' || isClosed);
  if (isClosed) loseConnections(up, t);
  endTry(up, ctx, trySlot, now, isOk || result.outcome === 'fail');
  if (isOk) end(up, ctx, slot, result.value, '', 0);
  else {
    const { code, detail } = result.error;
    if (result.outcome === 'unknown') call.mayHaveHappened = true;
    failTry(up, ctx, slot, code, result.outcome === 'fail', retryAfterOf(detail), true);
  }
  feedWaiting(up, ctx);
}

/** The try is over: its place and its slot are free again. */
function endTry(
  up: Upstream,
  ctx: Context,
  trySlot: number,
  now: number,
  isConnectionGood: boolean,
): void {
  const t = up.tries[trySlot] as Try;
  const call = up.calls[t.call] as Call;
  if (call.tries.length === 1) call.tries.pop();
  else call.tries.splice(call.tries.indexOf(trySlot), 1);
  up.freeTries.push(trySlot);
  up.running -= 1;
  if (t.connectedMicros >= 0) leaveConnection(up, ctx, t, now, isConnectionGood);
}

/** Whether another try could do a write twice that must be done once. */
const isInDoubt = (up: Upstream, call: Call, isUnknown: boolean): boolean =>
  call.isWrite && !up.settings.policy.retryUnknown && (isUnknown || call.mayHaveHappened);

/** A try failed, or was refused here: another one, later, or the end of the call. */
function failTry(
  up: Upstream,
  ctx: Context,
  slot: number,
  code: string,
  isDefinite: boolean,
  retryAfterMs: number,
  mayRetry: boolean,
): void {
  const call = up.calls[slot] as Call;
  // Another try of the same call is still under way: it may be answered.
  if (call.tries.length > 0) return;
  const { policy } = up.settings;
  const now = ctx.mono();
  const isSafe = !isInDoubt(up, call, !isDefinite);
  if (!mayRetry || !isSafe || call.attempts >= policy.maxAttempts) {
    return end(up, ctx, slot, null, code, retryAfterMs);
  }
  const pause = pauseOf(up, ctx, call, retryAfterMs);
  if (now + pause >= call.deadlineMicros) return end(up, ctx, slot, null, code, retryAfterMs);
  if (!mayRetryNow(up, call, now)) {
    up.outOfBudget += 1;
    return end(up, ctx, slot, null, code, retryAfterMs);
  }
  up.retries += 1;
  ctx.cancelTimer('up-hedge', keyOf(up, slot));
  ctx.setTimer('up-retry', keyOf(up, slot), micros(pause));
}

/** One of the timers of an upstream went off. */
export function onUpstreamTimer(up: Upstream, ctx: Context, kind: string, key: number): void {
  const slot = slotOf(key);
  if (kind === 'up-eject') return takeBack(up, ctx, slot);
  if (kind === 'up-retry') startTry(up, ctx, slot, ctx.mono());
  else if (kind === 'up-hedge') hedge(up, ctx, slot);
  else {
    leaveQueue(up, slot, ctx.mono());
    releasePermission(up);
    up.heldBack += 1;
    const code = up.pool.maxOpen > 0 ? 'pool-timeout' : 'bulkhead-full';
    failTry(up, ctx, slot, code, true, 0, false);
  }
  feedWaiting(up, ctx);
}

/** The first request takes long: a second one races it, where there is a place for it. */
function hedge(up: Upstream, ctx: Context, slot: number): void {
  const call = up.calls[slot] as Call;
  if (call.tries.length === 0 || up.running >= up.settings.places) return;
  // As long as the first is not answered, nobody knows what became of it.
  if (isInDoubt(up, call, true)) return;
  if (!isLetThrough(up, ctx)) return;
  call.hedges += 1;
  up.hedged += 1;
  takePlace(up, ctx, slot, ctx.mono(), true);
}

/** Places are free: those who wait longest get them. */
function feedWaiting(up: Upstream, ctx: Context): void {
  while (up.waiting.length > 0 && up.running < up.settings.places) {
    const slot = firstWaiting(up);
    if (slot < 0) return;
    const now = ctx.mono();
    leaveQueue(up, slot, now);
    ctx.cancelTimer('up-place', keyOf(up, slot));
    takePlace(up, ctx, slot, now, false);
  }
}

/** The call is over: what still runs for it is given up. */
function end(
  up: Upstream,
  ctx: Context,
  slot: number,
  value: Message | null,
  code: string,
  retryAfterMs: number,
): void {
  const call = up.calls[slot] as Call;
  const now = ctx.mono();
  while (call.tries.length > 0) giveUp(up, ctx, call.tries[0] as number, now);
  if (up.settings.hedgeAfter > 0) ctx.cancelTimer('up-hedge', keyOf(up, slot));
  const budget = budgetOf(up);
  if (budget !== undefined) {
    if (call.isBudgeted) budget.onRetryEnd(up.budget);
    budget.onRequestEnd(up.budget);
  }
  if (value === null) up.failed += 1;
  else up.ok += 1;
  leave(up.flow, call.beganMicros, now);
  const ended: CallEnd = {
    owner: call.owner,
    value,
    code,
    isDefinite: value === null && !(call.isWrite && call.mayHaveHappened),
    retryAfterMs,
    // Of a call that was held back before its first try there is none.
    retries: Math.max(0, call.attempts - 1),
    hedges: call.hedges,
  };
  call.request = null;
  up.freeCalls.push(slot);
  up.ended.push(ended);
}

function giveUp(up: Upstream, ctx: Context, trySlot: number, now: number): void {
  const t = up.tries[trySlot] as Try;
  ctx.abandon(t.ref);
  abandoned(up.backends, t.node);
  releasePermission(up);
  endTry(up, ctx, trySlot, now, false);
}
