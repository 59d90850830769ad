/**
 * Selectors as a user writes them: whether one makes sense, before anything is selected.
 */
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean, nearest } from '../kernel/nearest.ts';

type Part = 'text' | 'text?' | 'count' | 'selector';

/** The forms of a selector that are objects, each with the type of its fields. */
export const SELECTOR_FORMS: readonly {
  readonly about: string;
  readonly parts: { readonly [field: string]: Part };
}[] = [
  {
    about: 'The nodes that play a role at that moment, in one group or in all.',
    parts: { role: 'text', group: 'text?' },
  },
  { about: 'The nodes of a zone.', parts: { zone: 'text' } },
  {
    about: 'The members of `from` that `except` does not name.',
    parts: { except: 'selector', from: 'selector' },
  },
  {
    about: 'The first so many of a selection, by index.',
    parts: { first: 'count', of: 'selector' },
  },
  {
    about: 'So many members of a group, those that `including` names among them.',
    parts: { including: 'selector', size: 'count', group: 'text' },
  },
];

const FORMS = SELECTOR_FORMS.map(({ parts }) => parts);

/** What a selector of a plan may name. */
export interface SelectorNames {
  readonly group: readonly string[];
  readonly role: readonly string[];
  /** Left out: nobody knows the zones yet. */
  readonly zone?: readonly string[];
  /** How many members each group begins with. */
  readonly count: ReadonlyMap<string, number>;
}

const SHAPES =
  'A selector is a node, a group, "all", a list of selectors, or one of ' +
  `${FORMS.map((form) => `{ ${Object.keys(form).join(', ')} }`).join(', ')}.`;

/**
 * Throws a ScenarioError unless `value` is a selector. With the names of the plan its own are
 * checked as well: what is named must be there when the run begins.
 */
export function checkSelector(value: unknown, path: string, names?: SelectorNames): void {
  if (typeof value === 'string') {
    if (names !== undefined) checkName(value, path, names);
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((one, i) => checkSelector(one, `${path}/${i}`, names));
    return;
  }
  const given = typeof value === 'object' && value !== null ? value : {};
  const fields = new Map<string, unknown>(Object.entries(given));
  const form = FORMS.find((one) => fields.has(Object.keys(one)[0] as string));
  if (form === undefined) throw nothing(path, [...fields.keys()]);
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
    if (kind === 'selector') checkSelector(part, where, names);
    else if (kind === 'count') checkCount(part, where);
    else if (part !== undefined || kind === 'text') checkText(part, where);
    if (names === undefined || typeof part !== 'string') continue;
    if (name === 'group') checkGroupName(part, where, names.group);
    if (name === 'role' || name === 'zone') checkListed(name, part, where, names[name]);
  }
}

function checkListed(
  what: 'role' | 'zone',
  name: string,
  path: string,
  names: readonly string[] | undefined,
): void {
  if (names === undefined || names.includes(name)) return;
  throw new ScenarioError(`There is no ${what} "${name}".`, {
    path,
    hint: didYouMean(name, names),
  });
}

/** What is said of a set of values of no form: a misspelt one is named. */
function nothing(path: string, given: readonly string[]): ScenarioError {
  const firsts = FORMS.map((form) => Object.keys(form)[0] as string);
  for (const name of given) {
    const near = nearest(name, firsts);
    if (near === null) continue;
    const hint = `Did you mean ${near}?`;
    return new ScenarioError(`${path} has no part "${name}".`, { path: `${path}/${name}`, hint });
  }
  return new ScenarioError(`${path} selects nothing.`, { path, hint: SHAPES });
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
const NODE_NAME = /^([a-z][a-z-]*?)(?:(\d+)|\/(\d+)\/\d+)$/;

function checkName(name: string, path: string, names: SelectorNames): void {
  const { group: groups, count } = names;
  const [, group = name, short, long] = NODE_NAME.exec(name) ?? [];
  if (name === 'all' || groups.includes(group)) {
    const ordinal = Number(short ?? long ?? 1);
    const members = count.get(group) ?? Infinity;
    if (ordinal >= 1 && ordinal <= members) return;
    const first = members === 1 ? '' : `${group}1 to `;
    throw new ScenarioError(`There is no node "${name}".`, {
      path,
      hint: `The nodes of "${group}" are ${first}${group}${members}.`,
    });
  }
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
