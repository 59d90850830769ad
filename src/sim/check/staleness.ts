/**
 * How old what clients read may be, in versions and in time: the bound of a store that promises
 * bounded staleness. Clients must write values that are new for their key.
 *
 * Source: k- and t-staleness of Bailis et al., PBS (VLDB 2012).
 */
import { Type, field } from '../contracts/schema.ts';
import { asWrites, clientsField, defineHistoryCheck } from './client-history.ts';
import { checkStaleness } from './history/index.ts';

interface Args {
  readonly clients: string;
  readonly versions: number;
  readonly olderThanMs: number;
}

export const staleness = defineHistoryCheck<Args>({
  use: 'staleness',
  about: 'No read misses more than so many versions that were acknowledged so long before.',
  args: Type.Object(
    {
      clients: clientsField(),
      versions: field.count({ about: 'So many newer versions may be missed.', default: 0 }),
      olderThanMs: field.millis({
        about: 'Versions acknowledged less than this before the read began do not count.',
        default: 0,
      }),
    },
    { additionalProperties: false },
  ),
  judge: (ops, { versions, olderThanMs }) =>
    checkStaleness(asWrites(ops), {
      versionsMax: versions,
      settledMicros: olderThanMs * 1_000,
    }),
});
