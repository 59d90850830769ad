/**
 * The limit follows the ratio of the usual time, a long average, to this request's time: slower
 * than usual shrinks it, as usual lets it grow by the queue that is allowed.
 *
 * Invariant: minLimit <= limit <= maxLimit; one sample takes at most half of the limit, before
 * smoothing. A sample that comes while less than half of the limit is used changes no more than
 * the average.
 *
 * Source: Netflix/concurrency-limits at 78a74b98, `Gradient2Limit` and `ExpAvgMeasurement` (a plain
 * mean over the first 10 samples, then exponential with factor 2 / (window + 1)).
 */
import { CONCURRENCY_DEFAULTS, type ConcurrencyLimit } from './concurrency-limit.ts';

export interface Gradient2State {
  /** With its fraction; the limit is the whole part. */
  estimated: number;
  /** The usual time. */
  longRttMicros: number;
  /** Samples in the plain mean so far, and their sum. */
  warmUpCount: number;
  warmUpSumMicros: number;
}

const WARM_UP = 10;
/** After an overload the usual time is far too long: while so, each sample takes 5 % off it. */
const DRIFT_RATIO = 2;
const DRIFT_DECAY = 0.95;

export const gradient2Limit: ConcurrencyLimit<Gradient2State> = {
  name: 'gradient2',
  about: 'Shrinks when requests take longer than usual, and lets a short queue stand.',
  source: 'Netflix/concurrency-limits at 78a74b98, Gradient2Limit',
  defaults: { ...CONCURRENCY_DEFAULTS, smoothing: 0.2 },
  reads: [
    'initialLimit',
    'minLimit',
    'maxLimit',
    'smoothing',
    'queueSize',
    'longWindow',
    'rttTolerance',
  ],
  start: ({ initialLimit }) => ({
    estimated: initialLimit,
    longRttMicros: 0,
    warmUpCount: 0,
    warmUpSumMicros: 0,
  }),
  limit: ({ estimated }) => Math.floor(estimated),
  onSample(state, settings, rttMicros, inflight) {
    const { estimated } = state;
    const longRtt = average(state, settings.longWindow, rttMicros);
    if (longRtt / rttMicros > DRIFT_RATIO) state.longRttMicros *= DRIFT_DECAY;
    if (inflight < estimated / 2) return;
    const ratio = (settings.rttTolerance * longRtt) / rttMicros;
    const gradient = Math.max(0.5, Math.min(1, ratio));
    const target = estimated * gradient + settings.queueSize;
    const limit = estimated * (1 - settings.smoothing) + target * settings.smoothing;
    state.estimated = Math.max(settings.minLimit, Math.min(settings.maxLimit, limit));
  },
};

/** Takes one time into the usual time, and returns it. */
function average(state: Gradient2State, window: number, rttMicros: number): number {
  if (state.warmUpCount < WARM_UP) {
    state.warmUpCount++;
    state.warmUpSumMicros += rttMicros;
    state.longRttMicros = state.warmUpSumMicros / state.warmUpCount;
  } else {
    const factor = 2 / (window + 1);
    state.longRttMicros = state.longRttMicros * (1 - factor) + rttMicros * factor;
  }
  return state.longRttMicros;
}
