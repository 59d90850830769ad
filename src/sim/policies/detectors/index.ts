/** The failure detectors of the catalogue: an explicit list. */
import type { FailureDetector } from './failure-detector.ts';
import { phiExponential } from './phi-exponential.ts';
import { phiNormal } from './phi-normal.ts';
import type { PhiState } from './phi-normal.ts';
import { timeoutDetector } from './timeout.ts';
import type { TimeoutState } from './timeout.ts';

export type { DetectorSettings, FailureDetector } from './failure-detector.ts';
export { phiOfNormal } from './phi-normal.ts';
export { DETECTOR_RULES, skipsFailures } from './rules.ts';
export type { DetectorRule } from './rules.ts';

/** The state of any detector: plain data, for the detector that started it. */
export type DetectorState = TimeoutState | PhiState;

export const FAILURE_DETECTORS: readonly FailureDetector<DetectorState>[] = [
  timeoutDetector,
  phiNormal,
  phiExponential,
];

export const FAILURE_DETECTOR_NAMES = ['timeout', 'phi-normal', 'phi-exponential'] as const;
export type FailureDetectorName = (typeof FAILURE_DETECTOR_NAMES)[number];
