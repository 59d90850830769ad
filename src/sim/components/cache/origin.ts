/**
 * A cache before its store: it loads what it misses, and writes through, around or back.
 *
 * Invariants: one load of an object is under way at a time, and all who miss it meanwhile wait for
 * that one; a version that was loaded before a change is never kept after it; what is dirty is
 * read from here, not from the store.
 *
 * Source: the patterns as in Jouppi, "Cache write policies and performance", ISCA 1993.
 * Differs: in Go's singleflight a load runs under the context of whoever came first, whose deadline
 * fails all who wait; here it has none. Write-back reads an object that it does not hold before it
 * writes it (fetch on write), because a version counts the writes.
 */
import type { CacheValue } from '../../contracts/cache.ts';
import type { SqlQuery, SqlRows } from '../../contracts/sql.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { mix32 } from '../../kernel/seeded-draws.ts';
import { ms } from '../../kernel/time.ts';
import type { Context } from '../../node/behaviour.ts';
import { hashInt } from '../../policies/hashing/hash-int.ts';
import { leave } from '../../traffic/flow.ts';
import { beginCall } from '../../traffic/upstream-calls.ts';
import type { CallEnd } from '../../traffic/upstream.ts';
import type { CacheConfig } from './config.ts';
import { invalidate, put, take } from './entries.ts';
import type { CacheState, Errand, Pending } from './state.ts';

type Ctx = Context<CacheConfig>;

export const pendingAt = (state: CacheState, slot: number): Pending =>
  state.pending[slot] as Pending;

export function answer(state: CacheState, ctx: Ctx, slot: number, value: CacheValue | null): void {
  const { call, arrivedMicros } = pendingAt(state, slot);
  leave(state.flow, arrivedMicros, ctx.mono());
  state.freePending.push(slot);
  if (value === null) ctx.refuse(call, 'origin-failed');
  else ctx.reply<CacheValue>(call, value);
}

const valueOf = (state: CacheValue['state'], version: number): CacheValue => ({
  type: 'cache.value',
  state,
  version,
  lease: 0,
});

function send(
  state: CacheState,
  ctx: Ctx,
  errand: Errand,
  seed: number,
  deadlineMicros: number,
): number {
  const { origin } = state;
  if (origin === null) throw new InvariantError('a cache without a store has an errand to it');
  const number = state.nextErrand++;
  state.errands.set(number, errand);
  const { kind, key, version } = errand;
  const write = kind !== 'load';
  const base = { type: 'sql.query', statement: 'row', write, key, seed } as const;
  const query: SqlQuery = kind === 'write-back' ? { ...base, version } : base;
  beginCall(origin, ctx, number, query, write, hashInt(key, 0), deadlineMicros);
  return number;
}

const newErrand = (
  ctx: Ctx,
  kind: Errand['kind'],
  key: number,
  waiting: number[],
  version: number,
): Errand => ({ kind, key, beganMicros: ctx.mono(), waiting, version, isVoid: false });

/** Reads the object for the request in the slot, or for nobody (-1: a refresh). */
export function load(state: CacheState, ctx: Ctx, key: number, slot: number, seed: number): void {
  const joins = !ctx.ablations.includes('traffic.single-flight');
  const under = joins ? state.errands.get(state.loads.get(key) ?? -1) : undefined;
  if (under !== undefined) {
    if (slot >= 0) under.waiting.push(slot);
    return;
  }
  // Others may join a load whose asker gives up: it ends by the timeouts of its calls.
  const deadline = joins || slot < 0 ? Infinity : pendingAt(state, slot).deadlineMicros;
  const errand = newErrand(ctx, 'load', key, slot < 0 ? [] : [slot], 0);
  state.loads.set(key, send(state, ctx, errand, seed, deadline));
}

/** A write came: it goes through, around, or waits here. */
export function write(state: CacheState, ctx: Ctx, key: number, slot: number, seed: number): void {
  if (ctx.config.mode !== 'write-back') {
    const errand = newErrand(ctx, 'write', key, [slot], 0);
    send(state, ctx, errand, seed, pendingAt(state, slot).deadlineMicros);
    return;
  }
  const kept = state.dirty.get(key)?.version ?? state.entries.get(key)?.version;
  if (kept === undefined || kept < 0) return load(state, ctx, key, slot, seed);
  writeHere(state, ctx, key, kept + 1, slot);
}

/** Write-back: the new version is here, and nowhere else yet. */
function writeHere(state: CacheState, ctx: Ctx, key: number, version: number, slot: number): void {
  const dirty = state.dirty.get(key);
  if (dirty === undefined) {
    state.dirty.set(key, { version, isOnItsWay: false });
    ctx.setTimer('write-back', key, ms(ctx.config.writeBackMs));
  } else {
    dirty.version = version;
  }
  keep(state, ctx, key, version, state.entries.get(key)?.costMicros ?? 0);
  answer(state, ctx, slot, valueOf('hit', version));
}

/** Keeps an object; a dirty one that has to go for it is written at once. */
export function keep(
  state: CacheState,
  ctx: Ctx,
  key: number,
  version: number,
  costMicros: number,
): void {
  const gone = put(state, ctx, key, version, costMicros);
  if (gone >= 0 && state.dirty.get(gone)?.isOnItsWay === false) writeBack(state, ctx, gone);
}

/** Brings a dirty object to the store. */
export function writeBack(state: CacheState, ctx: Ctx, key: number): void {
  const dirty = state.dirty.get(key);
  if (dirty === undefined || dirty.isOnItsWay) return;
  dirty.isOnItsWay = true;
  ctx.cancelTimer('write-back', key);
  const { version } = dirty;
  const seed = mix32(mix32(key) ^ version);
  send(state, ctx, newErrand(ctx, 'write-back', key, [], version), seed, Infinity);
}

/** The store answered, or did not. */
export function onCallEnd(state: CacheState, ctx: Ctx, end: CallEnd): void {
  const errand = state.errands.get(end.owner);
  if (errand === undefined) throw new InvariantError('an answer to no errand');
  state.errands.delete(end.owner);
  const version = (end.value as SqlRows | null)?.version ?? null;
  if (errand.kind === 'load') loaded(state, ctx, end.owner, errand, version);
  else if (errand.kind === 'write') written(state, ctx, errand, version);
  else broughtBack(state, ctx, errand, version !== null);
}

function loaded(
  state: CacheState,
  ctx: Ctx,
  number: number,
  { key, waiting, beganMicros, isVoid }: Errand,
  stored: number | null,
): void {
  if (state.loads.get(key) === number) state.loads.delete(key);
  // A write that came meanwhile is newer than what the store said.
  const own = state.dirty.get(key)?.version ?? -1;
  const version = stored === null ? null : Math.max(stored, own);
  const held = state.entries.get(key)?.version ?? -1;
  if (version !== null && !isVoid && version >= held) {
    keep(state, ctx, key, version, ctx.mono() - beganMicros);
  }
  for (const slot of waiting) {
    const { message } = pendingAt(state, slot);
    if (version === null) answer(state, ctx, slot, null);
    else if (message.type !== 'cache.write') answer(state, ctx, slot, valueOf('miss', version));
    else if (version < 0) answer(state, ctx, slot, valueOf('miss', -1));
    else writeHere(state, ctx, key, (state.dirty.get(key)?.version ?? version) + 1, slot);
  }
}

/** Write-through keeps what was written; write-around drops what it has. */
function written(
  state: CacheState,
  ctx: Ctx,
  { key, waiting, beganMicros }: Errand,
  version: number | null,
): void {
  // Without an answer nobody knows what the store holds now.
  invalidate(state, key, version ?? -1);
  if (version !== null && version >= 0 && ctx.config.mode === 'write-through') {
    const held = state.entries.get(key)?.version ?? -1;
    if (version > held) keep(state, ctx, key, version, ctx.mono() - beganMicros);
  }
  for (const slot of waiting) {
    answer(state, ctx, slot, version === null ? null : valueOf('hit', version));
  }
}

function broughtBack(state: CacheState, ctx: Ctx, errand: Errand, isDone: boolean): void {
  const dirty = state.dirty.get(errand.key);
  if (dirty === undefined) return;
  dirty.isOnItsWay = false;
  if (isDone && dirty.version === errand.version) state.dirty.delete(errand.key);
  else ctx.setTimer('write-back', errand.key, ms(ctx.config.writeBackMs));
}

/** Empties the cache; what is dirty goes to the store at once. */
export function flush(state: CacheState, ctx: Ctx): void {
  for (const key of [...state.entries.keys()]) take(state, key);
  state.leases.clear();
  for (const errand of state.errands.values()) errand.isVoid = true;
  state.loads.clear();
  for (const key of [...state.dirty.keys()]) writeBack(state, ctx, key);
}
