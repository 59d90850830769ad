/** The settings of outlier detection under Envoy's names, with its defaults. */

export interface OutlierSettings {
  /** Failures in a row that eject. */
  readonly consecutive5xx: number;
  readonly intervalMicros: number;
  /** An ejection lasts this, times how often it happened lately. */
  readonly baseEjectionTimeMicros: number;
  readonly maxEjectionTimeMicros: number;
  /** Each ejection is longer by up to this, so that hosts do not all return at once. */
  readonly maxEjectionTimeJitterMicros: number;
  readonly maxEjectionPercent: number;
  /** Of 100 detections, those that eject; the others are ignored. */
  readonly enforcingConsecutive5xx: number;
  readonly enforcingSuccessRate: number;
  readonly enforcingFailurePercentage: number;
  /** So many hosts must have had so many requests within an interval. */
  readonly successRateMinimumHosts: number;
  readonly successRateRequestVolume: number;
  /** In thousandths: a host is an outlier below mean - factor * standard deviation. */
  readonly successRateStdevFactor: number;
  /** A host is an outlier from this percentage of failures on. */
  readonly failurePercentageThreshold: number;
  readonly failurePercentageMinimumHosts: number;
  readonly failurePercentageRequestVolume: number;
}

export const OUTLIER_DEFAULTS: OutlierSettings = {
  consecutive5xx: 5,
  intervalMicros: 10_000_000,
  baseEjectionTimeMicros: 30_000_000,
  maxEjectionTimeMicros: 300_000_000,
  maxEjectionTimeJitterMicros: 0,
  maxEjectionPercent: 10,
  enforcingConsecutive5xx: 100,
  enforcingSuccessRate: 100,
  enforcingFailurePercentage: 0,
  successRateMinimumHosts: 5,
  successRateRequestVolume: 100,
  successRateStdevFactor: 1_900,
  failurePercentageThreshold: 85,
  failurePercentageMinimumHosts: 5,
  failurePercentageRequestVolume: 50,
};
