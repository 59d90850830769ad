/**
 * PRAM, or FIFO consistency, of what clients saw: each client sees the writes of every other in the
 * order in which they were made.
 *
 * Source: Lipton and Sandberg, PRAM: a scalable shared memory (1988)
 */
import { Type } from '../contracts/schema.ts';
import { checkPram } from './causal/index.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import { REGISTER_OPERATIONS, judgeRegisters } from './registers.ts';

interface Args {
  readonly clients: string;
}

export const pram = defineHistoryCheck<Args>({
  use: 'pram',
  about: 'Each client sees the writes of every other in their order.',
  args: Type.Object({ clients: clientsField() }, { additionalProperties: false }),
  judged: REGISTER_OPERATIONS,
  judge: (all) => judgeRegisters(all, (ops) => checkPram(ops)),
});
