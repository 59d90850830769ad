/**
 * Several registers changed and read together: one operation `txn` is a list of reads and writes of
 * named registers that happens at one moment. `read` and `write` of a list are the same.
 *
 * A read inside of it without a value has an unknown result and is always legal (Knossos).
 */
import type { Op } from '../../../observe/history.ts';
import { showValue, valueKey } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { compareKeys, listText, unknownOperation } from './words.ts';

export type RegisterStep = readonly [f: 'read' | 'write', register: string, value?: Value];
export type Registers = ReadonlyMap<string, Value>;
type StepsOp = Op<readonly RegisterStep[], readonly RegisterStep[]>;

const OPERATIONS = Object.freeze(['txn', 'read', 'write']);

export function multiRegisterModel(
  initial: readonly (readonly [register: string, value: Value])[] = [],
): Model<Registers, readonly RegisterStep[], readonly RegisterStep[]> {
  return {
    name: 'multi-register',
    init: () => new Map(initial),
    step: (state, op) => {
      if (!OPERATIONS.includes(op.f)) throw unknownOperation('multi-register', op.f, OPERATIONS);
      let next: Map<string, Value> | undefined;
      for (const [f, register, value] of stepsOf(op)) {
        if (f === 'write') (next ??= new Map(state)).set(register, value ?? null);
        else if (value !== undefined && (next ?? state).get(register) !== value) {
          // A register that was never written holds null.
          if (value !== null || (next ?? state).has(register)) return ILLEGAL;
        }
      }
      return next ?? state;
    },
    key: (state) => {
      const parts: (number | string)[] = [];
      for (const register of [...state.keys()].sort(compareKeys)) {
        const value = state.get(register) ?? null;
        // Never written and written back to null are one state.
        if (value !== null) parts.push(register, valueKey(value));
      }
      return listText(parts);
    },
    pure: (op) => OPERATIONS.includes(op.f) && stepsOf(op).every(([f]) => f === 'read'),
    describe: (op) => stepsOf(op).map(describeStep).join(' and '),
    describeState: (state) =>
      [...state].map(([register, value]) => `${register} = ${showValue(value)}`).join(', ') ||
      'nothing',
  };
}

/** What was read is in the output; before an answer came, only what was asked is known. */
function stepsOf(op: StepsOp): readonly RegisterStep[] {
  return op.output ?? op.input;
}

function describeStep([f, register, value]: RegisterStep): string {
  return `${f === 'write' ? 'wrote' : 'read'} ${register} = ${showValue(value)}`;
}
