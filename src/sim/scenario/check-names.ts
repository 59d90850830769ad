/**
 * Arguments that name something: a group of the plan, a fact of its components, a predicate. A
 * schema says what a text names (`names`), and what is named must exist: a check that watches a
 * group which is not there would hold for ever.
 */
import type { Named, TObject } from '../contracts/schema.ts';
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';

/** Whatever a plan may name, by kind. */
export type Names = { readonly [kind in Named]: readonly string[] };

/** Validates arguments against their schema and returns them with their defaults. */
export function checkArgs(schema: TObject, given: unknown, path: string, names: Names): object {
  const args = validate(schema, given ?? {}, path) as object;
  const fields = schema.properties as { readonly [field: string]: { readonly names?: Named } };
  for (const [field, value] of Object.entries(args)) {
    const kind = fields[field]?.names;
    // An empty text means none, or all, where the schema lets it.
    if (kind === undefined || typeof value !== 'string' || (value === '' && kind === 'group')) {
      continue;
    }
    checkNamed(kind, value, `${path}/${field}`, names);
  }
  return args;
}

export function checkNamed(kind: Named, value: string, path: string, names: Names): void {
  if (names[kind].includes(value)) return;
  throw new ScenarioError(`There is no ${kind} "${value}".`, {
    path,
    hint: didYouMean(value, names[kind]),
  });
}
