/**
 * What a schema found wrong, as a sentence for the person who wrote the value: the place, what it
 * should be with its unit, what it is, and where that can be guessed, what was meant.
 */
import { canonicalJson } from '../kernel/canonical.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { TSchema } from './schema.ts';

/** As the schema library reports it. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

interface FieldSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly unit?: string;
  readonly description?: string;
  readonly items?: FieldSchema;
  readonly properties?: { readonly [name: string]: FieldSchema };
  /** Of a record: what each of its values is. */
  readonly patternProperties?: { readonly [pattern: string]: FieldSchema };
}

const KINDS: readonly (readonly [string, string])[] = [
  ['string', 'a text'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'a set of named values'],
  ['null', 'null'],
];

/** The error of a value that stands at `path`; an empty path is the document as a whole. */
export function explain(
  schema: TSchema,
  value: unknown,
  error: SchemaError,
  path: string,
): ScenarioError {
  const where = `${path}${error.instancePath}`.replace(/^\//, '');
  const subject = where === '' ? 'The document' : where;
  let field: FieldSchema | undefined = schema as FieldSchema;
  let found: unknown = value;
  for (const name of error.instancePath.split('/').slice(1)) {
    field = partOf(field, name);
    found = (found as { readonly [name: string]: unknown } | null | undefined)?.[name];
  }
  const say = (message: string, hint = ''): ScenarioError =>
    new ScenarioError(`${subject} ${message}.`, { path: where, hint });
  if (error.keyword === 'required') {
    const { requiredProperties = [] } = error.params as { requiredProperties?: readonly string[] };
    const [first = ''] = requiredProperties;
    const about = field?.properties?.[first]?.description ?? '';
    const all = requiredProperties.join(' and ');
    return say(`lacks ${all}`, about === '' ? '' : `${first}: ${about}`);
  }
  if (field?.enum !== undefined) {
    return say(`cannot be ${shown(found)}`, didYouMean(String(found), field.enum.map(String)));
  }
  const about = field?.description ?? '';
  if (error.keyword === 'minItems') return say('needs at least one item', about);
  if (error.keyword === 'type') {
    const parts = Object.keys(field?.properties ?? {});
    const hint = parts.length > 0 ? `It has ${parts.join(', ')}.` : inUnit(found, field?.unit);
    return say(`must be ${kindOf(error, field)}, not ${shown(found)}`, hint === '' ? about : hint);
  }
  const bound = boundOf(error);
  if (bound === null) return say(`${error.message}, but it is ${shown(found)}`, about);
  return say(`must be ${bound}${unitOf(field)}, not ${shown(found)}`, about);
}

/** The schema of a part, by its name or place. */
const partOf = (field: FieldSchema | undefined, name: string): FieldSchema | undefined =>
  field?.items ?? field?.properties?.[name] ?? Object.values(field?.patternProperties ?? {})[0];

function boundOf({ keyword, params }: SchemaError): string | null {
  const { limit } = params as { readonly limit?: number };
  if (limit === undefined) return null;
  if (keyword === 'minimum') return `at least ${limit}`;
  if (keyword === 'maximum') return `at most ${limit}`;
  if (keyword === 'exclusiveMinimum') return `more than ${limit}`;
  return keyword === 'exclusiveMaximum' ? `less than ${limit}` : null;
}

const unitOf = (field: FieldSchema | undefined): string =>
  field?.unit === undefined || field.unit === '' || field.unit === 'count' ? '' : ` ${field.unit}`;

function kindOf({ params }: SchemaError, field: FieldSchema | undefined): string {
  const { type = '' } = params as { readonly type?: string };
  const unit = unitOf(field);
  if (type === 'integer') return `a whole number${unit === '' ? '' : ` of${unit}`}`;
  if (type === 'number') return `a number${unit === '' ? '' : ` of${unit}`}`;
  return KINDS.find(([name]) => name === type)?.[1] ?? `of type ${type}`;
}

const MILLIS: readonly (readonly [string, number])[] = [
  ['us', 0.001],
  ['ms', 1],
  ['s', 1_000],
  ['min', 60_000],
  ['h', 3_600_000],
];

/** For a time written with its unit: the number that was meant. */
function inUnit(value: unknown, unit: string | undefined): string {
  if (typeof value !== 'string' || unit !== 'ms') return '';
  const [, number = '', word = ''] = /^([\d.]+) ?(us|ms|s|min|h)$/.exec(value) ?? [];
  const millis = MILLIS.find(([name]) => name === word)?.[1];
  return millis === undefined ? '' : `Write ${Number(number) * millis}.`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  // What no canonical form has (not a number, infinity) is said as it is.
  return typeof value === 'number' ? String(value) : canonicalJson(value);
}
