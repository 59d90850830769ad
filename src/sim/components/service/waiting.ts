/**
 * Threads that wait for another one of their service: for the object that it makes (single-flight),
 * or in a batch, of which the first works for all.
 *
 * Invariant: a thread waits in at most one such place, and is counted there from when it came until
 * it goes on or fails.
 *
 * Source: Go golang.org/x/sync/singleflight; batching as in DataLoader (maxBatchSize and a window).
 */
import { micros } from '../../kernel/time.ts';
import type { Context } from '../../node/behaviour.ts';
import { enter, leave } from '../../traffic/flow.ts';
import type { FlowCount } from '../../traffic/flow.ts';
import type { ServiceConfig } from './config.ts';
import type { Instruction } from './program.ts';
import type { ServiceState, Thread } from './state.ts';

type Ctx = Context<ServiceConfig>;
type Gather = Extract<Instruction, { readonly op: 'gather' }>;

const NOBODY: readonly number[] = Object.freeze([]);

const thread = (state: ServiceState, slot: number): Thread => state.threads[slot] as Thread;

function come(state: ServiceState, ctx: Ctx, flow: FlowCount, slot: number): void {
  const now = ctx.mono();
  thread(state, slot).waitsSinceMicros = now;
  enter(flow, now);
}

function go(state: ServiceState, ctx: Ctx, flow: FlowCount, slots: readonly number[]): void {
  const now = ctx.mono();
  for (const slot of slots) leave(flow, thread(state, slot).waitsSinceMicros, now);
}

/** False: nobody makes this object yet, so that the thread in the slot has to. */
export function joinFlight(state: ServiceState, ctx: Ctx, slot: number, flight: string): boolean {
  const others = state.flights.get(flight);
  if (others === undefined) {
    state.flights.set(flight, []);
    return false;
  }
  others.push(slot);
  come(state, ctx, state.flightFlow, slot);
  return true;
}

/** The flight is over: who waited for it. '' is none, which nobody can join. */
export function endFlight(state: ServiceState, ctx: Ctx, flight: string): readonly number[] {
  if (flight === '') return NOBODY;
  const waiting = state.flights.get(flight) ?? [];
  state.flights.delete(flight);
  go(state, ctx, state.flightFlow, waiting);
  return waiting;
}

/** True: the batch is full. The first who comes waits for others only for so long. */
export function joinBatch(
  state: ServiceState,
  ctx: Ctx,
  slot: number,
  pc: number,
  { maxSize, maxDelayMicros }: Gather,
): boolean {
  let batch = state.batches.get(pc);
  if (batch === undefined) {
    batch = [];
    state.batches.set(pc, batch);
    ctx.setTimer('batch', pc, micros(maxDelayMicros));
  }
  batch.push(slot);
  come(state, ctx, state.batchFlow, slot);
  return batch.length >= maxSize;
}

/** Ends the gathering: the thread that works for all from now on, or -1 where nobody gathers. */
export function takeBatch(state: ServiceState, ctx: Ctx, pc: number): number {
  const batch = state.batches.get(pc);
  if (batch === undefined) return -1;
  state.batches.delete(pc);
  ctx.cancelTimer('batch', pc);
  const [leader, ...followers] = batch as [number, ...number[]];
  go(state, ctx, state.batchFlow, [leader]);
  thread(state, leader).followers.push(...followers);
  return leader;
}

/** Those for whom the thread works no longer: all of them, or of the batch that ends here. */
export function takeFollowers(
  state: ServiceState,
  ctx: Ctx,
  t: Thread,
  scatter: number | null,
): readonly number[] {
  // A batch in a batch: whoever waits for the outer one stays.
  const isOf = (slot: number): boolean =>
    scatter === null || (state.program.code[thread(state, slot).pc] as Gather).scatter === scatter;
  const taken = t.followers.filter(isOf);
  const kept = t.followers.filter((slot) => !isOf(slot));
  t.followers.splice(0, Infinity, ...kept);
  go(state, ctx, state.batchFlow, taken);
  return taken;
}

export function waitingForFlights({ flights }: ServiceState): number {
  let count = 0;
  for (const waiting of flights.values()) count += waiting.length;
  return count;
}

/** Those who gather, and those for whom another works. */
export function waitingInBatches({ batches, threads }: ServiceState): number {
  let count = 0;
  for (const waiting of batches.values()) count += waiting.length;
  for (const { followers } of threads) count += followers.length;
  return count;
}
