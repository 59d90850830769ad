/**
 * Requests of many who know nothing of each other: gaps are exponential and independent.
 *
 * One draw for each arrival.
 *
 * Source: textbook; the M of M/M/1.
 */
import { NO_STATE, SECOND, type Arrivals, type NoState, type PoissonSettings } from './arrivals.ts';

export const poissonArrivals: Arrivals<PoissonSettings, NoState> = {
  name: 'poisson',
  about: 'Many who know nothing of each other: gaps are exponential.',
  source: 'textbook',
  start: () => NO_STATE,
  next(_state, { ratePerSecond }, lastMicros, stream) {
    const need = stream.exponential(1);
    return ratePerSecond > 0 ? lastMicros + (need / ratePerSecond) * SECOND : Infinity;
  },
  rateAt: ({ ratePerSecond }) => ratePerSecond,
};
