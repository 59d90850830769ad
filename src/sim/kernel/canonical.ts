/**
 * JSON in one canonical form: the text that plan hashes and run specifications are made from.
 *
 * Invariant: values that are equal as data give the same text, whatever the order in which their
 * keys were written, and different ones give different texts. So what JSON would quietly change
 * (NaN, infinities, -0, holes, maps, functions) is refused. A field that is undefined is absent,
 * as in JSON. The value is the user's: a plan, parameters, a specification.
 */
import { ScenarioError } from './errors.ts';

/** Order by UTF-16 code units: the same in every engine and locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function canonicalJson(value: unknown): string {
  return write(value, '');
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return writeNumber(value, path);
  if (Array.isArray(value)) {
    // Array.from turns holes into undefined, which is refused below.
    const items: unknown[] = Array.from(value as unknown[]);
    return `[${items.map((item, index) => write(item, `${path}/${index}`)).join(',')}]`;
  }
  if (typeof value === 'object') return writeRecord(value, path);
  throw refusal(`a ${typeof value}`, path);
}

function writeNumber(value: number, path: string): string {
  if (!Number.isFinite(value)) throw refusal(String(value), path);
  if (value === 0 && 1 / value < 0) throw refusal('-0', path);
  // ECMA-262 fixes the shortest digits that give the same double back.
  return String(value);
}

function writeRecord(value: object, path: string): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw refusal('an object that is not plain', path);
  }
  const fields = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(fields).sort(compareText)) {
    const field = fields[key];
    if (field === undefined) continue;
    parts.push(`${JSON.stringify(key)}:${write(field, `${path}/${key}`)}`);
  }
  return `{${parts.join(',')}}`;
}

function refusal(what: string, path: string): ScenarioError {
  return new ScenarioError(`${what} cannot be written down as JSON and read back the same`, {
    path: path === '' ? '/' : path,
    hint: 'Use finite numbers, texts, booleans, null, lists and plain objects.',
  });
}
