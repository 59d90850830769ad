/**
 * Checks what a user wrote against a schema and fills in the defaults. The first thing that is
 * wrong becomes one sentence with the place and the nearest valid choice.
 */
import { canonicalJson } from '../kernel/canonical.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { Value } from './schema.ts';
import type { Static, TObject, TSchema } from './schema.ts';

interface FieldSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly unit?: string;
}

/** Returns a fresh value with every default filled in, or throws a ScenarioError. */
export function validate<T extends TObject>(schema: T, given: unknown, path: string): Static<T> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ScenarioError(`${path} must be a set of named values.`, { path });
  }
  const filled = Value.Default(schema, Value.Clone(given)) as Record<string, unknown>;
  checkNames(schema, filled, path);
  const error = Value.Errors(schema, filled)[0];
  if (error !== undefined) throw explain(schema, filled, error, path);
  return filled as Static<T>;
}

/** What is looked at of a schema to see which names it knows. */
interface Shape {
  readonly properties?: { readonly [name: string]: Shape };
  readonly additionalProperties?: unknown;
  readonly items?: Shape;
}

/** Throws for the first name in `value`, at any depth, that `schema` does not know. */
export function checkNames(schema: TSchema, value: unknown, path: string): void {
  const { properties, additionalProperties, items } = schema as Shape;
  if (Array.isArray(value) && items !== undefined) {
    value.forEach((item, i) => checkNames(items as TSchema, item, `${path}/${i}`));
  }
  if (typeof value !== 'object' || value === null || properties === undefined) return;
  const known = Object.keys(properties);
  for (const [name, part] of Object.entries(value)) {
    const place = path === '' ? name : `${path}/${name}`;
    if (known.includes(name)) checkNames(properties[name] as TSchema, part, place);
    else if (additionalProperties === false) {
      const nowhere = path === '' ? `There is no setting "${name}".` : null;
      throw new ScenarioError(nowhere ?? `${path} has no setting "${name}".`, {
        path: place,
        hint: didYouMean(name, known),
      });
    }
  }
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

function explain(
  schema: TObject,
  filled: Record<string, unknown>,
  error: SchemaError,
  path: string,
): ScenarioError {
  const name = error.instancePath.split('/')[1] ?? '';
  const where = `${path}${error.instancePath}`;
  const value = filled[name];
  const field = schema.properties[name] as FieldSchema | undefined;
  if (field?.enum !== undefined) {
    const choices = field.enum.map(String);
    return new ScenarioError(`${where} cannot be ${shown(value)}.`, {
      path: where,
      hint: didYouMean(String(value), choices),
    });
  }
  const unit = field?.unit === undefined || field.unit === 'count' ? '' : ` ${field.unit}`;
  const limit = (error.params as { limit?: number }).limit;
  if (limit !== undefined && typeof value === 'number') {
    const bound = error.keyword === 'minimum' ? 'at least' : 'at most';
    return new ScenarioError(`${where} must be ${bound} ${limit}${unit}, not ${value}.`, {
      path: where,
    });
  }
  const message = `${where} ${error.message}, but it is ${shown(value)}.`;
  return new ScenarioError(message, { path: where });
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  // What no canonical form has (not a number, infinity) is said as it is.
  return typeof value === 'number' ? String(value) : canonicalJson(value);
}
