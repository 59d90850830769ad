/** What a store of rate-limit counters may be told. */
import { Type } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { field } from '../../contracts/schema.ts';
import { limitFields } from '../../traffic/limit-policy.ts';

export const limitStoreConfig = Type.Object(
  {
    ...limitFields,
    opMicros: field.count({
      about: 'What an operation costs on a core; 0: nothing.',
      default: 0,
      max: 60_000_000,
    }),
  },
  { additionalProperties: false },
);

export type LimitStoreConfig = Static<typeof limitStoreConfig>;
