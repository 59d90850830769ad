/**
 * A deep copy of plain data: what a checkpoint takes of a state that has no `save` of its own.
 *
 * Maps, sets, arrays, typed arrays and plain objects are copied; primitives are shared, and so is
 * whatever is frozen, because what is immutable may be shared.
 */
import { InvariantError } from './errors.ts';

export function clonePlain<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function') throw new InvariantError('a state holds a function');
    return value;
  }
  if (Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Map) return copyMap(value);
  if (value instanceof Set) return new Set([...value].map(copy));
  if (ArrayBuffer.isView(value)) return copyView(value);
  return copyObject(value);
}

function copyMap(value: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
  const result = new Map<unknown, unknown>();
  for (const [key, item] of value) result.set(copy(key), copy(item));
  return result;
}

function copyView(value: ArrayBufferView): unknown {
  if (value instanceof Float64Array) return value.slice();
  if (value instanceof Int32Array) return value.slice();
  if (value instanceof Uint32Array) return value.slice();
  if (value instanceof Uint8Array) return value.slice();
  throw new InvariantError('a state holds a typed array of an unusual kind');
}

function copyObject(value: object): object {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new InvariantError('a state holds an object of a class: give its behaviour a save');
  }
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    result[key] = copy((value as Record<string, unknown>)[key]);
  }
  return result;
}
