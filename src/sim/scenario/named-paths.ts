/**
 * Paths of errors say groups and checks by their names, whoever found the mistake: a schema, which
 * counts the items of a list, or a check of the plan, which knows what they are called.
 */
import { ScenarioError } from '../kernel/errors.ts';

/** Does `look`, and throws its ScenarioErrors with names for the places in lists of `plan`. */
export function withNames<T>(plan: unknown, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const path = named(plan, error.path);
    if (path === error.path) throw error;
    const message = error.message.replace(error.path, path);
    throw new ScenarioError(message, { path, hint: error.hint });
  }
}

function named(plan: unknown, path: string): string {
  const [, list = '', index = '', rest = ''] = /^(groups|checks)\/(\d+)(\/.*)?$/.exec(path) ?? [];
  if (list === '') return path;
  const items = (plan as { readonly [list: string]: unknown } | null)?.[list];
  const key = list === 'groups' ? 'name' : 'id';
  const nameOf = (item: unknown): unknown =>
    (item as { readonly [key: string]: unknown } | null)?.[key];
  if (!Array.isArray(items)) return path;
  const name = nameOf(items[Number(index)]);
  // A name that is no name, or is there twice, leads nowhere.
  const isName = typeof name === 'string' && name !== '' && !name.includes('/');
  if (!isName || items.filter((item) => nameOf(item) === name).length !== 1) return path;
  return `${list}/${name}${rest}`;
}
