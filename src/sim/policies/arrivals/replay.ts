/**
 * Arrivals as they were recorded, once or over and over.
 *
 * Invariant: each recorded time comes exactly once in each round, in the order of the recording;
 * those that are equal come at one moment. Nothing is drawn.
 *
 * Source: the recording.
 */
import { MS, SECOND, type Arrivals, type ReplaySettings } from './arrivals.ts';

export interface ReplayState {
  /** The next of the recorded times, and the round it is of. */
  index: number;
  round: number;
}

export const replayArrivals: Arrivals<ReplaySettings, ReplayState> = {
  name: 'replay',
  about: 'Recorded times, once or over and over.',
  source: 'the recording',
  start: () => ({ index: 0, round: 0 }),
  next(state, { timesMs, loopMs }, lastMicros) {
    if (state.index === timesMs.length) {
      if (loopMs === undefined || timesMs.length === 0) return Infinity;
      state.index = 0;
      state.round++;
    }
    const at = (timesMs[state.index]! + state.round * (loopMs ?? 0)) * MS;
    state.index++;
    return Math.max(at, lastMicros);
  },
  /** Over the second around that time. */
  rateAt({ timesMs, loopMs }, micros) {
    const loop = loopMs === undefined ? Infinity : loopMs * MS;
    const at = loop === Infinity ? micros : micros - Math.floor(micros / loop) * loop;
    return before(timesMs, (at + SECOND / 2) / MS) - before(timesMs, (at - SECOND / 2) / MS);
  },
};

/** How many of the ascending times are before that one. */
function before(timesMs: readonly number[], ms: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesMs[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
