/**
 * A bulkhead: no more than so many calls at once to one place, so that one that hangs does not take
 * everything with it. Who finds it full waits for a while, in order, or goes away.
 *
 * Invariants: running <= maxConcurrentCalls; somebody waits only while it is full; who came first
 * gets the place first.
 *
 * Source: resilience4j at af9e7c97, `SemaphoreBulkhead` (maxConcurrentCalls 25, maxWaitDuration 0)
 * and, for the bound of the queue, `ThreadPoolBulkhead` (queueCapacity 100). Differs: the semaphore
 * bulkhead bounds only the time of waiting; set maxWaiting to Infinity for that.
 */
export interface BulkheadSettings {
  readonly maxConcurrentCalls: number;
  readonly maxWaitMicros: number;
  /** How many may wait at once. */
  readonly maxWaiting: number;
}

export const BULKHEAD_DEFAULTS: BulkheadSettings = {
  maxConcurrentCalls: 25,
  maxWaitMicros: 0,
  maxWaiting: 100,
};

export interface BulkheadState {
  running: number;
  /** Who waits, by a number of the host's, in order; until when. */
  readonly waiting: Map<number, number>;
}

export function newBulkhead(): BulkheadState {
  return { running: 0, waiting: new Map() };
}

/** A call gets a place, waits for one (the host sets a timer of maxWaitMicros), or neither. */
export function enterBulkhead(
  state: BulkheadState,
  settings: BulkheadSettings,
  id: number,
  nowMicros: number,
): 'in' | 'waits' | 'full' {
  if (state.running < settings.maxConcurrentCalls) {
    state.running++;
    return 'in';
  }
  if (settings.maxWaitMicros <= 0 || state.waiting.size >= settings.maxWaiting) return 'full';
  state.waiting.set(id, nowMicros + settings.maxWaitMicros);
  return 'waits';
}

/** Whoever waited goes away: its time was up, or nobody wants its answer. Whether it waited. */
export function stopWaiting(state: BulkheadState, id: number): boolean {
  return state.waiting.delete(id);
}

/**
 * A call has ended. Its place goes to whoever waits longest and still may: returns that number, or
 * -1. Those whose time is up at this very moment are passed over; their timers end them.
 */
export function leaveBulkhead(state: BulkheadState, nowMicros: number): number {
  for (const [id, untilMicros] of state.waiting) {
    if (untilMicros <= nowMicros) continue;
    state.waiting.delete(id);
    return id;
  }
  state.running--;
  return -1;
}
