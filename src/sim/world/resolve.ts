/**
 * From a selector to nodes: resolved when it is used, in order of index, each node once.
 */
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import type { Selector } from './selector.ts';
import type { World, WorldNode } from './world.ts';

export function resolve(world: World, selector: Selector): readonly NodeIndex[] {
  const chosen = new Set(pick(world, selector));
  return world.nodes
    .filter((node) => node.status !== 'retired' && chosen.has(node.index))
    .map((node) => node.index);
}

function pick(world: World, selector: Selector): readonly NodeIndex[] {
  if (typeof selector === 'string') return byWord(world, selector);
  if (isList(selector)) return selector.flatMap((part) => pick(world, part));
  if ('role' in selector) return indexes(byRole(world, selector.role, selector.group));
  if ('zone' in selector) return indexes(world.nodes.filter((n) => n.zone === selector.zone));
  if ('except' in selector) {
    const out = new Set(pick(world, selector.except));
    return pick(world, selector.from).filter((index) => !out.has(index));
  }
  if ('first' in selector) return resolve(world, selector.of).slice(0, selector.first);
  return including(world, selector);
}

const isList = (selector: Selector): selector is readonly Selector[] => Array.isArray(selector);
const indexes = (nodes: readonly WorldNode[]): readonly NodeIndex[] => nodes.map((n) => n.index);

function byWord(world: World, word: string): readonly NodeIndex[] {
  if (word === 'all') return indexes(world.nodes);
  const found = world.nodes.filter((n) => n.name === word || n.id === word || n.group === word);
  if (found.length > 0) return indexes(found);
  const known = [...world.nodes.map((n) => n.name), ...world.groups(), 'all'];
  throw new ScenarioError(`There is no node or group "${word}".`, {
    hint: didYouMean(word, known),
  });
}

function byRole(world: World, role: string, group?: string): readonly WorldNode[] {
  return world.nodes.filter(
    (n) => (group === undefined || n.group === group) && n.roles().includes(role),
  );
}

/** A set of `size` members of a group that contains the named ones, filled up in order. */
function including(
  world: World,
  selector: { readonly including: Selector; readonly size: number; readonly group: string },
): readonly NodeIndex[] {
  const members = indexes(world.group(selector.group));
  const wanted = pick(world, selector.including).filter((index) => members.includes(index));
  const rest = members.filter((index) => !wanted.includes(index));
  return [...wanted, ...rest].slice(0, Math.max(selector.size, wanted.length));
}

/** "n1, n2" for people. */
export function namesOf(world: World, nodes: readonly NodeIndex[]): string {
  return nodes.map((index) => world.node(index).name).join(', ');
}
