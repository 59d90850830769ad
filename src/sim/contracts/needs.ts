/**
 * Settings that change nothing unless another one is so and so: said beside their schema, as data,
 * and refused before the run with the place and the setting that would make them matter.
 *
 * Who says in so many words that something is not there (`enabled: false`, `kind: none`) compares,
 * and may leave its other settings where they are; so may who repeats that something is not there
 * (`ttlJitter: 0`). That a number or a policy is another one is not such a word.
 */
import { ScenarioError } from '../kernel/errors.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import type { TSchema } from './schema.ts';

/** What another setting, or a link of the group, must be like. Places are within the same set. */
export type Condition =
  | { readonly at: string; readonly is: readonly (string | boolean)[] }
  | { readonly at: string; readonly over: number }
  | { readonly link: string; readonly isThere: boolean };

export interface Need {
  /** By place: `backoff`, or deeper, `call/ejection/retryMs`. */
  readonly settings: readonly string[];
  /** One of them must hold. */
  readonly any: readonly Condition[];
  /** Why it changes nothing, where that is not plain from what the other setting is. */
  readonly why?: string;
  /** What to do instead. */
  readonly hint?: string;
}

export const word = (at: string, ...is: readonly (string | boolean)[]): Condition => ({ at, is });
export const over = (at: string, least = 0): Condition => ({ at, over: least });
export const linked = (link: string, isThere = true): Condition => ({ link, isThere });

/** Data as it stands in a plan. */
interface Words {
  readonly [name: string]: unknown;
}
interface Shape {
  readonly properties?: { readonly [name: string]: Shape };
  readonly items?: Shape;
  readonly default?: unknown;
  readonly needs?: readonly Need[];
}

/** What a setting is looked at with: as given, with every default, and the roles of the links. */
interface Sight {
  readonly shape: Shape;
  readonly given: unknown;
  readonly filled: unknown;
  readonly links: readonly string[];
}

/** Throws for the first setting in `given`, at any depth, whose need is not met. */
export function checkNeeds(
  schema: TSchema,
  given: unknown,
  filled: unknown,
  path: string,
  links: readonly string[],
): void {
  check({ shape: schema as Shape, given, filled, links }, path);
}

function check(sight: Sight, path: string): void {
  const { shape, given, filled, links } = sight;
  for (const need of shape.needs ?? []) checkNeed(need, sight, path);
  if (Array.isArray(given) && shape.items !== undefined) {
    const parts = filled as readonly unknown[];
    given.forEach((one: unknown, i) =>
      check({ shape: shape.items as Shape, given: one, filled: parts[i], links }, `${path}/${i}`),
    );
  }
  if (typeof given !== 'object' || given === null) return;
  for (const [name, part] of Object.entries(shape.properties ?? {})) {
    const own = (given as Words)[name];
    if (own === undefined) continue;
    check({ shape: part, given: own, filled: (filled as Words)[name], links }, `${path}/${name}`);
  }
}

function checkNeed(need: Need, sight: Sight, path: string): void {
  if (need.any.some((one) => holds(one, sight) || isDenied(one, sight))) return;
  for (const at of need.settings) {
    const given = valueAt(sight.given, at);
    if (given === undefined || isRepeated(at, given, sight)) continue;
    const name = at.slice(at.lastIndexOf('/') + 1);
    const why = need.why ?? need.any.map((one) => stateOf(one, sight)).join(', and ');
    const hint = need.hint ?? `${need.any.map(wishOf).join('. Or: ')}. Or leave it out.`;
    throw changesNothing(name, why, `${path}/${at}`, hint);
  }
}

/** What is said wherever a setting would be passed over in silence. */
export const changesNothing = (
  name: string,
  why: string,
  path: string,
  hint: string,
): ScenarioError => new ScenarioError(`${name} changes nothing: ${why}.`, { path, hint });

function holds(condition: Condition, { filled, links }: Sight): boolean {
  if ('link' in condition) return links.includes(condition.link) === condition.isThere;
  const value = valueAt(filled, condition.at);
  return 'is' in condition
    ? condition.is.some((one) => one === value)
    : typeof value === 'number' && value > condition.over;
}

/** Whether it is said in so many words that there is no such thing. */
function isDenied(condition: Condition, { given }: Sight): boolean {
  if ('link' in condition) return false;
  const value = valueAt(given, condition.at);
  return value === 'none' || (value === false && !('is' in condition && condition.is[0] === false));
}

/** What switches a set of settings on. */
const SWITCHES = ['enabled', 'kind', 'policy'];

/** That there is nothing of it is the default, and is said once more. */
function isRepeated(at: string, given: unknown, { shape, filled }: Sight): boolean {
  if (Array.isArray(given)) return given.length === 0;
  if (typeof given === 'object' && given !== null) {
    if (Object.keys(given).length === 0) return true;
    const whole = valueAt(filled, at) as Words;
    return SWITCHES.some((name) => whole[name] === false || whole[name] === 'none');
  }
  const usual = shapeAt(shape, at).default;
  const isNothing = given === 0 || given === false || given === 'none';
  return isNothing && (usual === undefined || usual === given);
}

const partsOf = (at: string): readonly string[] => at.split('/');

const valueAt = (value: unknown, at: string): unknown =>
  partsOf(at).reduce<unknown>((part, name) => (part as Words | undefined)?.[name], value);

const shapeAt = (shape: Shape, at: string): Shape =>
  partsOf(at).reduce<Shape>((part, name) => part.properties?.[name] ?? {}, shape);

function stateOf(condition: Condition, { filled }: Sight): string {
  if ('link' in condition) {
    const { link, isThere } = condition;
    return isThere ? `there is no link "${link}"` : `the link "${link}" is there`;
  }
  const value = valueAt(filled, condition.at);
  const shown = typeof value === 'string' ? value : canonicalJson(value);
  return `${condition.at} is ${shown}`;
}

function wishOf(condition: Condition): string {
  if ('link' in condition) {
    const { link, isThere } = condition;
    return isThere ? `Add links: { ${link}: GROUP }` : `Take the link "${link}" away`;
  }
  if ('over' in condition) return `Give ${condition.at} more than ${condition.over}`;
  const [last = '', ...others] = condition.is.map(String).reverse();
  const words = others.length === 0 ? last : `${others.reverse().join(', ')} or ${last}`;
  return `Write ${condition.at}: ${words}`;
}
