/**
 * Session guarantees of what clients saw (Terry et al. 1994). Clients must write values that are
 * new for their key.
 */
import { Type, field } from '../contracts/schema.ts';
import { asWrites, clientsField, defineHistoryCheck } from './client-history.ts';
import { SESSION_GUARANTEES, checkSession } from './history/index.ts';
import type { Guarantee } from './history/index.ts';

interface Args {
  readonly clients: string;
  readonly guarantee: Guarantee | 'all';
}

export const session = defineHistoryCheck<Args>({
  use: 'session',
  about: 'Each client sees its own writes, and never goes back (values must be unique).',
  args: Type.Object(
    {
      clients: clientsField(),
      guarantee: field.choice(['all', ...SESSION_GUARANTEES], {
        about: 'Which of the four session guarantees, or all.',
        default: 'all',
      }),
    },
    { additionalProperties: false },
  ),
  judge: (ops, { guarantee }) => {
    const guarantees = guarantee === 'all' ? SESSION_GUARANTEES : [guarantee];
    const result = checkSession(asWrites(ops), { guarantees });
    const [first] = result.violations;
    if (first === undefined) return result;
    const window = [...new Set([first.earlier, first.later])];
    const { because } = result;
    const found = { culprit: first.later, statesBefore: [], maximalPaths: [], window, because };
    return { ...result, explanation: found };
  },
});
