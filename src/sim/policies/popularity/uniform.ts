/**
 * Uniform: every key alike. The worst case of a cache: hit ratio = keys that fit / keys.
 *
 * Source: textbook.
 */
import { checkKeys, placeOf } from './popularity.ts';
import type { Popularity } from './popularity.ts';

export interface UniformTable {
  readonly keys: number;
}

export const uniform: Popularity<UniformTable> = {
  name: 'uniform',
  about: 'Every key alike.',
  source: 'Textbook',
  start({ keys }) {
    checkKeys(keys);
    return Object.freeze({ keys });
  },
  draw: ({ keys }, _nowMicros, stream) => placeOf(stream.open01(), keys),
  shareOf: ({ keys }, key) => (key < keys ? 1 / keys : 0),
};
