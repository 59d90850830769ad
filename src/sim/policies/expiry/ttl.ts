/**
 * Time to live with jitter: uniform within ttl * (1 - jitter) .. ttl * (1 + jitter), so that what
 * was filled together does not expire together.
 *
 * Source: common practice, for example "Caching Best Practices" of the AWS documentation.
 */
export function ttlMicros(meanMicros: number, jitter: number, draw: number): number {
  return Math.max(0, Math.round(meanMicros * (1 + jitter * (2 * draw - 1))));
}
