/** The live states of all nodes of a component, for checks that judge at the end. */
import type { TypedBehaviour } from '../node/behaviour.ts';
import { stateOf } from '../world/world.ts';
import type { World } from '../world/world.ts';

/** Or why they are not known. */
export function statesOf<S>(behaviour: TypedBehaviour<S>, world: World): readonly S[] | string {
  const states: S[] = [];
  for (const node of world.groups().flatMap((name) => world.group(name))) {
    if (node.component !== behaviour.component) continue;
    const state = stateOf(behaviour, node);
    if (state === null) return `${node.name} is down in the end`;
    states.push(state);
  }
  return states.length === 0 ? `there is no ${behaviour.component}` : states;
}
