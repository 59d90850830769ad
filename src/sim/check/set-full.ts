/**
 * Sets that only grow, as clients saw them, element by element: nothing that was known is missing
 * in the end. An element that somebody removes is left out.
 *
 * Source: the `set-full` checker of Jepsen
 */
import { Type, field } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import type { Judged } from './client-history.ts';
import { checkSetFull } from './history/index.ts';
import type { HistoryValue, SetFullResult } from './history/index.ts';
import { valueKey } from './history/result.ts';

interface Args {
  readonly clients: string;
  readonly linearizable: boolean;
}

export const setFull = defineHistoryCheck<Args>({
  use: 'set-full',
  about: 'Each element of a set that was acknowledged or seen is seen for good.',
  args: Type.Object(
    {
      clients: clientsField(),
      linearizable: field.flag({
        about: 'It is in every read that begins after it was known, not only in the end.',
        default: false,
      }),
    },
    { additionalProperties: false },
  ),
  operations: ['add', 'remove', 'get-all'],
  judge: (ops, { linearizable }) => worstOf(setsOf(ops), linearizable),
});

/** By key: what was added and read of the elements that nobody removes. */
function setsOf(ops: readonly Op[]): ReadonlyMap<string, readonly Op[]> {
  const sets = new Map<string, Op[]>();
  const removed = new Map<string, Set<string | number>>();
  for (const op of ops) {
    const key = op.key ?? '';
    if (!sets.has(key)) sets.set(key, []);
    if (op.f !== 'remove') continue;
    const gone = removed.get(key) ?? new Set();
    removed.set(key, gone.add(valueKey(op.input as HistoryValue)));
  }
  for (const op of ops) {
    const key = op.key ?? '';
    const isKept = (value: HistoryValue) => removed.get(key)?.has(valueKey(value)) !== true;
    if (op.f === 'add' && isKept(op.input as HistoryValue)) sets.get(key)?.push(op);
    if (op.f !== 'get-all') continue;
    const output = ((op.output ?? []) as readonly HistoryValue[]).filter(isKept);
    sets.get(key)?.push({ ...op, f: 'read', output });
  }
  return sets;
}

/** A key of which nothing is known says nothing where another is fine. */
function worstOf(sets: ReadonlyMap<string, readonly Op[]>, linearizable: boolean): Judged {
  const results: (readonly [string, SetFullResult])[] = [];
  for (const [key, ops] of sets) {
    // A key that is no set: values that nobody added are not this check's business.
    if (ops.some(({ f }) => f === 'add')) results.push([key, checkSetFull(ops, { linearizable })]);
  }
  const steps = results.reduce((sum, [, result]) => sum + result.steps, 0);
  const base = { check: 'set-full', steps };
  const [bad] = results.filter(([, { verdict }]) => verdict === 'fail');
  if (bad !== undefined) {
    const [key, { because, window }] = bad;
    const told = because.map((why) => `Of ${key}: ${why}`);
    const culprit = window.at(-1) ?? 0;
    const explanation = { culprit, statesBefore: [], maximalPaths: [], window, because: told };
    return { ...base, verdict: 'fail', because: told, explanation };
  }
  if (results.some(([, { verdict }]) => verdict === 'pass')) return { ...base, verdict: 'pass' };
  const reason = results[0]?.[1].reason ?? 'nobody added to a set';
  return { ...base, verdict: 'unknown', reason };
}
