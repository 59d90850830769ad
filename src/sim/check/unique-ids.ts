/**
 * Ids that clients were given: how many came more than once. Counted are the answers beyond the
 * first of each id.
 *
 * Source: the `unique-ids` checker of Jepsen
 */
import { Type } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { plural } from '../kernel/plural.ts';
import { checkBounds, countBound } from './bounds.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import type { Judged } from './client-history.ts';

interface Args {
  readonly clients: string;
  readonly atLeast: number | null;
  readonly atMost: number | null;
}

export const uniqueIds = defineHistoryCheck<Args>({
  use: 'unique-ids',
  about: 'No id is given out twice; or so many answers, at least and at most, repeat one.',
  args: Type.Object(
    {
      clients: clientsField(),
      atLeast: countBound('The least answers that repeat an id; null: no bound.'),
      atMost: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
        description: 'The most; null: no bound.',
        default: 0,
      }),
    },
    { additionalProperties: false },
  ),
  operations: ['generate'],
  check({ atLeast, atMost }, path) {
    checkBounds({ atLeast: atLeast === 0 ? null : atLeast, atMost }, path);
  },
  judge: (ops, args) => judge(ops, args),
});

function judge(ops: readonly Op[], { atLeast, atMost }: Args): Judged {
  const base = { check: 'unique-ids', steps: ops.length };
  const first = new Map<string, Op>();
  const again: Op[] = [];
  for (const op of ops) {
    if (op.outcome !== 'ok') continue;
    const id = op.output as string;
    if (first.has(id)) again.push(op);
    else first.set(id, op);
  }
  const count = again.length;
  const told =
    `${plural(first.size, 'id')} in ${plural(first.size + count, 'answer')}: ` +
    `${count} came again.`;
  if (count >= (atLeast ?? 0) && count <= (atMost ?? Infinity)) {
    if (first.size === 0) return { ...base, verdict: 'unknown', reason: 'nobody was given an id' };
    return { ...base, verdict: 'pass', reason: told };
  }
  const [culprit] = again;
  if (culprit === undefined) return { ...base, verdict: 'fail', because: [told] };
  const id = culprit.output as string;
  const earlier = first.get(id) ?? culprit;
  const because = [`${id} was given to ${nameOf(earlier)} and to ${nameOf(culprit)}.`, told];
  const window = [earlier.id, culprit.id];
  const explanation = { culprit: culprit.id, statesBefore: [], maximalPaths: [], window, because };
  return { ...base, verdict: 'fail', because, explanation };
}

function nameOf({ client, process, retMicros }: Op): string {
  const at = retMicros === undefined ? '' : ` at ${retMicros / 1_000} ms`;
  return `${client ?? `process ${process}`}${at}`;
}
