/**
 * The links of a group: every role that its component declares is filled, by a group that exists
 * and whose component serves the contract of the link; and no role is filled that it lacks.
 */
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { checkNeeds } from '../contracts/needs.ts';
import { validate } from '../contracts/validate.ts';
import type { AnyBehaviour, Given, LinkSpec, LinkedGroup } from '../node/behaviour.ts';
import { zonesOf } from './check-words.ts';
import type { GroupPlan, Plan } from './plan.ts';
import type { Registry } from './registry.ts';

/** Declared by a component, it stands for any role that the plan names. */
const ANY_ROLE = '*';

export function checkLinks(
  group: GroupPlan,
  groups: ReadonlyMap<string, GroupPlan>,
  registry: Registry,
): void {
  const { component, links } = registry.components.get(group.component) as AnyBehaviour;
  const path = `groups/${group.name}/links`;
  const given = group.links ?? {};
  for (const [role, name] of Object.entries(given)) {
    const link = Object.hasOwn(links, role) ? links[role] : links[ANY_ROLE];
    if (link === undefined) {
      throw new ScenarioError(`${component} has no link "${role}".`, {
        path: `${path}/${role}`,
        hint: didYouMean(role, Object.keys(links)),
      });
    }
    if (typeof name !== 'string') {
      throw new ScenarioError(`${path}/${role} must be a text, not ${String(name as unknown)}.`, {
        path: `${path}/${role}`,
        hint: 'The name of a group.',
      });
    }
    const target = groups.get(name);
    if (target === undefined) {
      throw new ScenarioError(`Group "${group.name}" links to "${name}", which does not exist.`, {
        path: `${path}/${role}`,
        hint: didYouMean(name, [...groups.keys()]),
      });
    }
    checkContract(component, role, link, target, registry, path);
  }
  for (const [role, { about, optional }] of Object.entries(links)) {
    if (optional === true || role === ANY_ROLE || given[role] !== undefined) continue;
    throw new ScenarioError(`Group "${group.name}" (${component}) needs a link "${role}".`, {
      path: `${path}/${role}`,
      hint: about,
    });
  }
}

/**
 * A component's own check of its configuration, with what the plan links it to, and then whether
 * each of its settings changes anything.
 */
export function checkOwn(
  group: GroupPlan,
  groups: ReadonlyMap<string, GroupPlan>,
  registry: Registry,
  plan: Plan,
  off: readonly string[] | null,
): void {
  const behaviour = registry.components.get(group.component) as AnyBehaviour;
  const path = `groups/${group.name}`;
  const config = validate(behaviour.config, group.config ?? {}, `${path}/config`);
  const given = (group.config ?? {}) as Given;
  const links = linksOf(group, groups, registry, plan);
  const { count, cores = 1 } = group;
  const zones = zonesOf(group, plan);
  const { durationMs } = plan;
  behaviour.check?.(config, { path, count, cores, durationMs, off, zones, given, links });
  checkNeeds(behaviour.config, given, config, `${path}/config`, [...links.keys()]);
}

/** What a group's links name, by role; every link is there. */
export function linksOf(
  group: GroupPlan,
  groups: ReadonlyMap<string, GroupPlan>,
  registry: Registry,
  plan: Plan,
): ReadonlyMap<string, LinkedGroup> {
  const links = new Map<string, LinkedGroup>();
  for (const [role, name] of Object.entries(group.links ?? {})) {
    links.set(role, linkedGroup(groups.get(name) as GroupPlan, registry, plan));
  }
  return links;
}

function linkedGroup(group: GroupPlan, registry: Registry, plan: Plan): LinkedGroup {
  const { serves, config } = registry.components.get(group.component) as AnyBehaviour;
  return {
    group: group.name,
    component: group.component,
    count: group.count,
    zones: zonesOf(group, plan),
    serves: serves.map((contract) => contract.name),
    roles: Object.keys(group.links ?? {}),
    config: validate(config, group.config ?? {}, `groups/${group.name}/config`),
  };
}

/** A link between parts that share no contract is refused. */
function checkContract(
  component: string,
  role: string,
  { contract }: LinkSpec,
  target: GroupPlan,
  registry: Registry,
  path: string,
): void {
  const served = registry.components.get(target.component)?.serves ?? [];
  const spoken = [contract].flat().map(({ name }) => name);
  if (served.some(({ name }) => spoken.includes(name))) return;
  const serves = served.map(({ name }) => name).join(', ') || 'nothing';
  const asked = `${component} speaks ${spoken.join(' or ')} over "${role}"`;
  throw new ScenarioError(`${asked}, but ${target.component} serves ${serves}.`, {
    path: `${path}/${role}`,
    hint: `Link it to a group whose component serves ${spoken.join(' or ')}.`,
  });
}
