/**
 * A list page: its objects one after the other, each in a branch of its own, or all together, by
 * one look-up in the cache and one statement for what was not found.
 *
 * Source: memcached's get of several keys; Redis MGET; SQL's WHERE id IN (...).
 * Differs: a cache of several members would be asked for each member's share; here it has one.
 * What is missing is put there in the background, object by object.
 */
import type { CacheValues } from '../../contracts/cache.ts';
import type { Context } from '../../node/behaviour.ts';
import type { CallEnd } from '../../traffic/upstream.ts';
import { set } from './calls.ts';
import type { ServiceConfig } from './config.ts';
import { keyOf, objectsOf } from './objects.ts';
import type { Instruction } from './program.ts';
import { forgetObjects, setObjects } from './state.ts';
import type { Job, Making, ServiceState, Thread } from './state.ts';

type Ctx = Context<ServiceConfig>;
type Of<O extends Instruction['op']> = Extract<Instruction, { readonly op: O }>;

const ALL = -1;

export function beginList(t: Thread, i: Of<'list'>, job: Job): void {
  const objects = objectsOf(keyOf(t, job), i.size, i.of);
  setObjects(t, objects, i.how === 'one-by-one' ? 0 : ALL);
}

/** False: the steps run again, for the next object. */
export function endList(t: Thread, i: Of<'listed'>): boolean {
  const next = t.place + 1;
  if (t.place === ALL || next >= t.objects.length) {
    forgetObjects(t);
    return true;
  }
  setObjects(t, t.objects, next);
  t.pc = i.steps;
  return false;
}

/** The cache answered for all: true if it had them, else the thread goes on to make the others. */
export function foundAll(
  state: ServiceState,
  ctx: Ctx,
  t: Thread,
  i: Of<'cached'>,
  { value }: CallEnd,
): boolean {
  const versions = (value as CacheValues | null)?.versions ?? [];
  const missing = t.objects.filter((_, n) => (versions[n] ?? null) === null);
  state.cacheHits += t.objects.length - missing.length;
  state.cacheMisses += missing.length;
  t.version = versions.reduce<number>((newest, one) => Math.max(newest, one ?? -1), -1);
  if (missing.length === 0) return true;
  // Without its cache a service reads the store; it does not try to fill it then.
  const lease = value === null ? -1 : 0;
  t.makings.push({ lease, beganMicros: ctx.mono(), flight: '', objects: t.objects });
  setObjects(t, missing, ALL);
  t.pc = i.miss;
  return false;
}

/** What was missing is made: the cache gets it, nobody waits for that, and the thread goes on. */
export function fillMany(
  state: ServiceState,
  ctx: Ctx,
  t: Thread,
  i: Of<'fill'>,
  { lease, beganMicros, objects = [] }: Making,
): true {
  const costMs = (ctx.mono() - beganMicros) / 1_000;
  t.objects.forEach((key, n) => {
    const version = t.versions[n] ?? t.version;
    if (lease < 0 || (version < 0 && !i.negative)) return;
    set(state, ctx, NOBODY, i.role, key, version, lease, costMs);
  });
  setObjects(t, objects, ALL);
  return true;
}
/** The owner of calls whose end nobody waits for. */
export const NOBODY = -1;
