/** What a datacentre of a causal store may be told. */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';

export const causalStoreConfig = Type.Object(
  {
    resendMs: field.millis({
      about: 'How long without news of another datacentre until it is sent again what it lacks.',
      default: 500,
      min: 1,
      max: 600_000,
    }),
    batchMax: field.count({
      about: 'How many writes go into one message that is sent again.',
      default: 64,
      min: 1,
      max: 10_000,
    }),
  },
  { additionalProperties: false },
);

export type CausalStoreConfig = Static<typeof causalStoreConfig>;
