/**
 * Selectors as a user writes them: whether one makes sense, before anything is selected.
 */
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';

/** The forms of a selector that are objects, each with the type of its fields. */
const FORMS: readonly { readonly [field: string]: 'text' | 'text?' | 'count' | 'selector' }[] = [
  { role: 'text', group: 'text?' },
  { zone: 'text' },
  { except: 'selector', from: 'selector' },
  { first: 'count', of: 'selector' },
  { including: 'selector', size: 'count', group: 'text' },
];

const SHAPES =
  'A selector is a node, a group, "all", a list of selectors, or one of ' +
  `${FORMS.map((form) => `{ ${Object.keys(form).join(', ')} }`).join(', ')}.`;

/**
 * Throws a ScenarioError unless `value` is a selector. With the groups of the plan its names are
 * checked as well: a node of a group may come later, a group may not.
 */
export function checkSelector(value: unknown, path: string, groups?: readonly string[]): void {
  if (typeof value === 'string') {
    if (groups !== undefined) checkName(value, path, groups);
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((one, i) => checkSelector(one, `${path}/${i}`, groups));
    return;
  }
  const given = typeof value === 'object' && value !== null ? value : {};
  const fields = new Map<string, unknown>(Object.entries(given));
  const form = FORMS.find((one) => fields.has(Object.keys(one)[0] as string));
  if (form === undefined)
    throw new ScenarioError(`${path} selects nothing.`, { path, hint: SHAPES });
  for (const name of fields.keys()) {
    if (name in form) continue;
    throw new ScenarioError(`${path} has no part "${name}".`, {
      path: `${path}/${name}`,
      hint: didYouMean(name, Object.keys(form)),
    });
  }
  for (const [name, kind] of Object.entries(form)) {
    const part = fields.get(name);
    const where = `${path}/${name}`;
    if (kind === 'selector') checkSelector(part, where, groups);
    else if (kind === 'count') checkCount(part, where);
    else if (part !== undefined || kind === 'text') checkText(part, where);
    if (name === 'group' && typeof part === 'string' && groups !== undefined) {
      checkGroupName(part, where, groups);
    }
  }
}

/** Throws a ScenarioError unless the plan has a group of this name. */
export function checkGroupName(name: string, path: string, groups: readonly string[]): void {
  if (groups.includes(name)) return;
  throw new ScenarioError(`There is no group "${name}".`, {
    path,
    hint: didYouMean(name, groups),
  });
}

/** "n3" and "n/3/0" are nodes of group "n". */
const NODE_NAME = /^([a-z][a-z-]*?)(?:\d+|\/\d+\/\d+)$/;

function checkName(name: string, path: string, groups: readonly string[]): void {
  const group = NODE_NAME.exec(name)?.[1] ?? name;
  if (name === 'all' || groups.includes(group)) return;
  throw new ScenarioError(`There is no node or group "${name}".`, {
    path,
    hint: didYouMean(group, [...groups, 'all']),
  });
}

function checkText(value: unknown, path: string): void {
  if (typeof value === 'string') return;
  throw new ScenarioError(`${path} must be a name.`, { path });
}

function checkCount(value: unknown, path: string): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return;
  throw new ScenarioError(`${path} must be a whole number from 0 on.`, { path });
}
