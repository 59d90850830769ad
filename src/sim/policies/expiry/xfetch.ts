/**
 * XFetch: each reader computes the value anew early with a probability that grows as its expiry
 * nears, and is the larger the longer it takes to compute: e^(-gap / (delta beta)).
 *
 * Source: Vattani, Chierichetti, Lowenstein, "Optimal probabilistic cache stampede prevention",
 * VLDB 2015, figure 2: now - delta * beta * ln(rand()) >= expiry.
 */
import { ln } from '../../kernel/maths.ts';
import type { EarlyRefresh } from './early-refresh.ts';

export const xfetch: EarlyRefresh = {
  name: 'xfetch',
  about: 'Each reader may compute anew early, the likelier the nearer the expiry.',
  source: 'Vattani, Chierichetti, Lowenstein, Optimal cache stampede prevention (VLDB 2015)',
  isRandom: true,
  isDue: (nowMicros, { expiryMicros, deltaMicros }, beta, draw) =>
    nowMicros - deltaMicros * beta * ln(draw) >= expiryMicros,
};
