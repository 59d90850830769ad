/**
 * Phi accrual over an exponential distribution: phi = silence / (mean * ln 10). Gossip arrives by
 * way of random peers, which makes its intervals nearer to exponential than to normal.
 *
 * Invariant: with a threshold of 8 a peer is suspected after 8 ln 10 = 18.42 mean intervals.
 *
 * Source: Lakshman and Malik, Cassandra (2010), 4.3; Apache Cassandra FailureDetector
 * (phi_convict_threshold 8, 1000 samples, first guess and longest sample two gossip intervals).
 */
import type { DetectorSettings, FailureDetector } from './failure-detector.ts';
import { addInterval, meanOf, newIntervals } from './intervals.ts';
import type { PhiState } from './phi-normal.ts';

const LN10 = 2.302585092994046;
/** The first guess of the mean, and the longest interval that counts, in gossip intervals. */
const LONGEST = 2;

function level(state: PhiState, _settings: DetectorSettings, nowMicros: number): number {
  if (state.heardMicros === null) return 0;
  const silence = Math.max(0, nowMicros - state.heardMicros);
  // Two signs of life in one microsecond must not make the mean nothing.
  return silence / (Math.max(1, meanOf(state.intervals)) * LN10);
}

export const phiExponential: FailureDetector<PhiState> = {
  name: 'phi-exponential',
  about: 'Suspicion grows with the silence in mean intervals, as of an exponential distribution.',
  source: 'Lakshman and Malik, Cassandra (2010); Apache Cassandra FailureDetector',
  reads: ['intervalMicros', 'threshold', 'windowSize'],
  defaults: {
    intervalMicros: 1_000_000,
    timeoutMicros: 0,
    threshold: 8,
    windowSize: 1_000,
    minDeviationMicros: 0,
    acceptablePauseMicros: 0,
  },
  start: () => ({ intervals: newIntervals(), heardMicros: null }),
  heard(state, settings, nowMicros) {
    const longest = LONGEST * settings.intervalMicros;
    if (state.heardMicros === null) {
      addInterval(state.intervals, settings.windowSize, longest);
    } else {
      // Cassandra drops what is longer: it is a failure, not an interval.
      const interval = Math.max(0, nowMicros - state.heardMicros);
      if (settings.remembersFailures === true || interval <= longest) {
        addInterval(state.intervals, settings.windowSize, interval);
      }
    }
    state.heardMicros = nowMicros;
  },
  level,
  isSuspect: (state, settings, nowMicros) => level(state, settings, nowMicros) > settings.threshold,
};
