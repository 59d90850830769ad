/**
 * Sequential consistency of what clients saw: one order of everything that keeps what each process
 * did in its order, whatever the clock says. All keys together, because it is not local.
 */
import { Type } from '../contracts/schema.ts';
import { clientsField, defineHistoryCheck, stepsField } from './client-history.ts';
import { checkSequential } from './history/index.ts';
import { DEFAULT_BUDGET, STORE_OPERATIONS, storeModel } from './linearizable/index.ts';

interface Args {
  readonly clients: string;
  readonly steps: number;
}

export const sequential = defineHistoryCheck<Args>({
  use: 'sequential',
  about: 'There is one order of all operations that keeps that of each process, not real time.',
  args: Type.Object(
    {
      clients: clientsField(),
      steps: stepsField(),
    },
    { additionalProperties: false },
  ),
  judged: STORE_OPERATIONS,
  judge: (ops, { steps }) =>
    checkSequential(ops, storeModel() as never, { ...DEFAULT_BUDGET, steps }),
});
