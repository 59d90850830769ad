/**
 * A hash of plain data by a canonical walk: equal states, equal hash, in every engine.
 *
 * Doubles count by their 64 bits (0 and -0 differ), objects by their keys in code-unit order, maps
 * and sets in insertion order, because that order is history that a run may depend on. Every value
 * starts with a word for its kind and every container with its size, so that no two shapes walk
 * alike. What is not plain data has no canonical walk and is our mistake.
 */
import { highWord, lowWord } from './bits.ts';
import { compareText } from './canonical.ts';
import { InvariantError } from './errors.ts';
import { TraceHash } from './trace-hash.ts';

const UNDEFINED = 1;
const NULL = 2;
const FALSE = 3;
const TRUE = 4;
const NUMBER = 5;
const TEXT = 6;
const LIST = 7;
const RECORD = 8;
const MAP = 9;
const SET = 10;
const TYPED = 11;

/** Deeper data is a cycle, or might as well be. */
const DEPTH_MAX = 500;

type TypedNumbers =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** 16 hex digits. */
export function stateHash(value: unknown): string {
  const hash = new TraceHash();
  walk(hash, value, 0);
  return hash.hex();
}

function walk(hash: TraceHash, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'number':
      hash.mix(NUMBER);
      mixDouble(hash, value);
      return;
    case 'string':
      hash.mix(TEXT);
      mixText(hash, value);
      return;
    case 'boolean':
      hash.mix(value ? TRUE : FALSE);
      return;
    case 'undefined':
      hash.mix(UNDEFINED);
      return;
    case 'object':
      if (value === null) hash.mix(NULL);
      else walkObject(hash, value, depth + 1);
      return;
    default:
      throw new InvariantError(`a state holds a ${typeof value}, which has no canonical form`);
  }
}

function walkObject(hash: TraceHash, value: object, depth: number): void {
  if (depth > DEPTH_MAX) throw new InvariantError('a state is cyclic, or nested too deeply');
  if (Array.isArray(value)) walkList(hash, value, depth);
  else if (ArrayBuffer.isView(value)) walkTyped(hash, value);
  else {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Map.prototype) walkMap(hash, value as Map<unknown, unknown>, depth);
    else if (prototype === Set.prototype) walkSet(hash, value as Set<unknown>, depth);
    else if (prototype === Object.prototype || prototype === null) walkRecord(hash, value, depth);
    else throw new InvariantError(`a state holds a ${nameOf(value)}, which is not plain data`);
  }
}

function walkList(hash: TraceHash, list: readonly unknown[], depth: number): void {
  hash.mix(LIST);
  hash.mix(list.length);
  for (let index = 0; index < list.length; index++) walk(hash, list[index], depth);
}

function walkMap(hash: TraceHash, map: ReadonlyMap<unknown, unknown>, depth: number): void {
  hash.mix(MAP);
  hash.mix(map.size);
  for (const [key, value] of map) {
    walk(hash, key, depth);
    walk(hash, value, depth);
  }
}

function walkSet(hash: TraceHash, set: ReadonlySet<unknown>, depth: number): void {
  hash.mix(SET);
  hash.mix(set.size);
  for (const value of set) walk(hash, value, depth);
}

function walkRecord(hash: TraceHash, record: object, depth: number): void {
  const fields = record as Record<string, unknown>;
  const keys = Object.keys(fields).sort(compareText);
  hash.mix(RECORD);
  hash.mix(keys.length);
  for (const key of keys) {
    mixText(hash, key);
    walk(hash, fields[key], depth);
  }
}

function walkTyped(hash: TraceHash, view: ArrayBufferView): void {
  if (!isTypedNumbers(view)) {
    throw new InvariantError(`a state holds a ${nameOf(view)}, which is not plain data`);
  }
  hash.mix(TYPED);
  mixText(hash, view.constructor.name);
  hash.mix(view.length);
  const wide = view instanceof Float64Array || view instanceof Float32Array;
  for (let index = 0; index < view.length; index++) {
    if (wide) mixDouble(hash, view[index]!);
    else hash.mix(view[index]!);
  }
}

function isTypedNumbers(view: ArrayBufferView): view is TypedNumbers {
  return (
    view instanceof Int32Array ||
    view instanceof Float64Array ||
    view instanceof Uint8Array ||
    view instanceof Uint32Array ||
    view instanceof Int8Array ||
    view instanceof Uint8ClampedArray ||
    view instanceof Int16Array ||
    view instanceof Uint16Array ||
    view instanceof Float32Array
  );
}

function mixDouble(hash: TraceHash, x: number): void {
  hash.mix(lowWord(x));
  hash.mix(highWord(x));
}

/** Two code units a word: a text weighs as much as its characters, not just a 32-bit digest. */
function mixText(hash: TraceHash, text: string): void {
  const length = text.length;
  hash.mix(length);
  for (let index = 0; index < length; index += 2) {
    const second = index + 1 < length ? text.charCodeAt(index + 1) : 0;
    hash.mix(text.charCodeAt(index) | (second << 16));
  }
}

function nameOf(value: object): string {
  const maker: unknown = (value as { constructor?: unknown }).constructor;
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'nameless object';
}
