/**
 * Causal consistency of what clients saw: nobody sees an effect without its cause. Clients must
 * write values that are new for their key.
 */
import { Type, field } from '../contracts/schema.ts';
import { CAUSAL_LEVELS, checkCausal } from './causal/index.ts';
import type { CausalLevel } from './causal/index.ts';
import { asWrites, clientsField, defineHistoryCheck } from './client-history.ts';

interface Args {
  readonly clients: string;
  readonly level: CausalLevel;
}

export const causal = defineHistoryCheck<Args>({
  use: 'causal',
  about: 'No client sees an effect without its cause (values must be unique).',
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
  judge: (ops, { level }) => checkCausal(asWrites(ops), { level }),
});
