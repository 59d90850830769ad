/** A last-in first-out stack: `push`, `pop` (output null: it was empty) and `len`. */
import { showValue } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { sequenceOf } from './sequence.ts';
import type { Sequence } from './sequence.ts';
import { place, showValues, unknownOperation } from './words.ts';

export function stackModel(initial: readonly Value[] = []): Model<Sequence, Value, Value> {
  return {
    name: 'stack',
    init: () => sequenceOf(initial),
    step: (state, op) => {
      const { values } = state;
      switch (op.f) {
        case 'push':
          return sequenceOf([...values, op.input]);
        case 'pop':
          if (op.output === null) return values.length === 0 ? state : ILLEGAL;
          if (values.length === 0) return op.output === undefined ? state : ILLEGAL;
          if (op.output !== undefined && op.output !== values.at(-1)) return ILLEGAL;
          return sequenceOf(values.slice(0, -1));
        case 'len':
          return op.output === undefined || op.output === values.length ? state : ILLEGAL;
        default:
          throw unknownOperation('stack', op.f, ['push', 'pop', 'len']);
      }
    },
    key: (state) => state.text,
    pure: (op) => op.f === 'len' || (op.f === 'pop' && op.output === null),
    describe: (op) => {
      if (op.f === 'push') return `pushed ${showValue(op.input)}${place('on', op)}`;
      if (op.f === 'len') return `counted ${showValue(op.output)}${place('in', op)}`;
      return `popped ${showValue(op.output)}${place('from', op)}`;
    },
    describeState: (state) => showValues(state.values),
  };
}
