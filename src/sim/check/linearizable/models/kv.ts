/**
 * A key-value store as its clients use it: `get`, `put` and `cas`, one register per key. The names
 * and inputs follow the `kv` contract; a key never written holds null.
 */
import type { Value } from '../../history/result.ts';
import type { Model } from '../model.ts';
import { casRegisterModel } from './cas-register.ts';
import type { CasRegisterInput } from './cas-register.ts';
import { keyed } from './keyed.ts';

export interface KvOptions {
  readonly initial?: Value;
  /** A `fail` of a cas means that the comparison failed. Default: that it never happened. */
  readonly failedCasObserved?: boolean;
}

export type KvState = ReadonlyMap<string, Value>;

export function kvModel(options: KvOptions = {}): Model<KvState, CasRegisterInput, Value> {
  const names = { read: 'get', write: 'put', cas: 'cas' };
  return keyed('kv', casRegisterModel({ ...options, names }));
}
