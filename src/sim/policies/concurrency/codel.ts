/**
 * Controlled delay: a queue that drops from its head when even the shortest wait of an interval was
 * over the target, the more often the longer that lasts: the next drop comes interval / sqrt(n)
 * after the n-th.
 *
 * The host takes the oldest request out and asks; if it is to be dropped, the host drops it, takes
 * the next one and asks again. Invariant: no drop until waits stayed over the target for a whole
 * interval; none while at most one request is left behind.
 *
 * Source: RFC 8289, sections 4 and 5 (`dodeque`, `deque`, `control_law`), after Nichols & Jacobson,
 * "Controlling Queue Delay", 2012. Differs: a queue is "nearly empty" when nothing waits behind the
 * request, where the RFC has at most one packet's bytes in it after that. Facebook's variant for
 * servers ("Fail at Scale", 2015) sets each request a deadline instead: interval normally, target
 * while the queue has not been empty for the last interval, and serves the newest first meanwhile.
 */
import { sqrt } from '../../kernel/maths.ts';

export interface CodelSettings {
  readonly targetMicros: number;
  readonly intervalMicros: number;
}

export const CODEL_DEFAULTS: CodelSettings = { targetMicros: 5_000, intervalMicros: 100_000 };

export interface CodelState {
  /** When waits will have been over the target for an interval; 0 while they are not. */
  firstAboveMicros: number;
  dropNextMicros: number;
  /** Drops since dropping began, and how many there had been when it last began. */
  count: number;
  lastCount: number;
  isDropping: boolean;
  /** What the answer before this one was, if it was a drop: the first of a series, or a later. */
  dropped: 'no' | 'first' | 'later';
}

export function startCodel(): CodelState {
  return {
    firstAboveMicros: 0,
    dropNextMicros: 0,
    count: 0,
    lastCount: 0,
    isDropping: false,
    dropped: 'no',
  };
}

/** When dropping begins again soon after it ended (in intervals), it goes on at its old pace. */
const MEMORY_INTERVALS = 16;

/**
 * The oldest request has been taken out: whether it is dropped.
 * @param sojournMicros how long it waited
 * @param waiting how many wait behind it
 */
export function codelDrops(
  state: CodelState,
  settings: CodelSettings,
  nowMicros: number,
  sojournMicros: number,
  waiting: number,
): boolean {
  const mayDrop = isPersistent(state, settings, nowMicros, sojournMicros, waiting);
  const before = state.dropped;
  state.dropped = 'no';
  // The one after the first drop of a series is served in any case.
  if (before === 'first') return false;
  if (!state.isDropping) return mayDrop && beginDropping(state, settings, nowMicros);
  if (!mayDrop) {
    state.isDropping = false;
    return false;
  }
  if (before === 'later') scheduleDrop(state, settings, state.dropNextMicros);
  if (nowMicros < state.dropNextMicros) return false;
  state.count++;
  state.dropped = 'later';
  return true;
}

/** The queue is empty: nothing was there to be taken out. */
export function codelEmpty(state: CodelState): void {
  state.firstAboveMicros = 0;
  if (state.dropped !== 'first') state.isDropping = false;
  state.dropped = 'no';
}

/** Whether waits have been over the target for a whole interval (`dodeque`). */
function isPersistent(
  state: CodelState,
  { targetMicros, intervalMicros }: CodelSettings,
  nowMicros: number,
  sojournMicros: number,
  waiting: number,
): boolean {
  if (sojournMicros < targetMicros || waiting === 0) {
    state.firstAboveMicros = 0;
    return false;
  }
  if (state.firstAboveMicros === 0) {
    state.firstAboveMicros = nowMicros + intervalMicros;
    return false;
  }
  return nowMicros >= state.firstAboveMicros;
}

function beginDropping(state: CodelState, settings: CodelSettings, nowMicros: number): boolean {
  const dropsLastTime = state.count - state.lastCount;
  const isSoon = nowMicros - state.dropNextMicros < MEMORY_INTERVALS * settings.intervalMicros;
  state.count = dropsLastTime > 1 && isSoon ? dropsLastTime : 1;
  state.lastCount = state.count;
  state.isDropping = true;
  state.dropped = 'first';
  scheduleDrop(state, settings, nowMicros);
  return true;
}

/** `control_law`. */
function scheduleDrop(state: CodelState, settings: CodelSettings, fromMicros: number): void {
  state.dropNextMicros = fromMicros + settings.intervalMicros / sqrt(state.count);
}
