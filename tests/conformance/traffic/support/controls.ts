/**
 * Control variates: what is measured beside a mean, has a mean that is known, and moves with it.
 *
 * Each is a martingale: a surprise (arrivals, ends of service or lengths of service against what
 * was to be expected of them) times what the queue was before it. Its mean is therefore zero
 * whatever the state and the discipline, also in a warm-up, and nothing about waiting is assumed.
 * A queue that is nearly full wanders with such surprises alone: they explain almost all of the
 * variance of its mean, half of it where surprises are not weighted by the queue.
 *
 * Source: Lavenberg & Welch, "A Perspective on the Use of Control Variables to Increase the
 * Efficiency of Monte Carlo Simulations", Management Science 27 (1981); Henderson & Glynn,
 * "Approximating Martingales for Variance Reduction in Markov Process Simulation" (2002).
 */

/** A station of Poisson arrivals and exponential service of mean 1, looked at in slices. */
export interface Slicing {
  readonly group: string;
  /** Arrivals in a unit at the group, or at each of its members. */
  readonly rate: number;
  /** Its members are stations of their own. */
  readonly isEach: boolean;
  /** In units: short beside the time in which a queue changes. */
  readonly every: number;
}

/** Of one member: those inside, and what went through it so far. */
export interface Passed {
  readonly inside: number;
  readonly arrived: number;
  readonly left: number;
  /** Time spent in service by all, in units. */
  readonly served: number;
}

/** Sums over the slices of a run. */
export class SliceSums {
  #last: readonly Passed[];
  #units = 0;
  readonly #sums = [0, 0, 0, 0];
  readonly #slicing: Slicing;

  constructor(slicing: Slicing, first: readonly Passed[]) {
    this.#slicing = slicing;
    this.#last = slicing.isEach ? first : [together(first)];
  }

  add(members: readonly Passed[], units: number): void {
    const now = this.#slicing.isEach ? members : [together(members)];
    now.forEach((passed, i) => {
      const before = this.#last[i] as Passed;
      const came = passed.arrived - before.arrived - this.#slicing.rate * units;
      const went = passed.left - before.left - (passed.served - before.served);
      const sums = this.#sums as [number, number, number, number];
      sums[0] += came;
      sums[1] += went;
      sums[2] += before.inside * came;
      sums[3] += before.inside * went;
    });
    this.#last = now;
    this.#units += units;
  }

  get means(): readonly number[] {
    return this.#sums.map((sum) => sum / this.#units);
  }
}

function together(members: readonly Passed[]): Passed {
  const sum = { inside: 0, arrived: 0, left: 0, served: 0 };
  for (const { inside, arrived, left, served } of members) {
    sum.inside += inside;
    sum.arrived += arrived;
    sum.left += left;
    sum.served += served;
  }
  return sum;
}

/** When requests began, and when as many in order ended; in units. */
export interface Timed {
  times(): { readonly began: Float64Array; readonly departures: Float64Array };
}

/**
 * One server, first come first served, all answered: gaps and services against their means, and
 * the same times the wait before them; the squares of services, which a wait hangs on, too.
 */
export function lindley(measured: Timed, gap: number, scv: number): readonly number[] {
  const { began, departures } = measured.times();
  const sums = [0, 0, 0, 0, 0] as [number, number, number, number, number];
  for (let i = 1; i < began.length - 1; i++) {
    const at = began[i] as number;
    const begins = Math.max(at, departures[i - 1] as number);
    const service = (departures[i] as number) - begins;
    const late = (began[i + 1] as number) - at - gap;
    sums[0] += service - 1;
    sums[1] += late;
    sums[2] += (begins - at) * (service - 1);
    sums[3] += (begins - at) * late;
    sums[4] += service * service - 1 - scv;
  }
  return sums.map((sum) => sum / (began.length - 2));
}
