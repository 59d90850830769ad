/**
 * A log with offsets: `append` (input a value; output its offset) and `read` (input an offset;
 * output the value there, or null beyond the end). Offsets begin at 0 and have no gaps.
 */
import { showValue } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { sequenceOf } from './sequence.ts';
import type { Sequence } from './sequence.ts';
import { place, showValues, unknownOperation } from './words.ts';

export function logModel(initial: readonly Value[] = []): Model<Sequence, Value, Value> {
  return {
    name: 'log',
    init: () => sequenceOf(initial),
    step: (state, op) => {
      const { values } = state;
      if (op.f === 'append') {
        if (typeof op.output === 'number' && op.output !== values.length) return ILLEGAL;
        return sequenceOf([...values, op.input]);
      }
      if (op.f !== 'read') throw unknownOperation('log', op.f, ['append', 'read']);
      const found = values[Number(op.input)] ?? null;
      return op.output === undefined || op.output === found ? state : ILLEGAL;
    },
    key: (state) => state.text,
    pure: (op) => op.f === 'read',
    describe: (op) =>
      op.f === 'append'
        ? `appended ${showValue(op.input)}${place('to', op)} at offset ${showValue(op.output)}`
        : `read ${showValue(op.output)} at offset ${showValue(op.input)}${place('of', op)}`,
    describeState: (state) => showValues(state.values),
  };
}
