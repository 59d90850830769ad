/** The closed forms of the dissertation, section 9.3. The unit of time is the range of timeouts. */

/** At least c - 1 of the s servers time out within l of the first: nobody is left to elect it. */
export function splitRate(n: number, s: number, l: number): number {
  const c = s - Math.floor(n / 2) + 1;
  let total = 0;
  let choose = 1;
  for (let k = 0; k <= s; k += 1) {
    if (k >= c - 1) total += choose * l ** k * (1 - l) ** (s - k);
    choose = (choose * (s - k)) / (k + 1);
  }
  return total;
}

/** That the first of s servers times out within a share of the range. */
export const firstWithin = (s: number, share: number): number => 1 - (1 - share) ** s;

/** When the first of s servers times out, on average. */
export const firstTimeout = (s: number): number => 1 / (s + 1);

/**
 * From the last heartbeat to a leader, on average, where timeouts are one to two ranges: rounds
 * until one does not split, and then the votes, with what it takes to write them.
 */
export function timeToLeader(n: number, s: number, l: number, write = 0): number {
  return (1 + firstTimeout(s) + l) / (1 - splitRate(n, s, l)) + l + write;
}
