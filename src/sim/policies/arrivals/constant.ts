/**
 * One request after another at even gaps, as a load generator sends them; the first after one gap.
 *
 * Invariant: the n-th is n gaps after the first moment, computed as one product, so that a million
 * of them add up to no error. Nothing is drawn.
 *
 * Source: textbook; the D of D/M/1.
 */
import { SECOND, type Arrivals, type ConstantSettings } from './arrivals.ts';

export interface ConstantState {
  /** The rate that the count below goes with: 0 before the first. */
  ratePerSecond: number;
  /** Where it began, and how many have come since. */
  sinceMicros: number;
  arrivals: number;
}

export const constantArrivals: Arrivals<ConstantSettings, ConstantState> = {
  name: 'constant',
  about: 'Even gaps, as a load generator sends.',
  source: 'textbook',
  start: () => ({ ratePerSecond: 0, sinceMicros: 0, arrivals: 0 }),
  next(state, { ratePerSecond }, lastMicros) {
    if (!(ratePerSecond > 0)) return Infinity;
    if (state.ratePerSecond !== ratePerSecond) {
      state.ratePerSecond = ratePerSecond;
      state.sinceMicros = lastMicros;
      state.arrivals = 0;
    }
    state.arrivals++;
    return state.sinceMicros + (state.arrivals * SECOND) / ratePerSecond;
  },
  rateAt: ({ ratePerSecond }) => ratePerSecond,
};
