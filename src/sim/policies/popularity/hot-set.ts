/**
 * Hot set: a share of the keys takes a share of the requests (80 % to 20 % by default), each key
 * within its part alike.
 *
 * Source: the folklore of Pareto; `hotspot` of YCSB (Cooper et al., SoCC 2010) has these two
 * settings.
 */
import { InvariantError } from '../../kernel/errors.ts';
import { checkKeys, placeOf } from './popularity.ts';
import type { Popularity, PopularitySettings } from './popularity.ts';

const HOT_KEYS = 0.2;
const HOT_REQUESTS = 0.8;

export interface HotSetTable {
  readonly keys: number;
  /** How many are hot: keys 0..hotCount-1. */
  readonly hotCount: number;
  readonly hotRequests: number;
}

export const hotSet: Popularity<HotSetTable> = {
  name: 'hot-set',
  about: 'A share of the keys takes a share of the requests; within each part all are alike.',
  source: 'YCSB hotspot distribution (Cooper et al., SoCC 2010)',
  start: (settings) => Object.freeze(hotSetTable(settings)),
  draw: (table, _nowMicros, stream) => rankOf(table, stream.open01()),
  shareOf({ keys, hotCount, hotRequests }, key) {
    if (key >= keys) return 0;
    if (hotCount === keys) return 1 / keys;
    return key < hotCount ? hotRequests / hotCount : (1 - hotRequests) / (keys - hotCount);
  },
};

export function hotSetTable(settings: PopularitySettings): HotSetTable {
  const { keys, hotKeys = HOT_KEYS, hotRequests = HOT_REQUESTS } = settings;
  checkKeys(keys);
  for (const share of [hotKeys, hotRequests]) {
    if (!(share >= 0 && share <= 1)) throw new InvariantError(`${share} is not a share`);
  }
  return { keys, hotCount: Math.max(1, Math.round(keys * hotKeys)), hotRequests };
}

/** One draw says both which part and which key of it: what is left of it is uniform again. */
export function rankOf({ keys, hotCount, hotRequests }: HotSetTable, draw: number): number {
  if (hotCount === keys) return placeOf(draw, keys);
  if (draw < hotRequests) return placeOf(draw / hotRequests, hotCount);
  return hotCount + placeOf((draw - hotRequests) / (1 - hotRequests), keys - hotCount);
}
