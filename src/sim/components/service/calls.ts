/** What the steps of a service send to others. */
import type { CacheDelete, CacheGet, CacheGetMany } from '../../contracts/cache.ts';
import type { CacheInvalidate } from '../../contracts/cache.ts';
import type { CacheSet, CacheValue, CacheWrite } from '../../contracts/cache.ts';
import type { Message } from '../../contracts/contract.ts';
import type { HttpRequest, HttpResponse } from '../../contracts/http.ts';
import type { SqlQuery, SqlRows } from '../../contracts/sql.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { mix32 } from '../../kernel/seeded-draws.ts';
import type { Context } from '../../node/behaviour.ts';
import { hashInt } from '../../policies/hashing/hash-int.ts';
import { pick } from '../../traffic/backends.ts';
import { beginCall } from '../../traffic/upstream-calls.ts';
import type { CallEnd, Upstream } from '../../traffic/upstream.ts';
import type { ServiceConfig } from './config.ts';
import { deadlineOf } from './deadlines.ts';
import { nearDelete } from './near.ts';
import { isMany, keyOf, seedOf } from './objects.ts';
import type { Instruction } from './program.ts';
import type { Job, ServiceState, Thread } from './state.ts';

type Ctx = Context<ServiceConfig>;
type Of<O extends Instruction['op']> = Extract<Instruction, { readonly op: O }>;

/** The node has one upstream for each of its links. */
export function upstream(state: ServiceState, role: string): Upstream {
  const { upstreams } = state;
  for (let at = 0; at < upstreams.length; at++) {
    const up = upstreams[at] as Upstream;
    if (up.role === role) return up;
  }
  throw new InvariantError(`a service has no link ${role}`);
}

export function call(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'call'>,
  job: Job,
): void {
  const key = keyOf(t, job);
  const seed = seedOf(t, job);
  const request: HttpRequest = {
    type: 'http.request',
    route: i.route ?? job.route,
    write: job.write,
    key,
    // Members that are called at once each draw what it costs them.
    seed: t.member < 0 ? seed : mix32(seed + t.member + 1),
    session: job.session,
    connection: job.session,
    priority: job.priority,
    attempt: 0,
  };
  const up = upstream(state, i.role);
  const hash = hashInt(up.settings.policy.balance.hashOn === 'key' ? key : job.session, 0);
  if (job.write) job.writes += 1;
  beginCall(up, ctx, slot, request, job.write, hash, deadlineOf(state, t, job), t.member);
}

export function query(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'query'>,
  job: Job,
): void {
  const write = isWriting(t, i, job);
  const key = isMany(t) ? (t.objects[0] as number) : keyOf(t, job);
  const seed = seedOf(t, job) ^ i.purpose;
  const base = { type: 'sql.query', statement: i.statement, write, key, seed } as const;
  const request: SqlQuery = isMany(t) ? { ...base, keys: t.objects } : base;
  if (write) job.writes += 1;
  const up = upstream(state, i.role);
  beginCall(up, ctx, slot, request, write, hashInt(key, 0), deadlineOf(state, t, job));
}

export function get(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'cached'>,
  job: Job,
): void {
  const key = isMany(t) ? (t.objects[0] as number) : keyOf(t, job);
  const request: CacheGet | CacheGetMany = isMany(t)
    ? { type: 'cache.get-many', keys: t.objects }
    : { type: 'cache.get', key, seed: seedOf(t, job) };
  const up = upstream(state, i.role);
  beginCall(up, ctx, slot, request, false, hashInt(key, 0), deadlineOf(state, t, job));
}

/**
 * A call, a statement or a write ended: the thread has what came back, or it fails with the code
 * that is returned. A write that surely had no effect is as if it had not been.
 */
export function settleCall(t: Thread, i: Instruction, job: Job, end: CallEnd): string {
  // A cache that does not take or drop an object is no failure of the request.
  if (i.op === 'fill' || i.op === 'put' || i.op === 'invalidate') return '';
  if (end.value !== null) {
    takeAnswer(t, i, job, end.value);
    return '';
  }
  const isWrite = i.op === 'query' ? isWriting(t, i, job) : i.op === 'write' || job.write;
  if (isWrite && end.isDefinite) job.writes -= 1;
  if (end.code === 'rate-limited') job.retryAfterMs = end.retryAfterMs;
  return outwards(end, isWrite);
}

/** A list is read. */
const isWriting = (t: Thread, i: Of<'query'>, job: Job): boolean =>
  !isMany(t) && (i.write ?? job.write);

/** The version that came is what the thread has at hand. */
function takeAnswer(t: Thread, i: Instruction, job: Job, answer: Message): void {
  if (i.op === 'query') {
    const { version, versions } = answer as SqlRows;
    t.version = version;
    if (versions !== undefined) t.versions = versions;
  } else if (i.op === 'write') t.version = (answer as CacheValue).version;
  else {
    const response = answer as HttpResponse;
    t.version = response.version;
    if (response.degraded) job.isDegraded = true;
  }
}

export function set(
  state: ServiceState,
  ctx: Ctx,
  owner: number,
  role: string,
  key: number,
  version: number,
  lease: number,
  costMs: number,
): void {
  const request: CacheSet = { type: 'cache.set', key, version, lease, costMs };
  beginCall(upstream(state, role), ctx, owner, request, true, hashInt(key, 0), Infinity);
}

/** Changes the object through a cache that stands before its store. */
export function write(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'write'>,
  job: Job,
): void {
  const key = keyOf(t, job);
  for (const near of state.near.values()) nearDelete(near, key);
  const request: CacheWrite = { type: 'cache.write', key, seed: seedOf(t, job) ^ i.purpose };
  job.writes += 1;
  const up = upstream(state, i.role);
  beginCall(up, ctx, slot, request, true, hashInt(key, 0), deadlineOf(state, t, job));
}

export function invalidate(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'invalidate'>,
  job: Job,
): boolean {
  const up = upstream(state, i.role);
  const key = keyOf(t, job);
  for (const near of state.near.values()) nearDelete(near, key);
  const version = i.by === 'delete' ? -1 : t.version;
  if (i.by === 'event') {
    const place = pick(up.backends, hashInt(key, 0), ctx.mono(), ctx.stream('balance'));
    const node = up.backends.members[place];
    const event: CacheInvalidate = { type: 'cache.invalidate', key, version };
    if (node !== undefined) ctx.send(node, event);
    return true;
  }
  const request: CacheDelete = { type: 'cache.delete', key, version };
  beginCall(up, ctx, slot, request, true, hashInt(key, 0), deadlineOf(state, t, job));
  return false;
}

/**
 * What a service says of a failure behind it: of a request that changes something, whether it took
 * effect must stay known; a read has no effect that could be in doubt.
 */
function outwards({ code, isDefinite }: CallEnd, isWrite: boolean): string {
  const isInDoubt = isWrite ? !isDefinite : IN_DOUBT.has(code);
  if (isInDoubt) return TIMEOUTS.has(code) ? 'gateway-timeout' : 'bad-gateway';
  return HTTP_CODES.has(code) ? code : 'unavailable';
}
const TIMEOUTS: ReadonlySet<string> = new Set(['timeout', 'gateway-timeout']);
/** Codes that do not tell how far the request came. */
const IN_DOUBT: ReadonlySet<string> = new Set([
  ...TIMEOUTS,
  'bad-gateway',
  'internal-error',
  'connection-reset',
]);
const HTTP_CODES: ReadonlySet<string> = new Set([
  'overloaded',
  'unavailable',
  'circuit-open',
  'bulkhead-full',
  'rate-limited',
  'bad-request',
  'throttled',
]);
