/**
 * The objects of a cache: found, put, taken out. A put may push another one out.
 *
 * Invariant: the eviction policy knows exactly the keys that have an entry.
 */
import { ms } from '../../kernel/time.ts';
import type { Context } from '../../node/behaviour.ts';
import { ttlMicros } from '../../policies/expiry/index.ts';
import type { CacheConfig } from './config.ts';
import { mark, policyOf } from './state.ts';
import type { CacheState, Entry } from './state.ts';

type Ctx = Context<CacheConfig>;

/**
 * A request for the object: the eviction policy hears of it. What has expired and may not be used
 * any more is taken out first, so that it counts as a miss.
 */
export function find(state: CacheState, ctx: Ctx, key: number): Entry | null {
  let entry = state.entries.get(key) ?? null;
  if (entry !== null && ctx.wall() >= entry.expiresMicros + ms(ctx.config.staleMs)) {
    take(state, key);
    entry = null;
  }
  return policyOf(state).touch(state.order, key) ? entry : null;
}

export const isFresh = (entry: Entry, ctx: Ctx): boolean => ctx.wall() < entry.expiresMicros;

/** Puts an object. Returns the key of the one that had to go, maybe its own, or -1. */
export function put(
  state: CacheState,
  ctx: Ctx,
  key: number,
  version: number,
  costMicros: number,
): number {
  const gone = policyOf(state).insert(state.order, key);
  // Not admitted: another one stays in its stead.
  if (gone === key) return key;
  state.entries.set(key, { version, expiresMicros: expiryOf(ctx, version), costMicros });
  if (gone < 0) return -1;
  state.entries.delete(gone);
  state.evictions += 1;
  mark(state, 'evict');
  return gone;
}

function expiryOf(ctx: Ctx, version: number): number {
  const { ttlMs, ttlJitter, negativeTtlMs } = ctx.config;
  const lasts = version < 0 && negativeTtlMs > 0 ? negativeTtlMs : ttlMs;
  if (lasts === 0) return Infinity;
  const draw = ttlJitter === 0 ? 0.5 : ctx.stream('ttl').open01();
  return ctx.wall() + ttlMicros(ms(lasts), ttlJitter, draw);
}

/** Takes an object out; false where it was not in. */
export function take(state: CacheState, key: number): boolean {
  policyOf(state).remove(state.order, key);
  return state.entries.delete(key);
}

/** The object changed to that version, or, with -1, in an unknown way: what is older goes. */
export function invalidate(state: CacheState, key: number, version: number): boolean {
  // Whoever fetches it now may have read what was there before.
  state.leases.delete(key);
  const load = state.loads.get(key);
  if (load !== undefined) {
    const errand = state.errands.get(load);
    if (errand !== undefined) errand.isVoid = true;
    // Nobody joins a load that began before the change.
    state.loads.delete(key);
  }
  const entry = state.entries.get(key);
  if (entry === undefined || (version >= 0 && entry.version >= version)) return false;
  return take(state, key);
}
