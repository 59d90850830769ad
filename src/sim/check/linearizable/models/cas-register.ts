/**
 * A register with compare-and-set. A comparison that failed is `ok` with output false.
 *
 * Logs from elsewhere report it as `fail`: with `failedCasObserved` such an operation was executed
 * and is legal only where the register held another value (porcupine); without, it never happened
 * (Knossos). The first finds more.
 */
import type { Op } from '../../../observe/history.ts';
import { showValue, valueKey } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { describeRegisterOp } from './register.ts';
import { unknownOperation } from './words.ts';

export interface CasInput {
  readonly expected: Value;
  readonly value: Value;
}

export type CasRegisterInput = Value | CasInput | undefined;

/** The names under which a history records the three operations. */
interface CasRegisterNames {
  readonly read: string;
  readonly write: string;
  readonly cas: string;
}

export interface CasRegisterOptions {
  readonly initial?: Value;
  readonly failedCasObserved?: boolean;
  readonly names?: CasRegisterNames;
}

type CasOp = Op<CasRegisterInput, Value>;

const NAMES: CasRegisterNames = { read: 'read', write: 'write', cas: 'cas' };

export function casRegisterModel(
  options: CasRegisterOptions = {},
): Model<Value, CasRegisterInput, Value> {
  const { initial = null, failedCasObserved = false, names = NAMES } = options;
  const refused = (op: CasOp): boolean =>
    op.f === names.cas && (op.outcome === 'fail' || op.output === false);
  return {
    name: 'cas-register',
    init: () => initial,
    step: (state, op) => {
      if (op.f === names.write) return op.input as Value;
      if (op.f === names.read) {
        return op.output === undefined || op.output === state ? state : ILLEGAL;
      }
      if (op.f !== names.cas) {
        throw unknownOperation('cas-register', op.f, [names.read, names.write, names.cas]);
      }
      const { expected, value } = op.input as CasInput;
      if (refused(op)) return state === expected ? ILLEGAL : state;
      return state === expected ? value : ILLEGAL;
    },
    key: valueKey,
    pure: (op) => op.f === names.read || refused(op),
    failMeansObserved: (op) => failedCasObserved && op.f === names.cas,
    describe: (op) => describeCasOp(op, names, refused(op)),
    describeState: showValue,
  };
}

function describeCasOp(op: CasOp, names: CasRegisterNames, refused: boolean): string {
  if (op.f !== names.cas) {
    const f = op.f === names.write ? 'write' : 'read';
    return describeRegisterOp({ ...op, f } as Op<Value, Value>);
  }
  const { expected, value } = op.input as CasInput;
  const name = op.key === undefined ? 'the value' : op.key;
  return refused
    ? `found ${name} other than ${showValue(expected)} (and did not set ${showValue(value)})`
    : `set ${name} from ${showValue(expected)} to ${showValue(value)}`;
}
