/**
 * Envoy's outlier detection: a backend that answers worse than the others is ejected for a while.
 *
 * Three signs: failures in a row, seen at once; and, at every interval, a success rate far below
 * that of the others, or a share of failures above a fixed percentage. An ejection lasts the base
 * time, times how often it happened lately; the count sinks with each interval behaved.
 *
 * Invariant: no more than max_ejection_percent of the backends are ejected, but one always may be.
 * Only an interval ends an ejection.
 *
 * Differs: every failure is a 5xx, so gateway failures (not enforced by default) and errors of
 * local origin are not counted apart. One backend may always be ejected, as Envoy's proto says
 * and its releases did until always_eject_one_host made it a choice.
 *
 * Source: Envoy, source/common/upstream/outlier_detection_impl.cc at 47d45546.
 */
import type { Stream } from '../../kernel/random.ts';
import type { OutlierSettings } from './outlier-settings.ts';
import { outliersByFailures, outliersBySuccessRate } from './success-rates.ts';
import { formerOrdinals } from './usable.ts';

export type EjectionCause = 'consecutive-5xx' | 'success-rate' | 'failure-percentage';

export interface OutlierBackend {
  readonly identity: number;
  consecutiveFailures: number;
  /** Since the last interval. */
  successes: number;
  requests: number;
  /** null while it is not ejected. */
  ejectedBy: EjectionCause | null;
  ejectedAtMicros: number;
  jitterMicros: number;
  /** Times the base ejection time. */
  backoff: number;
  /** When it last came back; -1 for never. */
  returnedAtMicros: number;
}

export interface OutlierState {
  readonly settings: OutlierSettings;
  /** By ordinal. */
  backends: OutlierBackend[];
  ejectedCount: number;
}

export function startOutliers(settings: OutlierSettings): OutlierState {
  return { settings, backends: [], ejectedCount: 0 };
}

/** Members changed: survivors keep what is known of them, at their new ordinals. */
export function updateOutliers(state: OutlierState, identities: readonly number[]): void {
  const before = state.backends;
  const identitiesBefore = before.map(({ identity }) => identity);
  const former = formerOrdinals(identitiesBefore, identities);
  state.backends = former.map((at, backend) =>
    at >= 0 ? before[at]! : newBackend(identities[backend]!),
  );
  state.ejectedCount = state.backends.filter(({ ejectedBy }) => ejectedBy !== null).length;
}

function newBackend(identity: number): OutlierBackend {
  return {
    identity,
    consecutiveFailures: 0,
    successes: 0,
    requests: 0,
    ejectedBy: null,
    ejectedAtMicros: 0,
    jitterMicros: 0,
    backoff: 0,
    returnedAtMicros: -1,
  };
}

export function isEjected(state: OutlierState, backend: number): boolean {
  return state.backends[backend]!.ejectedBy !== null;
}

/** A request ended. @returns whether the backend is ejected because of it */
export function onOutlierResult(
  state: OutlierState,
  backend: number,
  ok: boolean,
  nowMicros: number,
  draw: Stream,
): boolean {
  const it = state.backends[backend]!;
  it.requests++;
  if (ok) {
    it.successes++;
    it.consecutiveFailures = 0;
    return false;
  }
  it.consecutiveFailures++;
  const { consecutive5xx, enforcingConsecutive5xx } = state.settings;
  if (it.consecutiveFailures !== consecutive5xx || it.ejectedBy !== null) return false;
  it.consecutiveFailures = 0;
  return eject(state, it, 'consecutive-5xx', enforcingConsecutive5xx, nowMicros, draw);
}

/**
 * The caller's timer fires every intervalMicros.
 *
 * @returns whether anyone was ejected or has come back
 */
export function onOutlierInterval(state: OutlierState, nowMicros: number, draw: Stream): boolean {
  const { settings, backends } = state;
  let changed = false;
  for (const it of backends) if (endEjection(state, it, nowMicros)) changed = true;
  const slow = outliersBySuccessRate(backends, settings);
  const failing = outliersByFailures(backends, settings);
  for (const it of backends) {
    it.successes = 0;
    it.requests = 0;
  }
  const { enforcingSuccessRate, enforcingFailurePercentage } = settings;
  for (const it of slow) {
    if (eject(state, it, 'success-rate', enforcingSuccessRate, nowMicros, draw)) changed = true;
  }
  for (const it of failing) {
    if (it.ejectedBy !== null) continue;
    if (eject(state, it, 'failure-percentage', enforcingFailurePercentage, nowMicros, draw)) {
      changed = true;
    }
  }
  for (const it of backends) {
    const behaved =
      it.ejectedBy === null &&
      it.returnedAtMicros >= 0 &&
      nowMicros - it.returnedAtMicros >= settings.intervalMicros;
    if (behaved && it.backoff > 0) it.backoff--;
  }
  return changed;
}

function mayEject({ settings, backends, ejectedCount }: OutlierState): boolean {
  const percent = (100 * (ejectedCount + 1)) / backends.length;
  return ejectedCount === 0 || percent <= settings.maxEjectionPercent;
}

function eject(
  state: OutlierState,
  it: OutlierBackend,
  cause: EjectionCause,
  enforcingPercent: number,
  nowMicros: number,
  draw: Stream,
): boolean {
  const { baseEjectionTimeMicros: base, maxEjectionTimeMicros: longest } = state.settings;
  const { maxEjectionTimeJitterMicros: jitter } = state.settings;
  if (!mayEject(state) || !draw.chance(enforcingPercent / 100)) return false;
  it.ejectedBy = cause;
  it.ejectedAtMicros = nowMicros;
  it.jitterMicros = jitter === 0 ? 0 : draw.below(jitter + 1);
  if (it.backoff * base < longest + base) it.backoff++;
  state.ejectedCount++;
  return true;
}

function endEjection(state: OutlierState, it: OutlierBackend, nowMicros: number): boolean {
  if (it.ejectedBy === null) return false;
  const { baseEjectionTimeMicros: base, maxEjectionTimeMicros: longest } = state.settings;
  const lasts = Math.min(base * it.backoff, longest) + it.jitterMicros;
  if (nowMicros - it.ejectedAtMicros < lasts) return false;
  it.ejectedBy = null;
  it.consecutiveFailures = 0;
  it.returnedAtMicros = nowMicros;
  state.ejectedCount--;
  return true;
}
