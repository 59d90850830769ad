/**
 * Calls between services that go in a circle: each request would make another, without end. Only
 * links over which requests are passed on count, and those to what the caller is itself, like a
 * replica's to its primary; members of one protocol call each other freely.
 */
import { http } from '../contracts/http.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { GroupPlan } from './plan.ts';
import type { Registry } from './registry.ts';

interface Edge {
  readonly role: string;
  readonly to: string;
}

export function checkCycles(groups: ReadonlyMap<string, GroupPlan>, registry: Registry): void {
  const edges = new Map<string, readonly Edge[]>();
  for (const group of groups.values()) edges.set(group.name, passesOn(group, groups, registry));
  const done = new Set<string>();
  for (const name of groups.keys()) walk(name, [], edges, done);
}

/** Where requests go on to from here. */
function passesOn(
  group: GroupPlan,
  groups: ReadonlyMap<string, GroupPlan>,
  registry: Registry,
): readonly Edge[] {
  const servedBy = (one: GroupPlan | undefined): readonly string[] =>
    (registry.components.get(one?.component ?? '')?.serves ?? []).map(({ name }) => name);
  return Object.entries(group.links ?? {}).flatMap(([role, to]) => {
    const target = groups.get(to);
    const isAlike = target?.component === group.component && servedBy(target).length > 0;
    return isAlike || servedBy(target).includes(http.name) ? [{ role, to }] : [];
  });
}

function walk(
  name: string,
  path: readonly string[],
  edges: ReadonlyMap<string, readonly Edge[]>,
  done: Set<string>,
): void {
  if (done.has(name)) return;
  for (const { role, to } of edges.get(name) ?? []) {
    const from = [...path, name].indexOf(to);
    if (from >= 0) {
      const circle = [...[...path, name].slice(from), to].join(' calls ');
      throw new ScenarioError(`Calls go in a circle: ${circle}.`, {
        path: `groups/${name}/links/${role}`,
        hint: 'A request would never end. Take one of the links away.',
      });
    }
    walk(to, [...path, name], edges, done);
  }
  done.add(name);
}
