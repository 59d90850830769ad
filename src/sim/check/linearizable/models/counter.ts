/** A counter: `add` (input may be negative; an output, if any, is the new value) and `read`. */
import { showValue } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { place, subject, unknownOperation } from './words.ts';

export function counterModel(initial = 0): Model<number, number, number> {
  return {
    name: 'counter',
    init: () => initial,
    step: (state, op) => {
      if (op.f === 'read') return op.output === undefined || op.output === state ? state : ILLEGAL;
      if (op.f !== 'add') throw unknownOperation('counter', op.f, ['read', 'add']);
      const next = state + op.input;
      return typeof op.output === 'number' && op.output !== next ? ILLEGAL : next;
    },
    key: (state) => state,
    pure: (op) => op.f === 'read' || op.input === 0,
    describe: (op) =>
      op.f === 'read'
        ? `read ${subject(op)}${showValue(op.output)}`
        : `added ${op.input}${place('to', op)}`,
    describeState: String,
  };
}
