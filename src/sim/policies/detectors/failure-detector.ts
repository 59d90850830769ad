/**
 * Is somebody who should be heard from regularly still there? What every failure detector offers.
 *
 * A detector holds plain data for one peer and changes it in place. Invariant of all of them: while
 * nothing is heard, `level` never falls, and `isSuspect` stays true once it is; `level` and
 * `isSuspect` change nothing. All times are of one clock that does not jump.
 *
 * Source: Chandra and Toueg, Unreliable Failure Detectors for Reliable Distributed Systems (1996)
 */

/** The settings of any detector. Which of them it reads stands with the detector. */
export interface DetectorSettings {
  /** How often a peer is supposed to be heard from, and the first guess of the mean. */
  readonly intervalMicros: number;
  /** Silence after which a peer is suspected, for those that only count time. */
  readonly timeoutMicros: number;
  /** Of accrual detectors: the level from which on a peer is suspected. */
  readonly threshold: number;
  /** How many intervals are remembered. */
  readonly windowSize: number;
  /** The least deviation that is believed: a quiet network must not make it hasty. */
  readonly minDeviationMicros: number;
  /** Silence beyond the mean that is taken for a pause of the peer (garbage collection). */
  readonly acceptablePauseMicros: number;
  /** Of accrual detectors: the silence of a failure is remembered like any other interval. */
  readonly remembersFailures?: boolean;
}

export interface FailureDetector<S> {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Which of the settings it reads. */
  readonly reads: readonly (keyof DetectorSettings)[];
  /** What real systems set it to. */
  readonly defaults: DetectorSettings;
  /** Knows nothing of the peer yet. Before the first sign of life nobody is suspected. */
  start(settings: DetectorSettings): S;
  /** The peer was heard from. */
  heard(state: S, settings: DetectorSettings, nowMicros: number): void;
  /** How strongly it is suspected: 0 not at all; the scale is the detector's own. */
  level(state: S, settings: DetectorSettings, nowMicros: number): number;
  isSuspect(state: S, settings: DetectorSettings, nowMicros: number): boolean;
}
