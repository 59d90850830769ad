/**
 * More and more, or less and less: a Poisson process whose rate is a straight line between two.
 *
 * One draw for each arrival.
 *
 * Source: Lewis & Shedler, "Simulation of nonhomogeneous Poisson processes", 1979 (by inversion).
 */
import {
  MS,
  NO_STATE,
  SECOND,
  type Arrivals,
  type NoState,
  type RampSettings,
} from './arrivals.ts';
import { pieceArea, reachIn } from './pieces.ts';

export const rampArrivals: Arrivals<RampSettings, NoState> = {
  name: 'ramp',
  about: 'One rate, then another, and a straight line between.',
  source: 'Lewis & Shedler, Simulation of nonhomogeneous Poisson processes (1979)',
  start: () => NO_STATE,
  next(_state, settings, lastMicros, stream) {
    const { startRatePerSecond: before, endRatePerSecond: after } = settings;
    const rampFrom = settings.fromMs * MS;
    const rampUntil = settings.untilMs * MS;
    let need = stream.exponential(1) * SECOND;
    let from = lastMicros;
    if (from < rampFrom) {
      const area = pieceArea(before, before, rampFrom - from);
      if (need <= area) return from + need / before;
      need -= area;
      from = rampFrom;
    }
    if (from < rampUntil) {
      const rate = rateAt(settings, from);
      const area = pieceArea(rate, after, rampUntil - from);
      if (need <= area) return from + reachIn(rate, after, rampUntil - from, need);
      need -= area;
      from = rampUntil;
    }
    return after > 0 ? from + need / after : Infinity;
  },
  rateAt,
};

function rateAt(settings: RampSettings, micros: number): number {
  const { startRatePerSecond, endRatePerSecond, fromMs, untilMs } = settings;
  if (micros >= untilMs * MS) return endRatePerSecond;
  if (micros <= fromMs * MS) return startRatePerSecond;
  const share = (micros - fromMs * MS) / ((untilMs - fromMs) * MS);
  return startRatePerSecond + share * (endRatePerSecond - startRatePerSecond);
}
