/**
 * What a measured mean is worth: quantiles of the normal and the t distribution, confidence
 * intervals over independent replications, and their correction for many comparisons at once.
 *
 * Source: Student (1908); the incomplete beta function by its continued fraction (Abramowitz &
 * Stegun 26.5.8, by Lentz's method); ln Gamma by Lanczos (g = 7, n = 9); Law, "Simulation Modeling
 * and Analysis", chapter 9 (replications, Bonferroni).
 */
import { normalQuantile } from '../../../../src/sim/kernel/normal-quantile.ts';

export { normalQuantile };

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
] as const;

/** For x >= 1/2. */
export function lnGamma(x: number): number {
  const y = x - 1;
  let sum: number = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += (LANCZOS[i] as number) / (y + i);
  const t = y + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The continued fraction of the incomplete beta function; converges for x < (a+1)/(a+b+2). */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= 1_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-15) return h;
  }
  throw new Error(`the beta fraction does not converge at x ${x}, a ${a}, b ${b}`);
}

/** The regularised incomplete beta function I_x(a, b). */
export function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const lnFront = lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return (Math.exp(lnFront) * betaFraction(x, a, b)) / a;
  return 1 - (Math.exp(lnFront) * betaFraction(1 - x, b, a)) / b;
}

/** P(T > t) of Student's t with so many degrees of freedom, for t >= 0. */
const studentTail = (t: number, degrees: number): number =>
  betaShare(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;

/** The quantile of Student's t: by halving, to the last bit that matters. */
export function studentQuantile(share: number, degrees: number): number {
  if (share < 0.5) return -studentQuantile(1 - share, degrees);
  const tail = 1 - share;
  let low = 0;
  let high = 1;
  while (studentTail(high, degrees) > tail) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (studentTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The level of each of `comparisons` intervals that hold all at once with `confidence`. */
export const bonferroni = (confidence: number, comparisons: number): number =>
  1 - (1 - confidence) / comparisons;

export interface Interval {
  readonly mean: number;
  readonly halfWidth: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Of the mean of independent replications. */
export function intervalOf(values: readonly number[], confidence: number): Interval {
  const count = values.length;
  if (count < 2) throw new Error('an interval needs two replications or more');
  const mean = meanOf(values);
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  const error = Math.sqrt(squares / (count - 1) / count);
  const halfWidth = studentQuantile((1 + confidence) / 2, count - 1) * error;
  return { mean, halfWidth, low: mean - halfWidth, high: mean + halfWidth, count };
}

export function meanOf(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += value;
    count += 1;
  }
  return sum / count;
}

/**
 * Of shares counted over so many independent trials: Wilson's interval, which also holds where
 * almost all, or almost none, are.
 *
 * Source: Wilson, "Probable Inference", JASA 22 (1927).
 */
export function shareInterval(share: number, trials: number, confidence: number): Interval {
  const z = normalQuantile((1 + confidence) / 2);
  const weight = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / weight;
  const spread = (share * (1 - share)) / trials + (z * z) / (4 * trials * trials);
  const halfWidth = (z * Math.sqrt(spread)) / weight;
  return {
    mean: share,
    halfWidth,
    low: centre - halfWidth,
    high: centre + halfWidth,
    count: trials,
  };
}

/**
 * Between the two order statistics around a share `q`: half a rank on, so that of an exponential
 * tail it is right on average.
 */
export function orderStatistic(sorted: Float64Array, q: number): number {
  const rank = Math.min(sorted.length, Math.max(1, q * sorted.length + 0.5));
  const below = Math.floor(rank);
  const low = sorted[below - 1] as number;
  const high = sorted[Math.min(sorted.length, below + 1) - 1] as number;
  return low + (rank - below) * (high - low);
}
