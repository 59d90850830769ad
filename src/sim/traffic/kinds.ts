/**
 * Settings that begin with their kind (arrivals, steps): finds the schema of the kind and says what
 * is wrong in one sentence with the place.
 */
import { explain } from '../contracts/explain.ts';
import { Value } from '../contracts/schema.ts';
import type { TObject } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';

export interface KindWords {
  /** The field that holds the kind. */
  readonly tag: string;
  /** "distribution", "step": what one of them is called. */
  readonly noun: string;
}

export function checkKind(
  schemas: { readonly [kind: string]: TObject },
  given: unknown,
  path: string,
  { tag, noun }: KindWords,
): void {
  const kinds = Object.keys(schemas);
  const kind = (given as { readonly [name: string]: unknown } | null | undefined)?.[tag];
  const schema = typeof kind === 'string' && kinds.includes(kind) ? schemas[kind] : undefined;
  if (schema === undefined) {
    if (typeof kind === 'string') {
      throw new ScenarioError(`There is no ${noun} "${kind}".`, {
        path: `${path}/${tag}`,
        hint: didYouMean(kind, kinds),
      });
    }
    throw new ScenarioError(`${path} is no ${noun}.`, {
      path,
      hint: `It begins with its kind: { ${tag}: ${kinds.join(' | ')} }.`,
    });
  }
  const fields = Object.keys(schema.properties);
  const unknown = Object.keys(given as object).find((name) => !fields.includes(name));
  if (unknown !== undefined) {
    throw new ScenarioError(`The ${noun} "${String(kind)}" has no part "${unknown}".`, {
      path: `${path}/${unknown}`,
      hint: didYouMean(unknown, fields),
    });
  }
  const error = Value.Errors(schema, given)[0];
  if (error !== undefined) throw explain(schema, given, error, path);
}
