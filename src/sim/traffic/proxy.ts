/**
 * A station that passes requests on: who waits for which answer, and what it says of a failure
 * behind it.
 *
 * Invariants: every request that came in is answered exactly once; a write that may have taken
 * effect is never answered with an error that says it surely had none, nor the other way round.
 *
 * Source: RFC 9110, 15.6 (502 and 504 are what a gateway says of those behind it).
 */
import { http } from '../contracts/http.ts';
import type { HttpRequest, HttpResponse, RetryAfter } from '../contracts/http.ts';
import type { CallRef, Context } from '../node/behaviour.ts';
import { enter, leave, newFlow } from './flow.ts';
import type { FlowCount } from './flow.ts';
import type { CallEnd } from './upstream.ts';

/** A request that is not answered yet. Slots are used again. */
export interface Passing {
  call: CallRef;
  request: HttpRequest | null;
  arrivedMicros: number;
  /** When whoever asked gives up; Infinity where nobody said. */
  deadlineMicros: number;
}

export interface Proxy {
  readonly passing: Passing[];
  readonly free: number[];
  readonly flow: FlowCount;
  ok: number;
  failed: number;
  /** By code. */
  readonly errors: Map<string, number>;
}

export const newProxy = (): Proxy => ({
  passing: [],
  free: [],
  flow: newFlow(),
  ok: 0,
  failed: 0,
  errors: new Map(),
});

/** A request came in; the slot stands for it until it is answered. */
export function takeIn(p: Proxy, ctx: Context, request: HttpRequest, call: CallRef): number {
  const now = ctx.mono();
  const left = ctx.timeLeft();
  const slot = p.free.pop() ?? p.passing.push({} as Passing) - 1;
  const it = p.passing[slot] as Passing;
  it.call = call;
  it.request = request;
  it.arrivedMicros = now;
  it.deadlineMicros = left === null ? Infinity : now + left;
  enter(p.flow, now);
  return slot;
}

/** The call that was made for it ended. */
export function passBack(p: Proxy, ctx: Context, slot: number, end: CallEnd): void {
  const it = p.passing[slot] as Passing;
  if (end.value === null) {
    const { write } = it.request as HttpRequest;
    return turnDown(p, ctx, slot, outwardCode(end, write), end.retryAfterMs);
  }
  ctx.reply(it.call, end.value as HttpResponse);
  p.ok += 1;
  close(p, ctx, slot);
}

/** It is answered with an error. */
export function turnDown(
  p: Proxy,
  ctx: Context,
  slot: number,
  code: string,
  retryAfterMs: number,
): void {
  const it = p.passing[slot] as Passing;
  if (retryAfterMs > 0) {
    const detail: RetryAfter = { retryAfterMs };
    ctx.refuse(it.call, code, detail);
  } else {
    ctx.refuse(it.call, code);
  }
  p.failed += 1;
  p.errors.set(code, (p.errors.get(code) ?? 0) + 1);
  close(p, ctx, slot);
}

function close(p: Proxy, ctx: Context, slot: number): void {
  const it = p.passing[slot] as Passing;
  leave(p.flow, it.arrivedMicros, ctx.mono());
  it.request = null;
  p.free.push(slot);
}

const IS_DEFINITE: ReadonlyMap<string, boolean> = new Map(
  http.errors.map(({ code, definite }) => [code, definite]),
);

/** What whoever asked is told of a call that failed. */
export function outwardCode({ code, isDefinite }: CallEnd, isWrite: boolean): string {
  const sure = IS_DEFINITE.get(code);
  // A read has no effect that could be in doubt.
  if (sure !== undefined && (!isWrite || sure === isDefinite)) return code;
  if (isDefinite && (isWrite || code === 'connection-refused')) return 'unavailable';
  return code === 'timeout' ? 'gateway-timeout' : 'bad-gateway';
}
