/**
 * The supermarket model with n servers, n large: what its mean time differs from that of infinitely
 * many, to the first order of 1/n, and how long it takes to forget how it started.
 *
 * The shares of servers with i requests or more move by a system of equations whose rest is known.
 * Around it, n servers fluctuate with a covariance W/n that solves J W + W J' + Q = 0 (J the
 * Jacobian there, Q the intensity of jumps). Because the equations are curved, the mean is moved by
 * V/n, where J V + (second derivatives of the equations, times W)/2 = 0. To ask d different servers
 * changes the equations themselves by 1/n, and V by the rest of them.
 *
 * Source: Gast & Van Houdt, "A Refined Mean Field Approximation", SIGMETRICS 2017.
 */

/** In units of a mean service: stable, as no share moves faster than about 7 times itself. */
const STEP = 0.1;
/** Relaxation times until what is left of the start is 1e-10. */
const LONG = 23;

export interface ManyServers {
  /** E[T] of n servers, less that of infinitely many, times n. */
  readonly bias: number;
  /** In units of a mean service: of the slowest part. */
  readonly relaxation: number;
}

/** Of share k, as shares are numbered from 1. */
type Of = (k: number) => number;

export function manyServers(lambda: number, d: number, withReplacement: boolean): ManyServers {
  const shares = [1];
  while ((shares.at(-1) as number) > 1e-12) shares.push(lambda * (shares.at(-1) as number) ** d);
  const size = shares.length - 1;
  const all = Array.from({ length: size }, (_, i) => i + 1);
  const x: Of = (k) => shares[k] ?? 0;
  const joins: Of = (k) => (k === 0 ? 0 : lambda * d * x(k) ** (d - 1));
  /** Row i of J times a vector. */
  const grows = (i: number, of: Of) =>
    (i === 1 ? 0 : joins(i - 1) * of(i - 1)) - (joins(i) + 1) * of(i) + (i < size ? of(i + 1) : 0);
  const jumps: Of = (i) => lambda * (x(i - 1) ** d - x(i) ** d) + x(i) - x(i + 1);

  const relaxation = slowest(all, grows);
  let w = all.map(() => all.map(() => 0));
  let v = all.map(() => 0);
  const cov = (i: number, j: number) => w[i - 1]?.[j - 1] as number;
  /** What share k's curve, and that d servers are different ones, adds to the rate of joining. */
  const bend: Of = (k) => {
    if (k === 0) return 0;
    const curve = x(k) ** (d - 2) * cov(k, k);
    const others = withReplacement ? 0 : x(k) ** (d - 1) * (1 - x(k));
    return (lambda * d * (d - 1) * (curve - others)) / 2;
  };
  for (let t = 0; t < LONG * relaxation; t += STEP) {
    const nextV = all.map((i) => {
      const growth = grows(i, (k) => v[k - 1] as number) + bend(i - 1) - bend(i);
      return (v[i - 1] as number) + STEP * growth;
    });
    w = all.map((i) =>
      all.map((j) => {
        const growth = grows(i, (k) => cov(k, j)) + grows(j, (k) => cov(i, k));
        return cov(i, j) + STEP * (growth + (i === j ? jumps(i) : 0));
      }),
    );
    v = nextV;
  }
  return { bias: v.reduce((sum, one) => sum + one, 0) / lambda, relaxation };
}

/** By powers: in the end each step leaves the same share of what there was. */
function slowest(all: readonly number[], grows: (i: number, of: Of) => number): number {
  let vector = all.map(() => 1);
  let left = 0;
  for (let n = 0; n < 20_000; n++) {
    const next = all.map((i) => {
      const was = vector[i - 1] as number;
      return was + STEP * grows(i, (k) => vector[k - 1] as number);
    });
    left = next.reduce((sum, one) => sum + one, 0);
    vector = next.map((one) => one / left);
  }
  return -STEP / Math.log(left);
}
