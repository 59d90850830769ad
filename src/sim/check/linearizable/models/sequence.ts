/**
 * An immutable sequence of values with its key kept beside it: the state of queues and stacks.
 *
 * Invariant: `text` is equal exactly for equal sequences.
 */
import { valueKey } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { listText } from './words.ts';

export interface Sequence {
  readonly values: readonly Value[];
  readonly text: string;
}

export function sequenceOf(values: readonly Value[]): Sequence {
  return { values, text: listText(values.map(valueKey)) };
}
