/**
 * What a cache finds of requests that do not depend on each other, by theory: no run in it.
 *
 * Source: Che, Tung & Wang, "Hierarchical Web Caching Systems" (2002); for FIFO Fricker, Robert &
 * Roberts, "A versatile and accurate approximation for LRU cache performance" (2012); the most that
 * can be found Aho, Denning & Ullman, "Principles of Optimal Page Replacement" (1971). CLOCK is
 * worked out here in the same manner.
 */

export const OBJECTS = 500;

/** By Zipf's law: the n-th object is asked for as often as 1/n. */
const weights = Array.from({ length: OBJECTS }, (_, i) => 1 / (i + 1));
const total = weights.reduce((sum, one) => sum + one, 0);
const shares: readonly number[] = weights.map((weight) => weight / total);

/** e^-x for x >= 0, from a series of x / 1024. */
function decay(x: number): number {
  const y = x / 1_024;
  let power = 1 - y + (y * y) / 2 - (y * y * y) / 6;
  for (let i = 0; i < 10; i++) power *= power;
  return x > 300 ? 0 : power;
}

/** How likely an object is in that is asked for so many times, on average, in its time. */
type Inside = (times: number) => number;

/**
 * The time of LRU begins anew with each request, that of FIFO only when the object comes in. Under
 * CLOCK the hand comes by after that time and lets an object stay if it was asked for meanwhile: so
 * it stays e^times times as long, on average, and is then away until somebody asks for it.
 */
const INSIDE = {
  lru: (times) => 1 - decay(times),
  fifo: (times) => times / (1 + times),
  clock: (times) => times / (times + decay(times)),
} as const satisfies { readonly [policy: string]: Inside };

/** Policies of which theory says how much they find. */
export type Theoretical = keyof typeof INSIDE;
export const isTheoretical = (policy: string): policy is Theoretical =>
  Object.keys(INSIDE).includes(policy);

/**
 * The hit ratio: the characteristic time is the one in which as many objects are in the cache as it
 * holds.
 */
export function hitRatio(policy: Theoretical, capacity: number): number {
  const inside = INSIDE[policy];
  let low = 0;
  let high = 1_000_000;
  for (let i = 0; i < 60; i++) {
    const time = (low + high) / 2;
    if (shares.reduce((sum, share) => sum + inside(share * time), 0) < capacity) low = time;
    else high = time;
  }
  return shares.reduce((sum, share) => sum + share * inside(share * low), 0);
}

/** Nobody who does not know the future finds more than who keeps the most popular ones for ever. */
export const mostPossible = (capacity: number): number =>
  shares.slice(0, capacity).reduce((sum, share) => sum + share, 0);

/**
 * Of so many requests of a loop: each time round every object is asked for once, so no more are
 * found than the cache held as the round began.
 */
export function mostOfLoop(capacity: number, length: number, requests: number): number {
  const last = requests % length;
  const found = ((requests - last) / length) * capacity + (last < capacity ? last : capacity);
  return found / requests;
}
