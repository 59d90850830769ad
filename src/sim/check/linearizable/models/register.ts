/**
 * A register: `read` returns what the last `write` stored.
 *
 * A completed read without an output has an unknown result and is always legal (Knossos).
 */
import type { Op } from '../../../observe/history.ts';
import { showValue, valueKey } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { subject, unknownOperation } from './words.ts';

export function registerModel(initial: Value = null): Model<Value, Value, Value> {
  return {
    name: 'register',
    init: () => initial,
    step: (state, op) => {
      if (op.f === 'write') return op.input;
      if (op.f === 'read') return op.output === undefined || op.output === state ? state : ILLEGAL;
      throw unknownOperation('register', op.f, ['read', 'write']);
    },
    key: valueKey,
    pure: (op) => op.f === 'read',
    describe: describeRegisterOp,
    describeState: showValue,
  };
}

/** "read x = 1", "wrote x = 2". */
export function describeRegisterOp(op: Op<Value, Value>): string {
  return op.f === 'write'
    ? `wrote ${subject(op)}${showValue(op.input)}`
    : `read ${subject(op)}${showValue(op.output)}`;
}
