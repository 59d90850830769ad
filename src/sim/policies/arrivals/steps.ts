/**
 * A Poisson process whose rate is set anew at given times, as a load test's stages are.
 *
 * One draw for each arrival, whatever steps it crosses. Invariant: the exact moment of a step
 * belongs to the new rate.
 *
 * Source: Lewis & Shedler, "Simulation of nonhomogeneous Poisson processes", 1979 (by inversion).
 */
import { MS, SECOND, type Arrivals, type StepsSettings } from './arrivals.ts';

export interface StepsState {
  /** The step in force at the last arrival; -1 before the first. */
  step: number;
}

export const stepsArrivals: Arrivals<StepsSettings, StepsState> = {
  name: 'steps',
  about: 'A rate for each stage; nothing comes before the first.',
  source: 'Lewis & Shedler, Simulation of nonhomogeneous Poisson processes (1979)',
  start: () => ({ step: -1 }),
  next(state, { steps }, lastMicros, stream) {
    let need = stream.exponential(1) * SECOND;
    let from = lastMicros;
    for (;;) {
      const rate = steps[state.step]?.ratePerSecond ?? 0;
      const following = steps[state.step + 1];
      if (following === undefined) return rate > 0 ? from + need / rate : Infinity;
      const until = following.atMs * MS;
      if (from < until) {
        const area = rate * (until - from);
        if (need <= area) return from + need / rate;
        need -= area;
        from = until;
      }
      state.step++;
    }
  },
  rateAt({ steps }, micros) {
    let rate = 0;
    for (const step of steps) {
      if (step.atMs * MS > micros) break;
      rate = step.ratePerSecond;
    }
    return rate;
  },
};
