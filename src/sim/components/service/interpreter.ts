/**
 * Runs the steps of a service: a thread waits for one thing at a time, and goes on with the next
 * instruction when it has come.
 *
 * Invariant: every thread that begins ends once; a job's answer is its main thread's end.
 */
import type { CacheValue } from '../../contracts/cache.ts';
import { micros } from '../../kernel/time.ts';
import type { Context } from '../../node/behaviour.ts';
import { sampleMicros } from '../../policies/distribution.ts';
import type { CallEnd } from '../../traffic/upstream.ts';
import { call, get, invalidate, query, set, settleCall, upstream, write } from './calls.ts';
import type { ServiceConfig } from './config.ts';
import { DETACHED, isGivenUp } from './deadlines.ts';
import { finishJob, releaseJob } from './jobs.ts';
import { NOBODY, beginList, endList, fillMany, foundAll } from './lists.ts';
import { nearGet, nearOf, nearSet } from './near.ts';
import { isMany, keyOf, seedOf } from './objects.ts';
import { END } from './program.ts';
import type { Instruction } from './program.ts';
import { setObjects, takeThread } from './state.ts';
import type { Job, Making, ServiceState, Thread } from './state.ts';
import { endFlight, joinBatch, joinFlight, takeBatch, takeFollowers } from './waiting.ts';

type Ctx = Context<ServiceConfig>;
type Of<O extends Instruction['op']> = Extract<Instruction, { readonly op: O }>;

/** How long a thread waits before it asks a cache again that said "wait". */
const LEASE_WAIT_MICROS = 10_000;

const thread = (state: ServiceState, slot: number): Thread => state.threads[slot] as Thread;
const jobOf = (state: ServiceState, t: Thread): Job => state.jobs[t.job] as Job;
const instructionOf = (state: ServiceState, t: Thread): Instruction =>
  state.program.code[t.pc] as Instruction;

/** Begins a thread of a job at an instruction. */
export function spawn(state: ServiceState, ctx: Ctx, job: number, pc: number): void {
  const slot = takeThread(state, job, pc);
  (state.jobs[job] as Job).threads += 1;
  run(state, ctx, slot);
}

/** What the thread waited for has come. */
export function resume(state: ServiceState, ctx: Ctx, slot: number): void {
  thread(state, slot).pc = instructionOf(state, thread(state, slot)).next;
  run(state, ctx, slot);
}

/** Runs until the thread has to wait, or ends. */
export function run(state: ServiceState, ctx: Ctx, slot: number): void {
  for (;;) {
    const t = thread(state, slot);
    const i = instructionOf(state, t);
    const job = jobOf(state, t);
    if (i.op === 'end') return endThread(state, ctx, slot, '');
    if (state.propagatesDeadline && isGivenUp(state, t, job, ctx.mono())) {
      return failThread(state, ctx, slot, 'gateway-timeout');
    }
    if (!begin(state, ctx, slot, t, i, job)) return;
    t.pc = i.op === 'either' ? branchOf(state, ctx, i, t) : i.next;
  }
}

const branchOf = (state: ServiceState, ctx: Ctx, i: Of<'either'>, t: Thread): number =>
  draws(state, ctx, i, t).open01() < i.share ? i.then : i.other;

/** Begins an instruction. False: the thread waits, has ended or has moved on itself. */
function begin(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Instruction,
  job: Job,
): boolean {
  switch (i.op) {
    case 'work':
      ctx.work(micros(sampleMicros(i.time, draws(state, ctx, i, t))), slot, job.priority);
      return false;
    case 'wait':
      ctx.setTimer('wait', slot, micros(sampleMicros(i.time, draws(state, ctx, i, t))));
      return false;
    case 'call':
      call(state, ctx, slot, t, i, job);
      return false;
    case 'query':
      query(state, ctx, slot, t, i, job);
      return false;
    case 'cached':
      return lookUp(state, ctx, slot, t, i, job);
    case 'fill':
      return fill(state, ctx, slot, t, i, job);
    case 'put':
      set(state, ctx, slot, i.role, keyOf(t, job), t.version, 0, 0);
      return false;
    case 'write':
      write(state, ctx, slot, t, i, job);
      return false;
    case 'invalidate':
      return invalidate(state, ctx, slot, t, i, job);
    case 'fork':
    case 'every':
    case 'list':
      spread(state, ctx, slot, t, i, job);
      return false;
    case 'listed':
      if (endList(t, i)) return true;
      run(state, ctx, slot);
      return false;
    case 'either':
    case 'end':
      return true;
    case 'fail':
      if (draws(state, ctx, i, t).open01() >= i.share) return true;
      failThread(state, ctx, slot, i.code);
      return false;
    case 'degrade':
      job.isDegraded = true;
      return true;
    case 'gather':
      if (joinBatch(state, ctx, slot, t.pc, i)) flushBatch(state, ctx, t.pc);
      return false;
    case 'scatter':
      for (const follower of takeFollowers(state, ctx, t, t.pc)) {
        thread(state, follower).version = t.version;
        jobOf(state, thread(state, follower)).writes += job.writes;
        resume(state, ctx, follower);
      }
      return true;
  }
}

/** Goes on in branches, or for several objects. */
function spread(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'fork' | 'every' | 'list'>,
  job: Job,
): void {
  if (i.op === 'fork') return fork(state, ctx, slot, i.branches, i.need, 'alike');
  if (i.op === 'every') {
    const { count } = upstream(state, i.role).backends;
    if (count === 0) return failThread(state, ctx, slot, 'unavailable');
    const branches = new Array<number>(count).fill(i.branch);
    return fork(state, ctx, slot, branches, Math.min(i.need, count), 'member');
  }
  beginList(t, i, job);
  if (i.how === 'at-once') {
    const branches = new Array<number>(i.size).fill(i.steps);
    return fork(state, ctx, slot, branches, i.size, 'object');
  }
  t.pc = i.steps;
  run(state, ctx, slot);
}

const draws = (state: ServiceState, ctx: Ctx, i: Instruction, t: Thread) =>
  ctx.seeded(seedOf(t, jobOf(state, t)), state.salt ^ i.purpose);

function lookUp(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'cached'>,
  job: Job,
): boolean {
  const near = i.nearCapacity === 0 ? null : nearOf(state.near, t.pc, i);
  const kept = near === null ? null : nearGet(near, keyOf(t, job), ctx.mono());
  if (kept !== null) {
    t.version = kept;
    state.cacheHits += 1;
    return true;
  }
  get(state, ctx, slot, t, i, job);
  return false;
}

/** A call of a thread ended. */
export function onCallEnd(state: ServiceState, ctx: Ctx, end: CallEnd): void {
  const slot = end.owner;
  if (slot === NOBODY) return;
  const t = thread(state, slot);
  const i = instructionOf(state, t);
  if (i.op === 'cached') return onLooked(state, ctx, slot, t, i, end);
  const code = settleCall(t, i, jobOf(state, t), end);
  if (code === '') resume(state, ctx, slot);
  else failThread(state, ctx, slot, code);
}

function onLooked(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'cached'>,
  end: CallEnd,
): void {
  if (isMany(t)) {
    if (foundAll(state, ctx, t, i, end)) resume(state, ctx, slot);
    else run(state, ctx, slot);
    return;
  }
  const value = end.value as CacheValue | null;
  // Without its cache a service reads the store; it does not try to fill it then.
  if (value === null) return miss(state, ctx, slot, t, i, -1);
  if (value.state === 'wait') {
    ctx.setTimer('wait-lease', slot, micros(LEASE_WAIT_MICROS));
    return;
  }
  const isMiss = value.state === 'miss';
  // A miss with a version: the cache has read it from the store.
  if (isMiss && i.miss >= 0 && value.version < 0) {
    return miss(state, ctx, slot, t, i, value.lease);
  }
  t.version = value.version;
  // Who got no lease leaves the refresh to another one.
  if (value.state === 'stale' && i.miss >= 0 && value.lease > 0) {
    if (!i.background) return miss(state, ctx, slot, t, i, value.lease);
    refresh(state, ctx, t, i, value.lease);
  }
  if (isMiss) state.cacheMisses += 1;
  else state.cacheHits += 1;
  if (i.nearCapacity > 0) {
    nearSet(nearOf(state.near, t.pc, i), keyOf(t, jobOf(state, t)), t.version, ctx.mono());
  }
  resume(state, ctx, slot);
}

/** A thread of its own makes the new value; nobody waits for it. */
function refresh(state: ServiceState, ctx: Ctx, t: Thread, i: Of<'cached'>, lease: number): void {
  const slot = takeThread(state, t.job, i.miss);
  const fresh = thread(state, slot);
  jobOf(state, t).threads += 1;
  fresh.parent = DETACHED;
  setObjects(fresh, t.objects, t.place);
  fresh.makings.push({ lease, beganMicros: ctx.mono(), flight: '' });
  run(state, ctx, slot);
}

function miss(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'cached'>,
  lease: number,
): void {
  state.cacheMisses += 1;
  // The cache reads the store itself: without it there is nothing to be had.
  if (i.miss < 0) return failThread(state, ctx, slot, 'bad-gateway');
  let flight = '';
  if (i.singleFlight && !ctx.ablations.includes('traffic.single-flight')) {
    flight = `${t.pc}/${keyOf(t, jobOf(state, t))}`;
    if (joinFlight(state, ctx, slot, flight)) return;
  }
  t.makings.push({ lease, beganMicros: ctx.mono(), flight });
  t.pc = i.miss;
  run(state, ctx, slot);
}

/** The object was made: others get it, and the cache. */
function fill(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  t: Thread,
  i: Of<'fill'>,
  job: Job,
): boolean {
  const making = t.makings.pop() as Making;
  if (making.objects !== undefined) return fillMany(state, ctx, t, i, making);
  const lookup = state.program.code[i.of] as Of<'cached'>;
  const key = keyOf(t, job);
  if (lookup.nearCapacity > 0 && (t.version >= 0 || i.negative)) {
    nearSet(nearOf(state.near, i.of, lookup), key, t.version, ctx.mono());
  }
  const { lease, beganMicros, flight } = making;
  land(state, ctx, t, flight, '');
  const isDetached = t.parent === DETACHED;
  const isKept = lease >= 0 && (t.version >= 0 || i.negative);
  const owner = i.background || isDetached ? NOBODY : slot;
  if (isKept) {
    const costMs = (ctx.mono() - beganMicros) / 1_000;
    set(state, ctx, owner, i.role, key, t.version, lease, costMs);
  }
  // What comes after the look-up is not its business.
  if (isDetached) endThread(state, ctx, slot, '');
  return !isDetached && (!isKept || owner === NOBODY);
}

/** Those who waited for the flight of this thread go on, or fail as it did. */
function land(state: ServiceState, ctx: Ctx, t: Thread, flight: string, code: string): void {
  const { version } = t;
  for (const slot of endFlight(state, ctx, flight)) {
    thread(state, slot).version = version;
    if (code === '') resume(state, ctx, slot);
    else failThread(state, ctx, slot, code);
  }
}

/** Branches of a thread, all begun at once. */
function fork(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  entries: readonly number[],
  need: number,
  by: 'alike' | 'member' | 'object',
): void {
  const t = thread(state, slot);
  const count = entries.length;
  t.left = count;
  t.got = 0;
  t.need = need;
  // The number by which branches know that this very wait is still on.
  t.serial += 1;
  const { serial, job, version, objects, place } = t;
  const branches: number[] = [];
  for (let n = 0; n < count; n++) {
    const branch = takeThread(state, job, entries[n] as number);
    const b = thread(state, branch);
    b.parent = slot;
    b.parentSerial = serial;
    b.version = version;
    if (by === 'member') b.member = n;
    if (objects.length > 0) setObjects(b, objects, by === 'object' ? n : place);
    branches.push(branch);
  }
  (state.jobs[job] as Job).threads += count;
  for (const branch of branches) run(state, ctx, branch);
}

/** The batch goes: its first thread works for all. */
export function flushBatch(state: ServiceState, ctx: Ctx, pc: number): void {
  const leader = takeBatch(state, ctx, pc);
  if (leader < 0) return;
  thread(state, leader).pc = (state.program.code[pc] as Of<'gather'>).steps;
  run(state, ctx, leader);
}

/** A step failed: its handler takes over, or the thread ends. */
function failThread(state: ServiceState, ctx: Ctx, slot: number, code: string): void {
  const t = thread(state, slot);
  const { handler } = instructionOf(state, t);
  if (handler >= 0) {
    t.pc = handler;
    return run(state, ctx, slot);
  }
  for (const { flight } of t.makings.splice(0)) land(state, ctx, t, flight, code);
  for (const follower of takeFollowers(state, ctx, t, null)) {
    failThread(state, ctx, follower, code);
  }
  endThread(state, ctx, slot, code);
}

function endThread(state: ServiceState, ctx: Ctx, slot: number, code: string): void {
  const t = thread(state, slot);
  const { job, parent, parentSerial, version } = t;
  t.pc = END;
  t.serial += 1;
  state.freeThreads.push(slot);
  (state.jobs[job] as Job).threads -= 1;
  if (parent >= 0) {
    // First: what the parent does next may end the job, which is given back once.
    releaseJob(state, job);
    join(state, ctx, parent, parentSerial, code, version);
    return;
  }
  if (parent !== DETACHED) finishJob(state, ctx, job, version, code);
  releaseJob(state, job);
}

/** A branch ended. Its parent goes on once enough have, or once too few still can. */
function join(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  serial: number,
  code: string,
  version: number,
): void {
  const t = thread(state, slot);
  // The parent went on without this branch.
  if (t.serial !== serial) return;
  t.left -= 1;
  if (code === '') {
    t.got += 1;
    if (version > t.version) t.version = version;
  }
  if (t.got >= t.need) {
    t.serial += 1;
    resume(state, ctx, slot);
  } else if (t.got + t.left < t.need) {
    t.serial += 1;
    failThread(state, ctx, slot, code);
  }
}
