/**
 * Checks what a user wrote against a schema and fills in the defaults. The first thing that is
 * wrong becomes one sentence with the place and the nearest valid choice.
 */
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { explain } from './explain.ts';
import { Value } from './schema.ts';
import type { Static, TObject, TSchema } from './schema.ts';

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
