/**
 * The links of a group: every role that its component declares is filled, by a group that exists
 * and whose component serves the contract of the link; and no role is filled that it lacks.
 */
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { AnyBehaviour, LinkSpec } from '../node/behaviour.ts';
import type { GroupPlan } from './plan.ts';
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
    const link = links[role] ?? links[ANY_ROLE];
    if (link === undefined) {
      throw new ScenarioError(`${component} has no link "${role}".`, {
        path: `${path}/${role}`,
        hint: didYouMean(role, Object.keys(links)),
      });
    }
    const target = groups.get(name);
    if (target === undefined) {
      throw new ScenarioError(`Group "${group.name}" links to "${name}", which does not exist.`, {
        path: `${path}/${role}`,
        hint: didYouMean(name, [...groups.keys()]),
      });
    }
    checkContract(component, role, link, target, registry);
  }
  for (const [role, { about, optional }] of Object.entries(links)) {
    if (optional === true || role === ANY_ROLE || given[role] !== undefined) continue;
    throw new ScenarioError(`Group "${group.name}" (${component}) needs a link "${role}".`, {
      path: `${path}/${role}`,
      hint: about,
    });
  }
}

/** A link between parts that share no contract is refused. */
function checkContract(
  component: string,
  role: string,
  { contract }: LinkSpec,
  target: GroupPlan,
  registry: Registry,
): void {
  const served = registry.components.get(target.component)?.serves ?? [];
  if (served.some(({ name }) => name === contract.name)) return;
  const serves = served.map(({ name }) => name).join(', ') || 'nothing';
  const asked = `${component} speaks ${contract.name} over "${role}"`;
  throw new ScenarioError(`${asked}, but ${target.component} serves ${serves}.`, {
    path: `groups/${target.name}`,
    hint: `Link it to a group whose component serves ${contract.name}.`,
  });
}
