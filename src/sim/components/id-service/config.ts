/** What a worker that makes ids may be told. */
import { changesNothing } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { SEQUENCE_BITS, WORKER_BITS } from '../../policies/ids/index.ts';

const WORKERS_MAX = 1 << WORKER_BITS;

export const idServiceConfig = Type.Object(
  {
    firstWorker: field.count({
      about: 'The number of the first member, which is part of each of its ids.',
      default: 0,
      max: WORKERS_MAX - 1,
    }),
    numbers: field.choice(['own', 'shared'], {
      about: 'Each member has the next number; or all have that of the first, a copied setting.',
      default: 'own',
      source: 'Twitter snowflake: workers reserve their numbers in ZooKeeper',
    }),
    whenBack: field.choice(['refuse', 'wait'], {
      about: 'What comes of requests while the clock shows less than it did at the last id.',
      default: 'refuse',
      source: 'Twitter snowflake refuses (InvalidSystemClock); Meituan Leaf waits if it is short',
    }),
    sequenceBits: field.count({
      about: 'How many ids a millisecond has room for: two to the power of this.',
      default: SEQUENCE_BITS,
      max: SEQUENCE_BITS,
    }),
    sinceEpochMs: field.millis({
      about: 'How long before the run the epoch was, from which ids count.',
      default: 86_400_000,
    }),
  },
  { additionalProperties: false },
);
export type IdServiceConfig = Static<typeof idServiceConfig>;

export function checkIdService(config: IdServiceConfig, { count, path, off }: GroupSettings): void {
  const { firstWorker, numbers, whenBack } = config;
  if (whenBack === 'wait' && off?.includes('ids.clock-guard') === true) {
    throw changesNothing(
      'whenBack',
      'without ids.clock-guard a worker does not notice that its clock is back',
      `${path}/config/whenBack`,
      'Switch the rule on, or leave it out.',
    );
  }
  if (numbers === 'shared' && count === 1) {
    throw new ScenarioError('numbers changes nothing: there is one member.', {
      path: `${path}/config/numbers`,
      hint: 'Give the group more members, or leave it out.',
    });
  }
  if (numbers === 'shared' || firstWorker + count <= WORKERS_MAX) return;
  throw new ScenarioError(`The last member would have number ${firstWorker + count - 1}.`, {
    path: `${path}/config/firstWorker`,
    hint: `A number has ${WORKER_BITS} bits: the largest is ${WORKERS_MAX - 1}.`,
  });
}
