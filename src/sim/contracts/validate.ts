/**
 * Checks what a user wrote against a schema and fills in the defaults. The first thing that is
 * wrong becomes one sentence with the place and the nearest valid choice.
 */
import { canonicalJson } from '../kernel/canonical.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { Value } from './schema.ts';
import type { Static, TObject } from './schema.ts';

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
  const known = Object.keys(schema.properties);
  for (const name of Object.keys(filled)) {
    if (known.includes(name)) continue;
    throw new ScenarioError(`${path} has no setting "${name}".`, {
      path: `${path}/${name}`,
      hint: didYouMean(name, known),
    });
  }
  const error = Value.Errors(schema, filled)[0];
  if (error !== undefined) throw explain(schema, filled, error, path);
  return filled as Static<T>;
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
