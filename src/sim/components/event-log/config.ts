/** Which events a log has, and when they come. */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/group-settings.ts';
import { checkDistribution, distributionSchema } from '../../policies/distribution-schema.ts';
import { arrivalsSchema, checkArrivalWords } from '../../traffic/arrivals-schema.ts';

const partition = Type.Object(
  {
    arrivals: arrivalsSchema,
    delay: Type.Optional(distributionSchema),
    eventTimesMs: Type.Optional(
      Type.Array(Type.Integer({ description: 'A time.', unit: 'ms' }), {
        minItems: 1,
        maxItems: 10_000,
        description: 'When each event happened, if not when it came less its delay.',
      }),
    ),
    keys: field.count({
      about: 'Of how many keys its events are, in turn.',
      default: 1,
      min: 1,
      max: 10_000,
    }),
    values: Type.Array(Type.Integer({ description: 'What is summed.' }), {
      description: 'What its events count, in turn.',
      default: [1],
      minItems: 1,
      maxItems: 100,
    }),
  },
  { additionalProperties: false, description: 'A partition.' },
);
export type PartitionConfig = Static<typeof partition>;

export const eventLogConfig = Type.Object(
  {
    partitions: Type.Array(partition, {
      description: 'Its partitions, from 0.',
      default: [{}],
      minItems: 1,
      maxItems: 100,
    }),
  },
  { additionalProperties: false },
);
export type EventLogConfig = Static<typeof eventLogConfig>;

export function checkEventLog({ partitions }: EventLogConfig, { path }: GroupSettings): void {
  partitions.forEach(({ arrivals, delay, eventTimesMs }, i) => {
    const at = `${path}/config/partitions/${i}`;
    checkArrivalWords(arrivals, `${at}/arrivals`);
    if (delay !== undefined) checkDistribution(delay, `${at}/delay`, -1e9);
    if (eventTimesMs === undefined) return;
    if (delay !== undefined) {
      throw new ScenarioError('delay changes nothing: eventTimesMs says when events happened.', {
        path: `${at}/delay`,
        hint: 'Leave one of them out.',
      });
    }
    const count = arrivals.kind === 'replay' ? arrivals.timesMs.length : null;
    if (count === eventTimesMs.length) return;
    throw new ScenarioError('eventTimesMs needs arrivals at as many recorded times.', {
      path: `${at}/eventTimesMs`,
      hint:
        count === null
          ? 'Write arrivals: { kind: replay, timesMs: [...] }.'
          : `There are ${eventTimesMs.length} event times and ${count} arrivals.`,
    });
  });
}
