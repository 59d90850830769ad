/** The popularities of the catalogue: an explicit list. */
import { hotSet } from './hot-set.ts';
import { loop } from './loop.ts';
import { movingHotSet } from './moving-hot-set.ts';
import type { Popularity } from './popularity.ts';
import { uniform } from './uniform.ts';
import { zipf } from './zipf.ts';

export type { Popularity, PopularitySettings } from './popularity.ts';

/** Each has a table of its own, which callers hold without looking inside. */
export const POPULARITIES = [
  uniform,
  zipf,
  hotSet,
  movingHotSet,
  loop,
] as unknown as readonly Popularity[];

export const POPULARITY_NAMES: readonly string[] = POPULARITIES.map(({ name }) => name);
