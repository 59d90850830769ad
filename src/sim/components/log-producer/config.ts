/** What a producer may be told: its load, and Kafka's settings by their names. */
import { over } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { arrivalsSchema } from '../../traffic/arrivals-schema.ts';
import { writerFields } from '../../traffic/log-writer/words.ts';
import { popularitySchema } from '../../traffic/popularity-schema.ts';

const strict = { additionalProperties: false } as const;
const DAY_MS = 86_400_000;

export const logProducerConfig = Type.Object(
  {
    topic: field.text({ about: 'Where it writes; empty: the first topic.', default: '' }),
    arrivals: arrivalsSchema,
    popularity: popularitySchema('records'),
    hasKeys: field.flag({ about: 'Records have keys.', default: true }),
    tombstoneShare: field.probability({
      about: 'So many of the records are tombstones: their key is gone.',
      default: 0,
    }),
    startMs: field.millis({ about: 'When the load begins.', default: 0, max: DAY_MS }),
    stopMs: field.millis({
      about: 'When no new record comes any more; 0: never.',
      default: 0,
      max: DAY_MS,
    }),
    poisonEvery: field.count({
      about: 'Each so many-th record can never be worked on; 0: none.',
      default: 0,
    }),
    poisonMax: field.count({ about: 'So many of these and no more; 0: no bound.', default: 0 }),
    transactionalId: field.text({
      about: 'It writes in transactions under this name: its number is added. Empty: without.',
      default: '',
      source: 'Kafka transactional.id',
    }),
    ...writerFields,
  },
  {
    ...strict,
    needs: [
      { settings: ['poisonMax'], any: [over('poisonEvery')] },
      { settings: ['popularity', 'tombstoneShare'], any: [{ at: 'hasKeys', is: [true] }] },
      { settings: ['partitionerIgnoreKeys'], any: [{ at: 'hasKeys', is: [true] }] },
      {
        settings: ['partitionerAdaptivePartitioningEnable', 'partitionerIgnoreKeys'],
        any: [{ at: 'partitioner', is: ['built-in'] }],
      },
    ],
  },
);

export type LogProducerConfig = Static<typeof logProducerConfig>;
