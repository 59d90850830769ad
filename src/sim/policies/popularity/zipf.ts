/**
 * Zipf: the k-th most popular key is asked for in proportion to 1 / k^alpha.
 *
 * Exact for every alpha, by inversion: one draw, and a larger draw is never a more popular key, so
 * that runs with different exponents stay comparable. A guide table says where to begin, which
 * leaves one or two comparisons on average.
 *
 * Sources: Breslau et al., "Web caching and Zipf-like distributions", INFOCOM 1999 (alpha 0.64 to
 * 0.83 for web requests); Chen & Asau, "On generating random variates from an empirical
 * distribution", 1974 (guide table).
 */
import { InvariantError } from '../../kernel/errors.ts';
import { pow } from '../../kernel/maths.ts';
import { checkKeys, placeOf } from './popularity.ts';
import type { Popularity } from './popularity.ts';

export interface ZipfTable {
  /** The share of all keys up to and with this one; the last is 1. */
  readonly upTo: Float64Array;
  /** For draws in [j/n, (j+1)/n): the first key that they can be. */
  readonly guide: Int32Array;
}

const ALPHA = 1;

export const zipf: Popularity<ZipfTable> = {
  name: 'zipf',
  about: 'The k-th most popular key is asked for in proportion to 1 / k^alpha.',
  source: 'Breslau et al., Web caching and Zipf-like distributions (INFOCOM 1999)',
  start({ keys, alpha = ALPHA }) {
    checkKeys(keys);
    if (!(alpha >= 0 && alpha < Infinity))
      throw new InvariantError(`no Zipf law has alpha ${alpha}`);
    const upTo = new Float64Array(keys);
    let total = 0;
    for (let key = 0; key < keys; key++) {
      total += alpha === 1 ? 1 / (key + 1) : pow(key + 1, -alpha);
      upTo[key] = total;
    }
    for (let key = 0; key < keys; key++) upTo[key] = upTo[key]! / total;
    upTo[keys - 1] = 1;
    return Object.freeze({ upTo, guide: guideTo(upTo) });
  },
  draw({ upTo, guide }, _nowMicros, stream) {
    const draw = stream.open01();
    let key = guide[placeOf(draw, upTo.length)]!;
    while (upTo[key]! <= draw) key += 1;
    return key;
  },
  shareOf({ upTo }, key) {
    if (key >= upTo.length) return 0;
    return key === 0 ? upTo[0]! : upTo[key]! - upTo[key - 1]!;
  },
};

function guideTo(upTo: Float64Array): Int32Array {
  const guide = new Int32Array(upTo.length);
  let key = 0;
  for (let place = 0; place < guide.length; place++) {
    // Not past the key of the smallest draw that `placeOf` puts here, whatever it rounds.
    while (upTo[key]! < (place - 1e-6) / guide.length) key += 1;
    guide[place] = key;
  }
  return guide;
}
