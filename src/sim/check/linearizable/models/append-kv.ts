/**
 * A key-value store of texts as porcupine checks it: `get`, `put` and `append`, which adds to the
 * end. A key never written holds the empty text.
 */
import { showValue } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { keyed } from './keyed.ts';
import { subject, unknownOperation } from './words.ts';

export function appendKvModel(initial = ''): Model<ReadonlyMap<string, string>, Value, Value> {
  return keyed<string, Value, Value>('append-kv', {
    name: 'append-register',
    init: () => initial,
    step: (state, op) => {
      switch (op.f) {
        case 'get':
          return op.output === undefined || op.output === state ? state : ILLEGAL;
        case 'put':
          return String(op.input);
        case 'append':
          return state + String(op.input);
        default:
          throw unknownOperation('append-kv', op.f, ['get', 'put', 'append']);
      }
    },
    key: (state) => `"${state}`,
    pure: (op) => op.f === 'get' || (op.f === 'append' && op.input === ''),
    describe: (op) => {
      if (op.f === 'get') return `read ${subject(op)}${showValue(op.output)}`;
      const what = `${subject(op)}${showValue(op.input)}`;
      return op.f === 'put' ? `wrote ${what}` : `appended ${what}`;
    },
    describeState: showValue,
  });
}
