/**
 * Sequential consistency of what clients saw: one order of everything that keeps what each process
 * did in its order, whatever the clock says. All keys together, because it is not local.
 */
import { Type } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { plural } from '../kernel/plural.ts';
import { clientsField, defineHistoryCheck, stepsField } from './client-history.ts';
import { checkSequential } from './history/index.ts';
import { actorOf } from './history/result.ts';
import { DEFAULT_BUDGET, STORE_OPERATIONS, storeModel } from './linearizable/index.ts';
import type { Model } from './linearizable/index.ts';

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
  judge(ops, { steps }) {
    const result = checkSequential(ops, model, { ...DEFAULT_BUDGET, steps });
    return result.verdict === 'pass' ? { ...result, reason: orderIn(ops, result.witness) } : result;
  },
});

const model = storeModel() as Model<unknown>;
const SHOWN_MAX = 6;

/** The order that was found, as far as a line of text goes. */
function orderIn(ops: readonly Op[], witness: readonly number[] = []): string {
  const byId = new Map(ops.map((op) => [op.id, op]));
  const shown = witness.slice(0, SHOWN_MAX).flatMap((id) => byId.get(id) ?? []);
  const told = shown.map((op) => `${actorOf(op)} ${model.describe(op)}`).join(', then ');
  const more = witness.length - shown.length;
  const rest = more > 0 ? `, and so on for ${more} more` : '';
  return `${plural(ops.length, 'operation')}, for instance in this order: ${told}${rest}`;
}
