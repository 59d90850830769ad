/**
 * Stations whose answers are known exactly: the formulas that simulated ones are held against.
 *
 * Rates are per unit of time, whatever the unit. Source: Kleinrock, "Queueing Systems" 1 and 2;
 * Harchol-Balter, "Performance Modeling and Design of Computer Systems"; Reiser & Lavenberg, "Mean
 * Value Analysis of Closed Multichain Queuing Networks" (1980); Mitzenmacher (2001) and Vvedenskaya
 * et al. (1996) for the supermarket model.
 */

/** Erlang's loss: the share of arrivals at `c` servers, without a queue, that find all busy. */
export function erlangB(c: number, load: number): number {
  let b = 1;
  for (let k = 1; k <= c; k++) b = (load * b) / (k + load * b);
  return b;
}

/** Erlang's delay: the share of arrivals at `c` servers that wait. */
export function erlangC(c: number, load: number): number {
  const b = erlangB(c, load);
  const rho = load / c;
  return b / (1 - rho + rho * b);
}

/** Where a falling function is `level`, for arguments from 0 on. */
function whereFalls(tail: (t: number) => number, level: number): number {
  if (tail(0) <= level) return 0;
  let low = 0;
  let high = 1;
  while (tail(high) > level) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (tail(middle) > level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export interface Station {
  readonly waits: number;
  readonly wq: number;
  readonly w: number;
  readonly lq: number;
  readonly l: number;
}

export function mmc(lambda: number, mu: number, c: number): Station {
  const waits = erlangC(c, lambda / mu);
  const wq = waits / (c * mu - lambda);
  const w = wq + 1 / mu;
  return { waits, wq, w, lq: lambda * wq, l: lambda * w };
}

/** The quantile of the wait of M/M/c, first come, first served. */
export function mmcWait(q: number, lambda: number, mu: number, c: number): number {
  const waits = erlangC(c, lambda / mu);
  return waits <= 1 - q ? 0 : Math.log(waits / (1 - q)) / (c * mu - lambda);
}

/** The quantile of the time in M/M/c, first come, first served. */
export function mmcSojourn(q: number, lambda: number, mu: number, c: number): number {
  const waits = erlangC(c, lambda / mu);
  const theta = c * mu - lambda;
  const isDouble = Math.abs(theta - mu) < 1e-9 * mu;
  return whereFalls((t) => {
    if (isDouble) return Math.exp(-mu * t) * (1 + waits * mu * t);
    const mixed = theta * Math.exp(-mu * t) - mu * Math.exp(-theta * t);
    return (1 - waits) * Math.exp(-mu * t) + (waits * mixed) / (theta - mu);
  }, 1 - q);
}

export interface LossStation extends Omit<Station, 'waits'> {
  readonly blocked: number;
  readonly throughput: number;
}

/** M/M/c with room for `k`, those in service included. */
export function mmck(lambda: number, mu: number, c: number, k: number): LossStation {
  const weights = [1];
  for (let n = 1; n <= k; n++) {
    weights.push(((weights[n - 1] as number) * lambda) / (Math.min(n, c) * mu));
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let l = 0;
  let lq = 0;
  weights.forEach((weight, n) => {
    l += (n * weight) / total;
    lq += (Math.max(0, n - c) * weight) / total;
  });
  const blocked = (weights[k] as number) / total;
  const throughput = lambda * (1 - blocked);
  return { blocked, throughput, l, lq, w: l / throughput, wq: lq / throughput };
}

/**
 * How long `c` servers take to forget how they started, in services: the slowest exponential of
 * M/M/1 is exp(-(sqrt mu - sqrt lambda)^2 t), a service itself takes one. Where gaps or services
 * vary otherwise the diffusion does, by `scv`, the mean of both squared coefficients of variation.
 *
 * Source: Cohen, "The Single Server Queue" (relaxation time); Abate & Whitt, "Transient Behavior of
 * Regulated Brownian Motion" (1987).
 */
export const relaxation = (rho: number, c: number, scv: number): number =>
  1 + scv / (c * (1 - Math.sqrt(rho)) ** 2);

/** Pollaczek-Khinchine: the mean wait of M/G/1; `scv` = variance over squared mean of service. */
export function mg1Wait(lambda: number, meanService: number, scv: number): number {
  const rho = lambda * meanService;
  return ((rho * (1 + scv)) / (2 * (1 - rho))) * meanService;
}

/** Processor sharing and preempting last come first served: whatever the shape of service. */
export const insensitiveSojourn = (lambda: number, meanService: number): number =>
  meanService / (1 - lambda * meanService);

/** The root below 1 of sigma = A*(mu (1 - sigma)) of GI/M/1; A* transforms the gaps. */
export function gim1Sigma(transform: (s: number) => number, mu: number): number {
  // Between 0 and the root the right side is above the left, beyond it below.
  let low = 0;
  let high = 1 - 1e-9;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (transform(mu * (1 - middle)) > middle) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export const gim1Wait = (sigma: number, mu: number): number => sigma / (mu * (1 - sigma));

/** The transform of gaps by name, at a mean rate. */
export function gapTransform(law: string, rate: number): (s: number) => number {
  if (law === 'D') return (s) => Math.exp(-s / rate);
  if (law === 'M') return (s) => rate / (rate + s);
  const stages = Number(/^Erlang-(\d+)$/.exec(law)?.[1]);
  if (!(stages > 0)) throw new Error(`no transform for gaps "${law}"`);
  return (s) => Math.pow((stages * rate) / (stages * rate + s), stages);
}

/** Kingman's approximation of the wait of GI/G/1. */
export const kingmanWait = (rho: number, meanService: number, scvGaps: number, scv: number) =>
  ((rho / (1 - rho)) * (scvGaps + scv) * meanService) / 2;

export interface Closed {
  readonly x: number;
  readonly r: number;
  readonly q: readonly number[];
}

/** Exact mean value analysis: `n` customers, one server for each demand, a pause between rounds. */
export function mva(demands: readonly number[], think: number, n: number): Closed {
  let q = demands.map(() => 0);
  let x = 0;
  let r = 0;
  for (let k = 1; k <= n; k++) {
    const rs = demands.map((demand, i) => demand * (1 + (q[i] as number)));
    r = rs.reduce((sum, one) => sum + one, 0);
    x = k / (think + r);
    q = rs.map((one) => x * one);
  }
  return { x, r, q };
}

/** M/M/1 with two classes; class 1 goes first. */
export function priorityMM1(lambda1: number, lambda2: number, mu: number) {
  const rho1 = lambda1 / mu;
  const rho = (lambda1 + lambda2) / mu;
  const residual = rho / mu;
  return {
    wq1: residual / (1 - rho1),
    wq2: residual / ((1 - rho1) * (1 - rho)),
    w1: 1 / mu / (1 - rho1),
    w2: 1 / mu / ((1 - rho1) * (1 - rho)),
  };
}

/** The mean time in the supermarket model with infinitely many servers; mu = 1. */
export function supermarket(lambda: number, d: number): number {
  if (d === 1) return 1 / (1 - lambda);
  let sum = 0;
  for (let i = 1; i < 1_000; i++) {
    const term = Math.pow(lambda, (Math.pow(d, i) - d) / (d - 1));
    sum += term;
    if (term < 1e-18) break;
  }
  return sum;
}

/** That any of `n` is slow, where each is with probability `p`. */
export const anySlow = (n: number, p: number): number => -Math.expm1(n * Math.log1p(-p));

/** The quantile of each of `n` that makes the slowest of them meet quantile `q`. */
export const leafQuantile = (n: number, q: number): number => Math.pow(q, 1 / n);

/** The slowest of `n` exponentials of mean 1: its mean and its quantile. */
export function maxOfExponentials(n: number) {
  let mean = 0;
  for (let i = n; i >= 1; i--) mean += 1 / i;
  const quantile = (q: number) => -Math.log(-Math.expm1(Math.log(q) / n));
  return { mean, quantile };
}

/** Exponential service of mean 1, asked a second time after `delay`; the first answer counts. */
export function hedged(delay: number) {
  const extraLoad = Math.exp(-delay);
  const quantile = (q: number) => {
    const need = -Math.log(1 - q);
    return need <= delay ? need : (need + delay) / 2;
  };
  return { extraLoad, mean: 1 - extraLoad / 2, quantile };
}
