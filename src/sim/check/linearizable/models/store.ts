/**
 * A key-value store with all that its clients may ask of a key: a register with compare-and-set,
 * which a key that is incremented makes a counter of, and one that is added to a set.
 *
 * What was never written counts from 0 and has no elements. A plain read of a set shows one of its
 * elements, a read of all values every one; of a register that read is not judged here, because
 * what holds several values is none.
 */
import type { Op } from '../../../observe/history.ts';
import { showValue, valueKey } from '../../history/result.ts';
import type { Value } from '../../history/result.ts';
import { ILLEGAL } from '../model.ts';
import type { Model } from '../model.ts';
import { casRegisterModel } from './cas-register.ts';
import type { CasRegisterInput } from './cas-register.ts';
import { keyed } from './keyed.ts';
import { setModel } from './set.ts';
import type { SetOutput, SetState } from './set.ts';
import { place } from './words.ts';

type Input = CasRegisterInput;
type Output = Value | SetOutput;
export type Held = Value | SetState;

/** Names of its operations, as clients of the contract `kv` record them. */
export const STORE_OPERATIONS: readonly string[] = Object.freeze([
  'get',
  'get-all',
  'put',
  'cas',
  'assign',
  'increment',
  'add',
  'remove',
]);

const ofRegister = casRegisterModel({ names: { read: 'get', write: 'put', cas: 'cas' } });
const ofSet = setModel();

const isSet = (held: Held): held is SetState => typeof held === 'object' && held !== null;
const asSet = (op: Op<Input, Output>, f = op.f) => ({ ...op, f }) as Op<Value, SetOutput>;
const asRegister = (op: Op<Input, Output>, f = op.f) => ({ ...op, f }) as Op<Input, Value>;

function stepOf(held: Held, op: Op<Input, Output>): Held | typeof ILLEGAL {
  switch (op.f) {
    case 'increment':
      return (typeof held === 'number' ? held : 0) + (op.input as number);
    case 'assign':
      return op.input as Value;
    case 'add':
    case 'remove':
      return ofSet.step(isSet(held) ? held : ofSet.init(), asSet(op));
    case 'get-all':
      return isSet(held) ? ofSet.step(held, asSet(op, 'read')) : held;
  }
  if (!isSet(held)) return ofRegister.step(held, asRegister(op));
  if (op.f !== 'get') return op.f === 'put' ? (op.input as Value) : held;
  if (op.output === undefined) return held;
  const seen = op.output as Value;
  return (seen === null && held.size === 0) || held.has(valueKey(seen)) ? held : ILLEGAL;
}

function describe(op: Op<Input, Output>): string {
  if (op.f === 'increment') return `added ${showValue(op.input as Value)}${place('to', op)}`;
  if (op.f === 'assign') return ofRegister.describe(asRegister(op, 'put'));
  if (op.f === 'add' || op.f === 'remove') return ofSet.describe(asSet(op));
  return op.f === 'get-all'
    ? ofSet.describe(asSet(op, 'read'))
    : ofRegister.describe(asRegister(op));
}

export function storeModel(): Model<ReadonlyMap<string, Held>, Input, Output> {
  return keyed<Held, Input, Output>('store', {
    name: 'store',
    init: () => null,
    step: stepOf,
    key: (held) => (isSet(held) ? `set ${ofSet.key(held)}` : valueKey(held)),
    pure: (op) => op.f === 'get' || op.f === 'get-all' || (op.f === 'cas' && op.output === false),
    describe,
    describeState: (held) => (isSet(held) ? ofSet.describeState(held) : showValue(held)),
  });
}
