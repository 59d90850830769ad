/**
 * Causal consistency of what clients saw: nobody sees an effect without its cause.
 */
import { Type, field } from '../contracts/schema.ts';
import { CAUSAL_LEVELS, checkCausal } from './causal/index.ts';
import type { CausalLevel } from './causal/index.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import { REGISTER_OPERATIONS, judgeRegisters } from './registers.ts';

interface Args {
  readonly clients: string;
  readonly level: CausalLevel;
}

export const causal = defineHistoryCheck<Args>({
  use: 'causal',
  about: 'No client sees an effect without its cause.',
  args: Type.Object(
    {
      clients: clientsField(),
      level: field.choice([...CAUSAL_LEVELS], {
        about:
          'Causal (CC); convergent: all may also agree on the order of writes (CCv); memory: ' +
          'each can order what it knows so that its own reads are right (CM).',
        default: 'causal',
      }),
    },
    { additionalProperties: false },
  ),
  judged: REGISTER_OPERATIONS,
  judge: (all, { level }) => judgeRegisters(all, (ops) => checkCausal(ops, { level })),
});
