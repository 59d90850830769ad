/**
 * How a rate limiter decides, in the four places where counts can be kept.
 *
 * Invariants: a refused request changes no count; what each place may let through too much is
 * bounded. local: each node has the whole limit. store-atomic: nothing. store-read-then-write:
 * of n decisions at once all pass: limit x n. local-sync: what the nodes let through between two
 * syncs.
 *
 * Sources: redis-cell (atomic); the GET-then-SET of many tutorials (the race); Envoy's and
 * Cloudflare's local counters with synchronisation.
 * Differs: read-then-write and local-sync count fixed windows, whatever the policy; each key is
 * told to the store by a message of its own.
 */
import type { HttpRequest } from '../../contracts/http.ts';
import type {
  LimitCount,
  LimitDecision,
  LimitRead,
  LimitReport,
  LimitTake,
  LimitWrite,
} from '../../contracts/limit.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { Context } from '../../node/behaviour.ts';
import { hashInt } from '../../policies/hashing/hash-int.ts';
import type {
  RateLimitSettings,
  RateLimitState,
  RateLimiter,
} from '../../policies/limiting/index.ts';
import { MICROS_PER_SECOND, windowLimit } from '../../policies/limiting/rate-limiter.ts';
import {
  entryOf,
  limiterNamed,
  noteLevel,
  windowLeftMicros,
  windowOf,
} from '../../traffic/limit-policy.ts';
import type { Passing } from '../../traffic/proxy.ts';
import { turnDown } from '../../traffic/proxy.ts';
import { beginCall } from '../../traffic/upstream-calls.ts';
import type { CallEnd, Upstream } from '../../traffic/upstream.ts';
import type { RateLimiterConfig } from './config.ts';
import type { LimiterFact } from './facts.ts';
import { MARKS_MAX } from './state.ts';
import type { RateLimiterState, Synced } from './state.ts';

type Ctx = Context<RateLimiterConfig>;
type Asking = LimitRead | LimitWrite | LimitTake | LimitReport;

/** What a call of the store is for: its owner is four times the request or key, and this. */
const ASK = { take: 0, read: 1, write: 2, report: 3 } as const;
/** Refusals with less than this between them are of one burst. */
const CALM_MS = 1_000;

const requestOf = (state: RateLimiterState, slot: number): HttpRequest =>
  (state.proxy.passing[slot] as Passing).request as HttpRequest;

export function keyOf(request: HttpRequest, { per }: RateLimiterConfig): number {
  return per === 'all' ? 0 : request[per];
}

/** A request came in: it is let through, refused, or waits for the store. */
export function decide(state: RateLimiterState, ctx: Ctx, slot: number): void {
  const key = keyOf(requestOf(state, slot), ctx.config);
  switch (ctx.config.where) {
    case 'local':
      return decideHere(state, ctx, slot, key);
    case 'local-sync':
      return decideBySync(state, ctx, slot, key);
    case 'store-atomic':
      return askStore(state, ctx, slot, ASK.take, { type: 'limit.take', key });
    default:
      return askStore(state, ctx, slot, ASK.read, { type: 'limit.read', key });
  }
}

function decideHere(state: RateLimiterState, ctx: Ctx, slot: number, key: number): void {
  const { settings, limiters, busiest } = state;
  const limiter = limiterNamed(ctx.config.policy);
  const now = ctx.mono();
  const own = entryOf(limiters, key, ctx.config.maxKeys, () => limiter.start(settings));
  const admitted = limiter.decide(own, settings, now, 1);
  const wait = admitted ? 0 : limiter.retryAfterMicros(own, settings, now, 1);
  noteLevel(busiest, key, limiter.level(own, settings, now), now);
  const due = admitted && ctx.config.delay ? dueMicros(limiter, own, settings, now) : 0;
  decided(state, ctx, slot, admitted, wait, due);
}

/** Until the bucket has lost what was in it before the newest request. */
function dueMicros(
  limiter: RateLimiter<RateLimitState>,
  own: RateLimitState,
  settings: RateLimitSettings,
  nowMicros: number,
): number {
  const untilEmpty = limiter.resetAfterMicros(own, settings, nowMicros);
  return Math.max(0, untilEmpty - Math.ceil(MICROS_PER_SECOND / settings.ratePerSecond));
}

function decideBySync(state: RateLimiterState, ctx: Ctx, slot: number, key: number): void {
  if (state.isStoreLost && ctx.config.onStoreFailure === 'closed') {
    return undecided(state, ctx, slot);
  }
  const now = ctx.mono();
  const it = syncedOf(state, ctx, key);
  const limit = windowLimit(state.settings);
  const used = it.known + Math.max(0, it.told) + it.own;
  const admitted = used < limit;
  if (admitted) it.own += 1;
  noteLevel(state.busiest, key, Math.min(1, (used + (admitted ? 1 : 0)) / limit), now);
  decided(state, ctx, slot, admitted, admitted ? 0 : windowLeftMicros(now, state.settings));
}

/** The counts of a key in the present window. */
function syncedOf(state: RateLimiterState, ctx: Ctx, key: number): Synced {
  const window = windowOf(ctx.mono(), state.settings);
  const it = entryOf(state.synced, key, ctx.config.maxKeys, () => newSynced(window));
  if (it.window !== window) {
    it.window = window;
    it.known = 0;
    it.own = 0;
    if (it.told > 0) it.told = 0;
  }
  return it;
}

const newSynced = (window: number): Synced => ({
  window,
  known: 0,
  own: 0,
  told: -1,
  toldWindow: -1,
});

/** Tells the store what was let through of every key since the last time. */
export function sync(state: RateLimiterState, ctx: Ctx): void {
  ctx.setTimer('sync', 0, ms(ctx.config.syncMs));
  const window = windowOf(ctx.mono(), state.settings);
  for (const [key, it] of state.synced) {
    // Of a window that is over nothing is told any more, and nothing more is learnt.
    if (it.window !== window || it.told >= 0) continue;
    it.told = it.own;
    it.toldWindow = window;
    it.own = 0;
    const report: LimitReport = { type: 'limit.report', key, admitted: it.told };
    callStore(state, ctx, key * 4 + ASK.report, report, Infinity);
  }
}

function askStore(
  state: RateLimiterState,
  ctx: Ctx,
  slot: number,
  ask: number,
  request: Asking,
): void {
  const { deadlineMicros } = state.proxy.passing[slot] as Passing;
  callStore(state, ctx, slot * 4 + ask, request, deadlineMicros);
}

function callStore(
  state: RateLimiterState,
  ctx: Ctx,
  owner: number,
  request: Asking,
  deadlineMicros: number,
): void {
  state.storeCalls += 1;
  const hash = hashInt(request.key, 0);
  beginCall(state.store as Upstream, ctx, owner, request, true, hash, deadlineMicros);
}

/** Whose request it is that the store is asked for: the slot, or -1 for a report of many. */
export const askerOf = (owner: number): number =>
  owner % 4 === ASK.report ? -1 : Math.floor(owner / 4);

/** The store answered, or did not. */
export function onStoreEnd(state: RateLimiterState, ctx: Ctx, end: CallEnd): void {
  const ask = end.owner % 4;
  const owner = (end.owner - ask) / 4;
  tellStore(state, ctx, end.value === null);
  if (ask === ASK.report) return reported(state, owner, end);
  if (end.value === null) return undecided(state, ctx, owner);
  if (ask === ASK.take) {
    const { admitted, retryAfterMs } = end.value as LimitDecision;
    return decided(state, ctx, owner, admitted, retryAfterMs * 1_000);
  }
  if (ask === ASK.write) return decided(state, ctx, owner, true, 0);
  const { count } = end.value as LimitCount;
  const limit = windowLimit(state.settings);
  const now = ctx.mono();
  const key = keyOf(requestOf(state, owner), ctx.config);
  noteLevel(state.busiest, key, Math.min(1, count / limit), now);
  if (count >= limit) {
    return decided(state, ctx, owner, false, windowLeftMicros(now, state.settings));
  }
  askStore(state, ctx, owner, ASK.write, { type: 'limit.write', key, count: count + 1 });
}

function reported(state: RateLimiterState, key: number, end: CallEnd): void {
  const it = state.synced.get(key);
  // Forgotten meanwhile, and perhaps counted anew.
  if (it === undefined || it.told < 0) return;
  const { told } = it;
  it.told = -1;
  if (it.window !== it.toldWindow) return;
  if (end.value === null) it.own += told;
  else it.known = (end.value as LimitCount).count;
}

function tellStore(state: RateLimiterState, ctx: Ctx, isLost: boolean): void {
  if (isLost === state.isStoreLost) return;
  state.isStoreLost = isLost;
  ctx.tell<LimiterFact>(
    isLost
      ? { type: 'limiter.store-lost', mode: ctx.config.onStoreFailure }
      : { type: 'limiter.store-back' },
  );
}

/** Nobody can say whether it may pass. */
function undecided(state: RateLimiterState, ctx: Ctx, slot: number): void {
  state.undecided += 1;
  if (ctx.config.onStoreFailure === 'open' || !ctx.config.enforce) forward(state, ctx, slot);
  else turnDown(state.proxy, ctx, slot, 'unavailable', 0);
}

function decided(
  state: RateLimiterState,
  ctx: Ctx,
  slot: number,
  admitted: boolean,
  retryAfterMicros: number,
  wait = 0,
): void {
  const { marks } = state;
  marks.push({ atMicros: ctx.mono(), admitted });
  if (marks.length > MARKS_MAX) marks.shift();
  state[admitted ? 'admitted' : 'refused'] += 1;
  if (!admitted) tellRefusing(state, ctx);
  if (wait > 0) ctx.setTimer('due', slot, micros(wait));
  else if (admitted || !ctx.config.enforce) forward(state, ctx, slot);
  else turnDown(state.proxy, ctx, slot, 'rate-limited', retryAfterMicros / 1_000);
}

/** Let through: on to the target. */
export function forward(state: RateLimiterState, ctx: Ctx, slot: number): void {
  const { deadlineMicros } = state.proxy.passing[slot] as Passing;
  const request = requestOf(state, slot);
  const hash = hashInt(Math.abs(request[ctx.config.call.balance.hashOn]), 0);
  beginCall(state.target, ctx, slot, request, request.write, hash, deadlineMicros);
}

function tellRefusing(state: RateLimiterState, ctx: Ctx): void {
  state.lastRefusedMicros = ctx.mono();
  if (state.isRefusing) return;
  state.isRefusing = true;
  state.refusedBefore = state.refused - 1;
  ctx.tell<LimiterFact>({ type: 'limiter.refusing', isEnforced: ctx.config.enforce });
  ctx.setTimer('calm', 0, ms(CALM_MS));
}

/** Whether the burst of refusals is over. */
export function onCalmTimer(state: RateLimiterState, ctx: Ctx): void {
  const quiet = ctx.mono() - state.lastRefusedMicros;
  const left = ms(CALM_MS) - quiet;
  if (left > 0) return ctx.setTimer('calm', 0, left as ReturnType<typeof ms>);
  state.isRefusing = false;
  const refused = state.refused - state.refusedBefore;
  ctx.tell<LimiterFact>({ type: 'limiter.admitting', refused });
}
