/** A request at a service: let in or sent away, answered once, gone when nothing runs for it. */
import { http } from '../../contracts/http.ts';
import type { HttpRequest, HttpResponse, RetryAfter } from '../../contracts/http.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { CallRef, Context } from '../../node/behaviour.ts';
import { arrive, dequeued, done, next } from '../../traffic/admission.ts';
import { enter, leave } from '../../traffic/flow.ts';
import type { ServiceConfig } from './config.ts';
import type { ServiceFact } from './facts.ts';
import { takeJob } from './state.ts';
import type { Job, ServiceState } from './state.ts';

type Ctx = Context<ServiceConfig>;

/** A job that was let in begins: the interpreter's part. */
type Begin = (state: ServiceState, ctx: Ctx, job: number) => void;

/** Another try of a request draws anew what it costs. */
const TRY_STRIDE = 0x9e3779b9;

/** A request came: the job, if it is let in now; -1: it waits, or was sent away. */
export function receive(
  state: ServiceState,
  ctx: Ctx,
  message: HttpRequest,
  call: CallRef,
): number {
  const now = ctx.mono();
  if (state.isDraining || state.isStarting) {
    refuse(state, ctx, call, closedDoor(state, ctx));
    return -1;
  }
  if (isOutOfMemory(state, ctx)) return -1;
  const left = ctx.timeLeft();
  const slot = takeJob(state, {
    call,
    route: message.route,
    write: message.write,
    key: message.key,
    seed: (message.seed + Math.imul(message.attempt, TRY_STRIDE)) | 0,
    session: message.session,
    priority: message.priority,
    arrivedMicros: now,
    beganMicros: now,
    deadlineMicros: left === null ? Infinity : now + left,
    threads: 0,
    isInside: false,
    isReplied: false,
    isDegraded: false,
    writes: 0,
  });
  const { door, shed } = arrive(
    state.admission,
    state.config.admission,
    slot,
    message.priority,
    now,
  );
  if (shed >= 0) sendAway(state, ctx, shed);
  if (door === 'no') {
    refuse(state, ctx, call, 'overloaded');
    state.freeJobs.push(slot);
    return -1;
  }
  enter(state.flow, now);
  const { requestTimeoutMs } = ctx.config;
  if (requestTimeoutMs > 0) ctx.setTimer('request', slot, ms(requestTimeoutMs));
  if (door === 'wait') return -1;
  entered(state, slot);
  return slot;
}

/** It was let in: its place is counted already. */
function entered(state: ServiceState, slot: number): void {
  const job = state.jobs[slot] as Job;
  job.isInside = true;
  if (state.config.admission.limitPolicy !== 'fixed') job.insideAtStart = state.admission.inside;
}

/** Who listens no more does not answer: its machine does. */
export const closedDoor = ({ isDraining }: ServiceState, { config }: Ctx): string =>
  isDraining && config.shutdown.newRequests === 'refuse-connection'
    ? 'connection-refused'
    : 'unavailable';

function refuse(state: ServiceState, ctx: Ctx, call: CallRef, code: string): void {
  state.refused += 1;
  ctx.refuse(call, code);
}

/** One that waited has to go. */
function sendAway(state: ServiceState, ctx: Ctx, slot: number): void {
  const job = state.jobs[slot] as Job;
  const now = ctx.mono();
  leave(state.admission.queueFlow, job.arrivedMicros, now);
  leave(state.flow, job.arrivedMicros, now);
  if (!job.isReplied) refuse(state, ctx, job.call, 'overloaded');
  if (ctx.config.requestTimeoutMs > 0) ctx.cancelTimer('request', slot);
  state.freeJobs.push(slot);
}

/** Over its memory limit the process is killed, with everything that is under way. */
function isOutOfMemory(state: ServiceState, ctx: Ctx): boolean {
  const { memory } = ctx.config;
  if (memory.limitMb === 0) return false;
  const usedMb = memoryMb(state, ctx.config) + memory.perRequestMb;
  if (usedMb <= memory.limitMb) return false;
  ctx.tell<ServiceFact>({ type: 'service.oom-killed', usedMb, limitMb: memory.limitMb });
  ctx.exit(ms(memory.restartMs));
  return true;
}

export const memoryMb = (state: ServiceState, { memory }: ServiceConfig): number =>
  memory.baseMb + memory.perRequestMb * state.flow.inside;

/** The main thread of a job ended: it is answered, and leaves its place to the next. */
export function finishJob(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  version: number,
  code: string,
): void {
  const job = state.jobs[slot] as Job;
  const now = ctx.mono();
  leave(state.flow, job.arrivedMicros, now);
  if (!job.isReplied) answer(state, ctx, slot, version, code);
  const isDropped = code !== '';
  const took = Math.max(1, now - job.beganMicros);
  job.isInside = false;
  const inflight = job.insideAtStart ?? state.admission.inside;
  done(state.admission, state.config.admission, took, inflight, isDropped, ctx.stream('limit'));
}

function answer(state: ServiceState, ctx: Ctx, slot: number, version: number, code: string): void {
  const job = state.jobs[slot] as Job;
  job.isReplied = true;
  if (ctx.config.requestTimeoutMs > 0) ctx.cancelTimer('request', slot);
  if (code === '') {
    state.ok += 1;
    if (job.isDegraded) state.degraded += 1;
    ctx.reply<HttpResponse>(job.call, {
      type: 'http.response',
      version,
      degraded: job.isDegraded,
    });
    return;
  }
  // What was changed already must not be taken for unchanged.
  const told = job.writes > 0 && isDefinite(code) ? 'bad-gateway' : code;
  state.failed += 1;
  state.errors.set(told, (state.errors.get(told) ?? 0) + 1);
  const { retryAfterMs } = job;
  if (told !== 'rate-limited' || retryAfterMs === undefined) return ctx.refuse(job.call, told);
  const detail: RetryAfter = { retryAfterMs };
  ctx.refuse(job.call, told, detail);
}

const isDefinite = (code: string): boolean =>
  http.errors.some((error) => error.code === code && error.definite);

/** It took too long: whoever asked is told so, and the work goes on. */
export function onRequestTimeout(state: ServiceState, ctx: Ctx, slot: number): void {
  const job = state.jobs[slot] as Job;
  if (!job.isReplied) answer(state, ctx, slot, -1, 'gateway-timeout');
}

/** Lets in those who wait, as far as there is room. */
export function letIn(state: ServiceState, ctx: Ctx, begin: Begin): void {
  const { admission } = state;
  const config = state.config.admission;
  for (;;) {
    const slot = next(admission, config);
    if (slot < 0) return;
    const job = state.jobs[slot] as Job;
    const now = ctx.mono();
    if (dequeued(admission, config, job.arrivedMicros, now)) {
      admission.shed += 1;
      dismiss(state, ctx, slot, 'overloaded');
    } else if (config.dropExpired && (job.isReplied || now >= job.deadlineMicros)) {
      admission.expired += 1;
      dismiss(state, ctx, slot, 'gateway-timeout');
    } else {
      admission.inside += 1;
      entered(state, slot);
      job.beganMicros = now;
      begin(state, ctx, slot);
    }
  }
}

function dismiss(state: ServiceState, ctx: Ctx, slot: number, code: string): void {
  const job = state.jobs[slot] as Job;
  leave(state.flow, job.arrivedMicros, ctx.mono());
  if (!job.isReplied) answer(state, ctx, slot, -1, code);
  state.freeJobs.push(slot);
}

/** A thread of the job ended. */
export function releaseJob(state: ServiceState, slot: number): void {
  const job = state.jobs[slot] as Job;
  if (job.threads === 0 && !job.isInside) state.freeJobs.push(slot);
}

/** All is done that was under way: whoever shuts down may go. */
export const isIdle = (state: ServiceState): boolean => state.flow.inside === 0;

export const restartAfter = (restartMs: number) => (restartMs < 0 ? null : micros(restartMs * 1e3));
