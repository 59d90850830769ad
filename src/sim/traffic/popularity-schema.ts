/** Which objects are asked for or written, as a user writes it. */
import { word } from '../contracts/needs.ts';
import type { Need } from '../contracts/needs.ts';
import { Type, field } from '../contracts/schema.ts';
import { POPULARITY_NAMES } from '../policies/popularity/index.ts';

const strict = { additionalProperties: false } as const;

const POPULARITY_NEEDS: readonly Need[] = [
  { settings: ['alpha'], any: [word('kind', 'zipf')] },
  { settings: ['hotKeys', 'hotRequests'], any: [word('kind', 'hot-set', 'moving-hot-set')] },
  { settings: ['moveEveryMs'], any: [word('kind', 'moving-hot-set')] },
  { settings: ['stepMs'], any: [word('kind', 'loop')] },
];

/** @param things what spreads over the objects */
export const popularitySchema = (things: string) =>
  Type.Object(
    {
      kind: field.choice(POPULARITY_NAMES, {
        about: `How ${things} spread over the objects.`,
        default: 'uniform',
      }),
      keys: field.count({ about: 'Objects.', default: 1_000, min: 1, max: 1_000_000 }),
      alpha: field.number({
        about: 'Of zipf: the exponent.',
        default: 1,
        min: 0,
        max: 10,
        unit: '',
      }),
      hotKeys: field.probability({ about: 'Of a hot set: its share of objects.', default: 0.2 }),
      hotRequests: field.probability({
        about: `Of a hot set: its share of ${things}.`,
        default: 0.8,
      }),
      moveEveryMs: field.millis({
        about: 'Of moving-hot-set: how long a hot set lasts.',
        default: 60_000,
        min: 0.001,
      }),
      stepMs: field.millis({
        about: 'Of loop: how long one object is asked for.',
        default: 1,
        min: 0.001,
      }),
    },
    { ...strict, default: {}, description: 'Which objects.', needs: POPULARITY_NEEDS },
  );
