/**
 * PRAM, or FIFO consistency, of what clients saw: each client sees the writes of every other in the
 * order in which they were made. Clients must write values that are new for their key.
 *
 * Source: Lipton and Sandberg, PRAM: a scalable shared memory (1988)
 */
import { Type } from '../contracts/schema.ts';
import { checkPram } from './causal/index.ts';
import { asWrites, clientsField, defineHistoryCheck } from './client-history.ts';

interface Args {
  readonly clients: string;
}

export const pram = defineHistoryCheck<Args>({
  use: 'pram',
  about: 'Each client sees the writes of every other in their order (values must be unique).',
  args: Type.Object({ clients: clientsField() }, { additionalProperties: false }),
  judge: (ops) => checkPram(asWrites(ops)),
});
