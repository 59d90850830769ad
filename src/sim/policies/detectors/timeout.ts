/**
 * A peer is suspected after a fixed silence.
 *
 * Invariant: with a bound D on the delay, a timeout of at least interval + D never suspects a peer
 * that lives, and a dead one is suspected within timeout + D of its end.
 *
 * Source: Chandra and Toueg (1996), the detector of a synchronous system; as hashicorp/raft's
 * LeaderLeaseTimeout and Redis Sentinel's down-after-milliseconds use it.
 */
import type { DetectorSettings, FailureDetector } from './failure-detector.ts';

export interface TimeoutState {
  /** When it was last heard from; null: never. */
  heardMicros: number | null;
}

/** 1 when the silence is as long as the timeout. */
function level(state: TimeoutState, settings: DetectorSettings, nowMicros: number): number {
  if (state.heardMicros === null) return 0;
  return Math.max(0, nowMicros - state.heardMicros) / settings.timeoutMicros;
}

export const timeoutDetector: FailureDetector<TimeoutState> = {
  name: 'timeout',
  about: 'A peer is suspected after a fixed silence.',
  source: 'Chandra and Toueg (1996); Redis Sentinel down-after-milliseconds',
  reads: ['timeoutMicros'],
  defaults: {
    intervalMicros: 1_000_000,
    timeoutMicros: 30_000_000,
    threshold: 1,
    windowSize: 1,
    minDeviationMicros: 0,
    acceptablePauseMicros: 0,
  },
  start: () => ({ heardMicros: null }),
  heard(state, _settings, nowMicros) {
    state.heardMicros = nowMicros;
  },
  level,
  isSuspect: (state, settings, nowMicros) => level(state, settings, nowMicros) >= 1,
};
