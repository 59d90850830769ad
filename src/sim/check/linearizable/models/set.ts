/**
 * A set: `add`, `remove`, `contains` (output boolean) and `read` (output: every element, once, in
 * any order). Adding what is there and removing what is not are legal and change nothing.
 */
import { showValue, valueKey } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { compareKeys, listText, place, showValues, unknownOperation } from './words.ts';

/** Keys of the elements with the elements. */
export type SetState = ReadonlyMap<string | number, Value>;
export type SetOutput = boolean | readonly Value[] | null;

export function setModel(initial: readonly Value[] = []): Model<SetState, Value, SetOutput> {
  return {
    name: 'set',
    init: () => new Map(initial.map((value) => [valueKey(value), value])),
    step: (state, op) => {
      const key = valueKey(op.input);
      switch (op.f) {
        case 'add':
          return state.has(key) ? state : new Map(state).set(key, op.input);
        case 'remove':
          return state.has(key) ? without(state, key) : state;
        case 'contains':
          return op.output === undefined || op.output === state.has(key) ? state : ILLEGAL;
        case 'read':
          return op.output === undefined || sameElements(state, op.output) ? state : ILLEGAL;
        default:
          throw unknownOperation('set', op.f, ['add', 'remove', 'contains', 'read']);
      }
    },
    key: (state) => listText([...state.keys()].sort(compareKeys)),
    pure: (op) => op.f === 'read' || op.f === 'contains',
    describe: (op) => {
      if (op.f === 'read') return `read${place('from', op)} ${showOutput(op.output)}`;
      if (op.f === 'add') return `added ${showValue(op.input)}${place('to', op)}`;
      if (op.f === 'remove') return `removed ${showValue(op.input)}${place('from', op)}`;
      const seen = op.output === true ? 'in' : 'missing from';
      return `saw ${showValue(op.input)} ${seen} ${op.key ?? 'the set'}`;
    },
    describeState: (state) => showValues([...state.values()]),
  };
}

function without(state: SetState, key: string | number): SetState {
  const next = new Map(state);
  next.delete(key);
  return next;
}

function sameElements(state: SetState, output: SetOutput): boolean {
  if (!isList(output) || output.length !== state.size) return false;
  const seen = new Set<string | number>();
  for (const value of output) {
    const key = valueKey(value);
    if (!state.has(key) || seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

function showOutput(output: SetOutput | undefined): string {
  return isList(output) ? showValues(output) : showValue(output);
}

function isList(output: SetOutput | undefined): output is readonly Value[] {
  return Array.isArray(output);
}
