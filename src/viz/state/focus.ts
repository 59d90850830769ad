/** Which nodes light up: those that the story's present step speaks of. */
import type { NodeFrame, Selector } from '../../sim/index.ts';
import type { AppState } from './model.ts';
import type { Scene } from './scene.ts';

export function focusOf(state: AppState, scene: Scene): ReadonlySet<number> {
  const step = state.run?.plan.story[state.storyStep];
  if (step?.focus === undefined) return new Set();
  return new Set(step.focus.flatMap((selector) => select(selector, scene.nodes)));
}

/**
 * The nodes a selector names in a picture. The engine resolves selectors for the run; this only
 * lights nodes up, so a selector that needs more than a picture selects what it surely holds.
 */
export function select(selector: Selector, nodes: readonly NodeFrame[]): number[] {
  if (typeof selector === 'string') {
    return indexes(
      nodes,
      (node) => selector === 'all' || [node.name, node.id, node.group].includes(selector),
    );
  }
  if (isList(selector)) return selector.flatMap((part) => select(part, nodes));
  if ('role' in selector) {
    return indexes(
      nodes,
      (node) =>
        node.roles.includes(selector.role) &&
        (selector.group === undefined || node.group === selector.group),
    );
  }
  if ('zone' in selector) return indexes(nodes, (node) => node.zone === selector.zone);
  if ('except' in selector) {
    const except = new Set(select(selector.except, nodes));
    return select(selector.from, nodes).filter((index) => !except.has(index));
  }
  if ('first' in selector) return select(selector.of, nodes).slice(0, selector.first);
  return select(selector.including, nodes);
}

const isList = (selector: Selector): selector is readonly Selector[] => Array.isArray(selector);

const indexes = (nodes: readonly NodeFrame[], keep: (node: NodeFrame) => boolean): number[] =>
  nodes.filter(keep).map((node) => node.index);
