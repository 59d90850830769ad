/**
 * Phi accrual: how unlikely is it that a living peer is silent for so long? phi = -log10 of the
 * chance that an interval, normal with the mean and deviation of those seen, is longer than this
 * silence. A threshold of 8 errs once in 10^8 intervals, if they are normal.
 *
 * Invariant: phi is finite and rises with the silence, however long that is: the tail is taken as a
 * logarithm throughout, never as a number that could be rounded to nothing.
 *
 * Differs: nothing is known before the first sign of life; Akka then starts, as this does, from a
 * guess with a quarter of the interval as deviation.
 *
 * Sources: Hayashibara, Defago, Yared, Katayama, The phi accrual failure detector (SRDS 2004); Akka
 * PhiAccrualFailureDetector (its defaults, and its logistic approximation of the normal tail).
 */
import { exp, ln, sqrt } from '../../kernel/maths.ts';
import type { DetectorSettings, FailureDetector } from './failure-detector.ts';
import { addInterval, meanOf, newIntervals, varianceOf } from './intervals.ts';
import type { Intervals } from './intervals.ts';

export interface PhiState {
  readonly intervals: Intervals;
  /** When it was last heard from; null: never. */
  heardMicros: number | null;
}

const LN10 = 2.302585092994046;
/** Akka's first guess of the deviation, as a share of the interval. */
const FIRST_DEVIATION_SHARE = 4;
/** Below, ln(1 + z) has lost half of its digits to the sum. */
const SMALL = 1e-8;

/**
 * -log10 of the chance that a normal variable is longer than `silence`. With x = y (1.5976 +
 * 0.070566 y^2), the chance is about 1 / (1 + e^x), so its logarithm is -ln(1 + e^x).
 */
export function phiOfNormal(silence: number, mean: number, deviation: number): number {
  const y = (silence - mean) / deviation;
  const x = y * (1.5976 + 0.070566 * y * y);
  // e^x only where it is at most 1: it must not overflow for a long silence.
  const z = exp(-Math.abs(x));
  const rest = z < SMALL ? z : ln(1 + z);
  return (Math.max(0, x) + rest) / LN10;
}

/** The chance level of a silence that began with the last sign of life. */
function level(state: PhiState, settings: DetectorSettings, nowMicros: number): number {
  if (state.heardMicros === null) return 0;
  const silence = Math.max(0, nowMicros - state.heardMicros);
  const mean = meanOf(state.intervals) + settings.acceptablePauseMicros;
  const deviation = Math.max(settings.minDeviationMicros, sqrt(varianceOf(state.intervals)));
  return phiOfNormal(silence, mean, deviation);
}

const isSuspect = (state: PhiState, settings: DetectorSettings, nowMicros: number): boolean =>
  level(state, settings, nowMicros) >= settings.threshold;

export const phiNormal: FailureDetector<PhiState> = {
  name: 'phi-normal',
  about: 'Suspicion grows with the silence, measured against a normal distribution of those seen.',
  source: 'Hayashibara et al. (SRDS 2004); Akka PhiAccrualFailureDetector',
  reads: [
    'intervalMicros',
    'threshold',
    'windowSize',
    'minDeviationMicros',
    'acceptablePauseMicros',
  ],
  defaults: {
    intervalMicros: 1_000_000,
    timeoutMicros: 0,
    threshold: 8,
    windowSize: 1_000,
    minDeviationMicros: 100_000,
    acceptablePauseMicros: 3_000_000,
  },
  start: () => ({ intervals: newIntervals(), heardMicros: null }),
  heard(state, settings, nowMicros) {
    const { intervals, heardMicros } = state;
    const { windowSize, intervalMicros } = settings;
    if (heardMicros === null) {
      const spread = Math.round(intervalMicros / FIRST_DEVIATION_SHARE);
      addInterval(intervals, windowSize, intervalMicros - spread);
      addInterval(intervals, windowSize, intervalMicros + spread);
    } else if (settings.remembersFailures === true || !isSuspect(state, settings, nowMicros)) {
      // The silence of a failure says nothing about intervals of the living, and would make all
      // that follow look short.
      addInterval(intervals, windowSize, Math.max(0, nowMicros - heardMicros));
    }
    state.heardMicros = nowMicros;
  },
  level,
  isSuspect,
};
