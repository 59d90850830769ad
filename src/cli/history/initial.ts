/**
 * What `--initial` gives: the first value of an object, in the shape that its model takes.
 *
 * Invariant: a value of another shape is refused; dropped, the history would be judged from nil.
 */
import { ScenarioError } from '../../sim/index.ts';
import type { HistoryValue } from '../../sim/index.ts';
import { readForms } from './edn.ts';
import type { Form } from './edn.ts';
import { showForm } from './entries.ts';
import { holdsNaN, isAmount, pairsOfMap, scalar } from './values.ts';

export type InitialShape = 'value' | 'number' | 'map';

const WANTED: Readonly<Record<InitialShape, string>> = Object.freeze({
  value: 'one value, like 0',
  number: 'a finite number below 2^53, like 0',
  map: "a map of registers to values, like '{x 0, y 0}'",
});

export interface Initial {
  readonly initial: HistoryValue | undefined;
  readonly initialMap: readonly (readonly [string, HistoryValue])[];
}

export function initialOf(
  text: string | undefined,
  { name, initial: shape }: { readonly name: string; readonly initial: InitialShape | undefined },
): Initial {
  if (text === undefined || shape === undefined) return { initial: undefined, initialMap: [] };
  const [form, ...more] = readForms(text, '--initial', 'edn');
  if (form === undefined || more.length > 0) {
    throw new ScenarioError(`--initial is one value, not "${text}".`);
  }
  if (!fits(form, shape)) {
    throw new ScenarioError(
      `--initial of the model ${name} is ${WANTED[shape]}, not ${showForm(form)}.`,
    );
  }
  return shape === 'map'
    ? { initial: undefined, initialMap: pairsOfMap(form) }
    : { initial: scalar(form), initialMap: [] };
}

function fits(form: Form, shape: InitialShape): boolean {
  if (holdsNaN(form)) return false;
  if (shape === 'number') return isAmount(form);
  return (form.kind === 'map') === (shape === 'map');
}
