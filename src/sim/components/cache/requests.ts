/**
 * What a cache is asked: get, set, delete, write; with leases, so that one caller fills a miss.
 *
 * Invariants: of the callers of one object at most one holds a lease; a set under a lease that is
 * void changes nothing.
 *
 * Source: memcached; leases of Nishtala et al., NSDI 2013, section 3.2.1; stale answers as in
 * RFC 5861. Differs: a delete voids the lease, and the next caller may have a new one at once,
 * where Facebook's caches go on counting its ten seconds; xfetch gives its early refresh to one
 * caller, by a lease, where in the paper readers do not know of each other; several objects at once
 * are answered as memcached's plain get does it: no leases, nothing that has expired, and one
 * operation, however many there are.
 */
import type { CacheDone, CacheGet, CacheGetMany, CacheMessage } from '../../contracts/cache.ts';
import type { CacheSet, CacheState as Found } from '../../contracts/cache.ts';
import type { CacheValue, CacheValues } from '../../contracts/cache.ts';
import { ms } from '../../kernel/time.ts';
import type { CallRef, Context } from '../../node/behaviour.ts';
import { EARLY_REFRESHES } from '../../policies/expiry/index.ts';
import { enter } from '../../traffic/flow.ts';
import type { CacheConfig } from './config.ts';
import { find, invalidate, isFresh, put } from './entries.ts';
import type { CacheFact } from './facts.ts';
import { load, write } from './origin.ts';
import { mark } from './state.ts';
import type { CacheState, Entry, Pending, Through } from './state.ts';

type Ctx = Context<CacheConfig>;

/** Does what a message asks. */
export function perform(state: CacheState, ctx: Ctx, message: CacheMessage, call: CallRef): void {
  switch (message.type) {
    case 'cache.get':
      return get(state, ctx, message, call);
    case 'cache.get-many':
      return getMany(state, ctx, message, call);
    case 'cache.set':
      return done(ctx, call, set(state, ctx, message));
    case 'cache.delete':
      return done(ctx, call, invalidate(state, message.key, message.version));
    case 'cache.invalidate':
      invalidate(state, message.key, message.version);
      return;
    case 'cache.write': {
      const { mode } = ctx.config;
      if (mode === 'aside' || mode === 'read-through') return ctx.refuse(call, 'not-supported');
      return write(state, ctx, message.key, wait(state, ctx, message, call), message.seed);
    }
    case 'cache.value':
    case 'cache.values':
    case 'cache.done':
  }
}

const done = (ctx: Ctx, call: CallRef, applied: boolean): void =>
  ctx.reply<CacheDone>(call, { type: 'cache.done', applied });

/** A request that cannot be answered yet: its slot. */
export function wait(state: CacheState, ctx: Ctx, message: CacheMessage, call: CallRef): number {
  const now = ctx.mono();
  const left = message.type === 'cache.invalidate' ? null : ctx.timeLeft();
  const deadlineMicros = left === null ? Infinity : now + left;
  const pending: Pending = { message, call, arrivedMicros: now, deadlineMicros };
  const slot = state.freePending.pop() ?? state.pending.length;
  state.pending[slot] = pending;
  enter(state.flow, now);
  return slot;
}

function get(state: CacheState, ctx: Ctx, message: CacheGet, call: CallRef): void {
  const { key } = message;
  const entry = find(state, ctx, key);
  if (entry === null) return miss(state, ctx, message, call);
  const isGood = isFresh(entry, ctx);
  if (isGood && !isRefreshDue(state, ctx, entry, message)) {
    return tell(state, ctx, call, 'hit', entry.version, 0);
  }
  // One caller makes it anew; behind a cache with a store it is the cache itself.
  if (state.origin !== null) {
    load(state, ctx, key, -1, message.seed);
    return tell(state, ctx, call, isGood ? 'hit' : 'stale', entry.version, 0);
  }
  const lease = newLease(state, ctx, key);
  tell(state, ctx, call, isGood && lease === 0 ? 'hit' : 'stale', entry.version, lease);
}

function getMany(state: CacheState, ctx: Ctx, { keys }: CacheGetMany, call: CallRef): void {
  if (state.origin !== null) return ctx.refuse(call, 'not-supported');
  const versions = keys.map((key) => {
    const entry = find(state, ctx, key);
    const isHit = entry !== null && isFresh(entry, ctx);
    if (isHit) state.hits += 1;
    else state.misses += 1;
    mark(state, isHit ? 'hit' : 'miss');
    return isHit ? entry.version : null;
  });
  ctx.reply<CacheValues>(call, { type: 'cache.values', versions });
}

function isRefreshDue(state: CacheState, ctx: Ctx, entry: Entry, { seed }: CacheGet): boolean {
  if (entry.expiresMicros === Infinity) return false;
  const { earlyRefresh, beta } = ctx.config;
  const refresh = refreshNamed(earlyRefresh);
  if (refresh?.isRandom !== true) return false;
  const draw = ctx.seeded(seed, state.salt).open01();
  const { expiresMicros: expiryMicros, costMicros: deltaMicros } = entry;
  return refresh.isDue(ctx.wall(), { expiryMicros, deltaMicros }, beta, draw);
}

const refreshNamed = (wanted: string) => EARLY_REFRESHES.find(({ name }) => name === wanted);

function miss(state: CacheState, ctx: Ctx, message: CacheGet, call: CallRef): void {
  const { key } = message;
  if (state.origin !== null) return readThrough(state, ctx, message, call);
  if (!ctx.config.leases) return tell(state, ctx, call, 'miss', -1, 0);
  const lease = newLease(state, ctx, key);
  tell(state, ctx, call, lease === 0 ? 'wait' : 'miss', -1, lease);
}

function readThrough(state: CacheState, ctx: Ctx, message: Through, call: CallRef): void {
  const { key, seed } = message;
  const written = state.dirty.get(key);
  if (written !== undefined) return tell(state, ctx, call, 'hit', written.version, 0);
  state.misses += 1;
  mark(state, 'miss');
  load(state, ctx, key, wait(state, ctx, message, call), seed);
}

/** A lease for the object, or 0 where one is out. */
function newLease(state: CacheState, ctx: Ctx, key: number): number {
  const now = ctx.mono();
  const out = state.leases.get(key);
  if (out !== undefined && now < out.untilMicros) return 0;
  const token = ctx.unique() + 1;
  state.leases.set(key, { token, untilMicros: now + ms(ctx.config.leaseMs) });
  return token;
}

function tell(
  state: CacheState,
  ctx: Ctx,
  call: CallRef,
  found: Found,
  version: number,
  lease: number,
): void {
  if (found === 'hit') state.hits += 1;
  else if (found === 'stale') state.stale += 1;
  else if (found === 'miss') state.misses += 1;
  else state.waits += 1;
  mark(state, found);
  ctx.reply<CacheValue>(call, { type: 'cache.value', state: found, version, lease });
}

/** False: its lease is void, it is older than what is held, or there was no room for it. */
function set(state: CacheState, ctx: Ctx, message: CacheSet): boolean {
  const { key, version, lease, costMs } = message;
  if (lease !== 0 && state.leases.get(key)?.token !== lease) {
    state.refused += 1;
    ctx.tell<CacheFact>({ type: 'cache.lease-refused', key });
    return false;
  }
  if (ctx.config.keepNewest === true && (state.entries.get(key)?.version ?? -1) > version) {
    state.refused += 1;
    return false;
  }
  // Whoever else fetches it holds something older.
  if (state.leases.size > 0) state.leases.delete(key);
  return put(state, ctx, key, version, ms(costMs)) !== key;
}
