/** Data flows between groups that do not name each other, too: a third one tells them whom to. */
import type { GroupPlan } from '../../sim/index.ts';

/**
 * The groups as the map reads them: who sends is linked to those it sends to.
 * `flowOf`: which links of a component lead to groups that send to each other, each to the next.
 */
export function alongFlow(
  groups: readonly GroupPlan[],
  flowOf: (component: string) => readonly string[],
): GroupPlan[] {
  const ways = groups.flatMap(({ component, links = {} }) => {
    const stops = flowOf(component).flatMap((role) => links[role] ?? []);
    return stops.slice(1).map((to, i) => ({ from: stops[i]!, to }));
  });
  return groups.map((group) => {
    const own = ways.filter(({ from }) => from === group.name);
    const links = Object.fromEntries(own.map(({ to }) => [`sends to ${to}`, to]));
    return own.length === 0 ? group : { ...group, links: { ...group.links, ...links } };
  });
}
