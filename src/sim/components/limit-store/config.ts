/** What a store of rate-limit counters may be told. */
import type { Need } from '../../contracts/needs.ts';
import { Type } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { field } from '../../contracts/schema.ts';
import { limitFields, limiterReading } from '../../traffic/limit-policy.ts';

const NEEDS: readonly Need[] = [{ settings: ['burst'], any: [limiterReading('burst')] }];

export const limitStoreConfig = Type.Object(
  {
    ...limitFields,
    opMicros: field.count({
      about: 'What an operation costs on a core; 0: nothing.',
      default: 0,
      max: 60_000_000,
    }),
  },
  { additionalProperties: false, needs: NEEDS },
);

export type LimitStoreConfig = Static<typeof limitStoreConfig>;
