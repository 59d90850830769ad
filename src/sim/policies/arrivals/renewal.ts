/**
 * Gaps that are independent of each other and of one law, whatever it is: more even than chance
 * (several stages), or more bursty (a mixture of short and long ones).
 *
 * Invariant: `stages` samples are drawn for each arrival, no more and no fewer.
 *
 * Source: Cox, "Renewal Theory" (1962); the GI of GI/M/1, with stages the E of E2/M/1.
 */
import { meanMs, sampleMicros } from '../distribution.ts';
import { MS, NO_STATE, SECOND } from './arrivals.ts';
import type { Arrivals, NoState, RenewalSettings } from './arrivals.ts';

export const renewalArrivals: Arrivals<RenewalSettings, NoState> = {
  name: 'renewal',
  about: 'Gaps of any law, independent of each other.',
  source: 'Cox, Renewal Theory (1962)',
  start: () => NO_STATE,
  next(_state, { gap, stages = 1 }, lastMicros, stream) {
    let at = lastMicros;
    for (let stage = 0; stage < stages; stage++) at += Math.max(0, sampleMicros(gap, stream));
    return at;
  },
  rateAt({ gap, stages = 1 }) {
    const mean = meanMs(gap);
    return mean === null ? 0 : SECOND / (mean * stages * MS);
  },
};
