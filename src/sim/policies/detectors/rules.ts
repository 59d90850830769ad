/** The rules of failure detectors that can be switched off, to see what each of them is for. */
export interface DetectorRule {
  readonly id: 'detectors.skip-failures';
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const DETECTOR_RULES: readonly DetectorRule[] = [
  {
    id: 'detectors.skip-failures',
    rule: 'A silence in which a member was suspected is not remembered among the intervals.',
    breaks: 'One long outage makes the detector patient: the next crash is found much later.',
    source:
      'Akka PhiAccrualFailureDetector: only intervals while available are added; Cassandra ' +
      'FailureDetector: intervals over MAX_INTERVAL are ignored',
  },
];

export const skipsFailures = (ablations: readonly string[]): boolean =>
  !ablations.includes('detectors.skip-failures');
