/**
 * Until when a thread may work. What it does for its own request ends when whoever asked gives up;
 * what it does for others, or for later, does not.
 *
 * Invariants: nobody fails by the deadline of another request; a refresh behind the caller's back
 * has no deadline but the timeouts of its calls.
 *
 * Differs: in Go's x/sync singleflight the function runs under the context of whoever came first,
 * whose deadline fails all who wait; here a flight has none, as with context.WithoutCancel, and is
 * given up between two steps once nobody waits for it any more.
 */
import type { Job, ServiceState, Thread } from './state.ts';

/** The parent of a thread that nobody waits for. */
export const DETACHED = -2;

/** The parent of a branch, if it still waits for it. */
function parentOf(state: ServiceState, t: Thread): Thread | null {
  if (t.parent < 0) return null;
  const parent = state.threads[t.parent] as Thread;
  return parent.serial === t.parentSerial ? parent : null;
}

/** When the calls that this thread makes must be over; Infinity: their timeouts say. */
export function deadlineOf(state: ServiceState, thread: Thread, job: Job): number {
  for (let t: Thread | null = thread; t !== null; t = parentOf(state, t)) {
    if (t.parent === DETACHED || t.followers.length > 0) return Infinity;
    for (const { flight } of t.makings) if (flight !== '') return Infinity;
  }
  return job.deadlineMicros;
}

/** Nobody waits any more for what this thread does. */
export function isGivenUp(
  state: ServiceState,
  thread: Thread,
  job: Job,
  nowMicros: number,
): boolean {
  if (nowMicros < job.deadlineMicros) return false;
  for (let t: Thread | null = thread; t !== null; t = parentOf(state, t)) {
    if (t.parent === DETACHED || t.followers.length > 0) return false;
    if (isAwaited(state, t, nowMicros)) return false;
  }
  return true;
}

/** Of those who wait for a flight of this thread, somebody still has time. */
function isAwaited(state: ServiceState, t: Thread, nowMicros: number): boolean {
  return t.makings.some(({ flight }) => {
    const waiting = state.flights.get(flight) ?? [];
    return waiting.some((slot) => {
      const { job } = state.threads[slot] as Thread;
      return (state.jobs[job] as Job).deadlineMicros > nowMicros;
    });
  });
}
