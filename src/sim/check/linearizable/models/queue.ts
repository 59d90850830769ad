/** A first-in first-out queue: `enqueue`, `dequeue` (output null: it was empty) and `len`. */
import { showValue } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { sequenceOf } from './sequence.ts';
import type { Sequence } from './sequence.ts';
import { place, showValues, unknownOperation } from './words.ts';

export function queueModel(initial: readonly Value[] = []): Model<Sequence, Value, Value> {
  return {
    name: 'queue',
    init: () => sequenceOf(initial),
    step: (state, op) => {
      const { values } = state;
      switch (op.f) {
        case 'enqueue':
          return sequenceOf([...values, op.input]);
        case 'dequeue':
          if (op.output === null) return values.length === 0 ? state : ILLEGAL;
          if (values.length === 0) return op.output === undefined ? state : ILLEGAL;
          if (op.output !== undefined && op.output !== values[0]) return ILLEGAL;
          return sequenceOf(values.slice(1));
        case 'len':
          return op.output === undefined || op.output === values.length ? state : ILLEGAL;
        default:
          throw unknownOperation('queue', op.f, ['enqueue', 'dequeue', 'len']);
      }
    },
    key: (state) => state.text,
    pure: (op) => op.f === 'len' || (op.f === 'dequeue' && op.output === null),
    describe: (op) => {
      if (op.f === 'enqueue') return `enqueued ${showValue(op.input)}${place('in', op)}`;
      if (op.f === 'len') return `counted ${showValue(op.output)}${place('in', op)}`;
      return `dequeued ${showValue(op.output)}${place('from', op)}`;
    },
    describeState: (state) => showValues(state.values),
  };
}
