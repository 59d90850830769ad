/**
 * Which key a request asks for: the interface of all samplers of popularity.
 *
 * Keys are 0..keys-1, 0 the most popular at the start. A table is immutable and frozen: twins and
 * checkpoints share it. Every request draws exactly once, whatever comes of it, so that two runs
 * that differ in their design ask for the same keys.
 */
import type { Stream } from '../../kernel/random.ts';
import { InvariantError } from '../../kernel/errors.ts';

export interface PopularitySettings {
  /** How many keys there are, 1 or more. */
  readonly keys: number;
  /** zipf: the exponent, 0 or more; 1 is Zipf's law, 0 is uniform. Default 1. */
  readonly alpha?: number;
  /** hot-set: the share of the keys that is hot. Default 0.2. */
  readonly hotKeys?: number;
  /** hot-set: the share of the requests that ask for hot keys. Default 0.8. */
  readonly hotRequests?: number;
  /** moving-hot-set: how long a hot set lasts. Default 60 s. */
  readonly moveEveryMicros?: number;
  /** loop: how long one key is asked for before the next. Default 1 ms. */
  readonly stepMicros?: number;
}

export interface Popularity<S = unknown> {
  readonly name: string;
  readonly about: string;
  readonly source: string;
  /** A frozen table. */
  start(settings: PopularitySettings): S;
  /** The key of one request. One draw. */
  draw(table: S, nowMicros: number, stream: Stream): number;
  /** The probability of a key, at the start where it moves. */
  shareOf(table: S, key: number): number;
}

export function checkKeys(keys: number): void {
  if (!Number.isSafeInteger(keys) || keys < 1) {
    throw new InvariantError(`requests cannot ask for one of ${keys} keys`);
  }
}

/** A draw in (0, 1) as a place 0..n-1. */
export function placeOf(draw: number, n: number): number {
  return Math.min(n - 1, Math.floor(draw * n));
}
