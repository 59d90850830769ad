/**
 * Session guarantees of what clients saw (Terry et al. 1994).
 */
import { Type, field } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import type { Judged } from './client-history.ts';
import { SESSION_GUARANTEES, checkSession } from './history/index.ts';
import type { Guarantee } from './history/index.ts';
import { REGISTER_OPERATIONS, judgeRegisters } from './registers.ts';

interface Args {
  readonly clients: string;
  readonly guarantee: Guarantee | 'all';
}

function judgeSession(ops: readonly Op[], { guarantee }: Args): Judged {
  const guarantees = guarantee === 'all' ? SESSION_GUARANTEES : [guarantee];
  const result = checkSession(ops, { guarantees });
  const others = result.violations.length - 1;
  const { because } = result.explanation ?? result;
  if (others < 1) return { ...result, because };
  const more = `There ${others === 1 ? 'is 1 more' : `are ${others} more`} of the kind.`;
  return { ...result, because: [...because, more] };
}

export const session = defineHistoryCheck<Args>({
  use: 'session',
  about: 'Each client sees its own writes, and never goes back.',
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
  judged: REGISTER_OPERATIONS,
  judge: (all, args) => judgeRegisters(all, (ops) => judgeSession(ops, args)),
});
