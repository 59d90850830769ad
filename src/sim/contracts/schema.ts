/**
 * Schemas of everything a user may write: configuration, parameters, arguments of faults and
 * checks.
 *
 * One schema gives validation, the inspector's controls, the document format and the reference
 * pages. It is JSON Schema (through TypeBox), so it is data and travels as data. Each field says
 * its type, unit, default, bounds, one sentence and, where a real system has it, the source.
 */
import Type from 'typebox';
import * as Value from 'typebox/value';
import type { Static, TEnum, TObject, TSchema } from 'typebox';
import { LONGEST_MS } from '../kernel/time.ts';

export type { Static, TObject, TSchema };
export { Type, Value };

export interface FieldDoc {
  /** One sentence for people. */
  readonly about: string;
  /** Where the name and the default come from. */
  readonly source?: string;
}
/** What a text may name: it must then exist in the plan or the registry. */
export type Named = 'group' | 'fact' | 'predicate';

interface Bounded extends FieldDoc {
  readonly default: number;
  readonly min?: number;
  readonly max?: number;
}
interface BoundedMillis extends Bounded {
  /** What never comes in a run that is over before so long has passed: "it is never ready". */
  readonly withinRun?: string;
}

const doc = (field: FieldDoc): { description: string; source?: string } =>
  field.source === undefined
    ? { description: field.about }
    : { description: field.about, source: field.source };

const bounds = (field: Bounded): { minimum?: number; maximum?: number } => ({
  ...(field.min === undefined ? {} : { minimum: field.min }),
  ...(field.max === undefined ? {} : { maximum: field.max }),
});

/** The builders of fields. A duration is written in milliseconds by people and documents. */
export const field = {
  /** A duration in milliseconds (fractions down to a microsecond), at most the longest delay. */
  millis: (f: BoundedMillis) =>
    Type.Number({
      ...doc(f),
      ...bounds({ min: 0, max: LONGEST_MS, ...f }),
      default: f.default,
      unit: 'ms',
      ...(f.withinRun === undefined ? {} : { withinRun: f.withinRun }),
    }),
  /** A whole number of things. */
  count: (f: Bounded) =>
    Type.Integer({ ...doc(f), ...bounds({ min: 0, ...f }), default: f.default, unit: 'count' }),
  /** A probability from 0 to 1. */
  probability: (f: Bounded) =>
    Type.Number({ ...doc(f), ...bounds({ min: 0, max: 1, ...f }), default: f.default, unit: '' }),
  /** Any other number with its unit. */
  number: (f: Bounded & { readonly unit: string }) =>
    Type.Number({ ...doc(f), ...bounds(f), default: f.default, unit: f.unit }),
  flag: (f: FieldDoc & { readonly default: boolean }) =>
    Type.Boolean({ ...doc(f), default: f.default }),
  text: (f: FieldDoc & { readonly default: string; readonly names?: Named }) =>
    Type.String({
      ...doc(f),
      default: f.default,
      ...(f.names === undefined ? {} : { names: f.names }),
    }),
  /** One of a few words. */
  choice: <const T extends readonly string[]>(
    options: T,
    f: FieldDoc & { readonly default: T[number] },
  ): TEnum<T[number][]> =>
    Type.Enum([...options] as T[number][], { ...doc(f), default: f.default }),
} as const;
