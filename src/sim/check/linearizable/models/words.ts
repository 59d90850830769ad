/** Wording and errors that the models share. */
import { ScenarioError } from '../../../kernel/errors.ts';
import type { Op } from '../../../observe/history.ts';
import { showValue } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';

/** "x = " where the operation names a key. */
export function subject(op: Op): string {
  return op.key === undefined ? '' : `${op.key} = `;
}

/** " to x" where the operation names a key. */
export function place(preposition: string, op: Op): string {
  return op.key === undefined ? '' : ` ${preposition} ${op.key}`;
}

export function showValues(values: readonly Value[] | undefined): string {
  return values === undefined ? '?' : `[${values.map(showValue).join(', ')}]`;
}

export function unknownOperation(
  model: string,
  f: string,
  known: readonly string[],
): ScenarioError {
  return new ScenarioError(`the model "${model}" knows no operation "${f}"`, {
    path: 'history',
    hint: `its operations are ${known.join(', ')}`,
  });
}

/** Strings by code units, numbers before strings: a total order of keys. */
export function compareKeys(a: number | string, b: number | string): number {
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'number' ? -1 : 1;
}

/** One text for a list of keys: the same exactly for the same list, thanks to the lengths. */
export function listText(keys: readonly (number | string)[]): string {
  let text = '';
  for (const key of keys) {
    text += typeof key === 'number' ? `n${key},` : `s${key.length}:${key},`;
  }
  return text;
}
