/**
 * What retries do to load and success, in closed form: to check a run against, and to explain it.
 *
 * p is the probability that one try fails, independently of the others; a the tries of one request,
 * the first included.
 */

/** base^exponent for a whole exponent, without rounding of its own where the products are exact. */
function power(base: number, exponent: number): number {
  let product = 1;
  for (let i = 0; i < exponent; i++) product *= base;
  return product;
}

/** Tries at the last layer for one request at the first, when everything fails: a^layers. */
export function worstAmplification(attempts: number, layers: number): number {
  return power(attempts, layers);
}

/** Tries for each request: (1 - p^a) / (1 - p), summed so that p = 1 is no special case. */
export function effectiveLoad(failureProbability: number, attempts: number): number {
  let tries = 0;
  let reached = 1;
  for (let i = 0; i < attempts; i++) {
    tries += reached;
    reached *= failureProbability;
  }
  return tries;
}

/** Requests that succeed in the end: 1 - p^a. */
export function effectiveSuccess(failureProbability: number, attempts: number): number {
  return 1 - power(failureProbability, attempts);
}

/** The most that a retry budget lets the load become, as a multiple of what is offered. */
export function budgetLoadCap(budgetShare: number): number {
  return 1 + budgetShare;
}

/**
 * The share of capacity from which on a system can stay overloaded by its own retries after what
 * overloaded it is gone: if every request is tried a times and all work is wasted, a * lambda > mu
 * keeps it down.
 */
export function metastableFromUtilisation(attempts: number): number {
  return 1 / attempts;
}
