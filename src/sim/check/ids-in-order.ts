/**
 * Ids in the order of time: whoever asks after another was answered is given a larger id. With a
 * slack, only if he asks so much later: ids that are "roughly" in order.
 *
 * Source: Twitter, Announcing Snowflake (2010): "roughly sortable", k-sorted
 */
import { Type, field } from '../contracts/schema.ts';
import { ms } from '../kernel/time.ts';
import type { Op } from '../observe/history.ts';
import { compareIds } from '../policies/ids/index.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import type { Judged } from './client-history.ts';

interface Args {
  readonly clients: string;
  readonly slackMs: number;
}

export const idsInOrder = defineHistoryCheck<Args>({
  use: 'ids-in-order',
  about: 'An id that is asked for after another was given is the larger one.',
  args: Type.Object(
    {
      clients: clientsField(),
      slackMs: field.millis({
        about: 'Only of ids that are asked for so much later.',
        default: 0,
      }),
    },
    { additionalProperties: false },
  ),
  operations: ['generate'],
  judge: (ops, { slackMs }) => judge(ops, ms(slackMs)),
});

function judge(ops: readonly Op[], slackMicros: number): Judged {
  const given = ops.filter(({ outcome }) => outcome === 'ok');
  const base = { check: 'ids-in-order', steps: given.length };
  if (given.length === 0) {
    return { ...base, verdict: 'unknown', reason: 'nobody was given an id' };
  }
  const asked = [...given].sort((a, b) => a.call - b.call);
  const answered = [...given].sort((a, b) => a.ret - b.ret);
  /** The largest that was given early enough before the one that is looked at. */
  let largest: Op | null = null;
  let next = 0;
  const wrong: (readonly [Op, Op])[] = [];
  for (const op of asked) {
    for (; next < answered.length; next++) {
      const before = answered[next];
      if (before === undefined || !isBefore(before, op, slackMicros)) break;
      if (largest === null || compareIds(idOf(before), idOf(largest)) > 0) largest = before;
    }
    if (largest !== null && compareIds(idOf(op), idOf(largest)) <= 0) wrong.push([largest, op]);
  }
  const [first] = wrong;
  if (first === undefined) return { ...base, verdict: 'pass' };
  const [earlier, later] = first;
  const because = [
    `${idOf(later)} was asked for after ${idOf(earlier)} was given, and is not larger.`,
    `So are ${wrong.length} of ${given.length} ids.`,
  ];
  const window = [earlier.id, later.id];
  const explanation = { culprit: later.id, statesBefore: [], maximalPaths: [], window, because };
  return { ...base, verdict: 'fail', because, explanation };
}

const idOf = ({ output }: Op): string => output as string;

const isBefore = (a: Op, b: Op, slackMicros: number): boolean =>
  a.ret < b.call && (a.retMicros ?? 0) + slackMicros <= (b.callMicros ?? 0);
