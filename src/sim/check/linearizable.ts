/**
 * Linearizability of what clients saw, judged at the end from the recorded history, each key on
 * its own. A failure names the smallest set of operations that cannot be ordered.
 *
 * It judges the operations of its model and no others: linearizability is local (Herlihy and Wing
 * 1990, theorem 1), so what clients ask of other objects has no say in it.
 */
import { Type, field } from '../contracts/schema.ts';
import { clientsField, defineHistoryCheck, stepsField } from './client-history.ts';
import {
  DEFAULT_BUDGET,
  STORE_OPERATIONS,
  checkLinearizable,
  storeModel,
} from './linearizable/index.ts';

interface Args {
  readonly model: 'kv';
  readonly clients: string;
  readonly steps: number;
}

export const linearizable = defineHistoryCheck<Args>({
  use: 'linearizable',
  about: 'There is one order of all operations that every client could have seen, in real time.',
  args: Type.Object(
    {
      model: field.choice(['kv'], {
        about:
          'What the object is: a store of registers, and of what clients make counters and sets.',
        default: 'kv',
      }),
      clients: clientsField(),
      steps: stepsField(),
    },
    { additionalProperties: false },
  ),
  judged: STORE_OPERATIONS,
  judge: (ops, { steps }) =>
    checkLinearizable(ops, storeModel() as never, { ...DEFAULT_BUDGET, steps }),
});
