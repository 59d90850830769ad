/**
 * Everything about a plan that can be wrong before it runs, told in one sentence each: names that
 * do not exist, links between parts that share no contract, times that make no sense.
 */
import { validate } from '../contracts/validate.ts';
import { checkFault } from '../faults/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { AnyBehaviour } from '../node/behaviour.ts';
import type { GroupPlan, Plan } from './plan.ts';
import type { Registry } from './registry.ts';

/** A group's name: it becomes part of node names, so it starts with a letter. */
const GROUP_NAME = /^[a-z][a-z-]*$/;
export const NODES_MAX = 10_000;

export function checkPlan(plan: Plan, registry: Registry): void {
  if (!(plan.durationMs > 0)) {
    throw new ScenarioError('durationMs must be more than 0.', { path: 'durationMs' });
  }
  if (plan.groups.length === 0) {
    throw new ScenarioError('A plan needs at least one group of nodes.', { path: 'groups' });
  }
  const groups = new Map<string, GroupPlan>();
  let nodes = 0;
  for (const group of plan.groups) {
    checkGroup(group, registry);
    if (groups.has(group.name)) {
      throw new ScenarioError(`There are two groups "${group.name}".`, {
        path: `groups/${group.name}`,
      });
    }
    groups.set(group.name, group);
    nodes += group.count;
  }
  if (nodes > NODES_MAX) {
    throw new ScenarioError(`A plan may have ${NODES_MAX} nodes, not ${nodes}.`, {
      path: 'groups',
    });
  }
  for (const group of plan.groups) checkLinks(group, groups, registry);
  checkFaults(plan, registry);
  checkChecks(plan, registry);
}

function checkGroup(group: GroupPlan, registry: Registry): void {
  const path = `groups/${group.name}`;
  if (!GROUP_NAME.test(group.name)) {
    throw new ScenarioError(`"${group.name}" cannot name a group.`, {
      path,
      hint: 'Use small letters and hyphens, beginning with a letter.',
    });
  }
  if (!Number.isInteger(group.count) || group.count < 1) {
    throw new ScenarioError(`Group "${group.name}" needs a count of at least 1.`, { path });
  }
  const behaviour = registry.components.get(group.component);
  if (behaviour === undefined) {
    throw new ScenarioError(`There is no component "${group.component}".`, {
      path: `${path}/component`,
      hint: didYouMean(group.component, [...registry.components.keys()]),
    });
  }
  validate(behaviour.config, group.config ?? {}, `${path}/config`);
}

/** A link between parts that share no contract is refused. */
function checkLinks(
  group: GroupPlan,
  groups: ReadonlyMap<string, GroupPlan>,
  registry: Registry,
): void {
  const caller = registry.components.get(group.component) as AnyBehaviour;
  for (const [role, name] of Object.entries(group.links ?? {})) {
    const path = `groups/${group.name}/links/${role}`;
    const target = groups.get(name);
    if (target === undefined) {
      throw new ScenarioError(`Group "${group.name}" links to "${name}", which does not exist.`, {
        path,
        hint: didYouMean(name, [...groups.keys()]),
      });
    }
    const served = registry.components.get(target.component)?.serves ?? [];
    const shared = caller.uses.some((used) => served.some((s) => s.name === used.name));
    if (shared) continue;
    const speaks = caller.uses.map((c) => c.name).join(', ') || 'nothing';
    const serves = served.map((c) => c.name).join(', ') || 'nothing';
    throw new ScenarioError(
      `${group.component} speaks ${speaks}, but ${target.component} serves ${serves}.`,
      { path, hint: 'Link it to a component that serves a contract it speaks.' },
    );
  }
}

function checkFaults(plan: Plan, registry: Registry): void {
  const ids = new Set<string>();
  plan.faults.forEach((entry, i) => {
    const path = `faults/${i}`;
    checkFault(entry.fault, `${path}/fault`);
    const whens = [entry.atMs, entry.every, entry.when].filter((w) => w !== undefined);
    if (whens.length !== 1) {
      throw new ScenarioError('A fault needs exactly one of atMs, every and when.', { path });
    }
    if (entry.id !== undefined && ids.has(entry.id)) {
      throw new ScenarioError(`There are two faults "${entry.id}".`, { path });
    }
    if (entry.id !== undefined) ids.add(entry.id);
    if (entry.when !== undefined && !registry.predicates.has(entry.when.use)) {
      throw new ScenarioError(`There is no predicate "${entry.when.use}".`, {
        path: `${path}/when/use`,
        hint: didYouMean(entry.when.use, [...registry.predicates.keys()]),
      });
    }
  });
}

function checkChecks(plan: Plan, registry: Registry): void {
  const ids = new Set<string>();
  for (const check of plan.checks) {
    const path = `checks/${check.id}`;
    if (ids.has(check.id)) {
      throw new ScenarioError(`There are two checks "${check.id}".`, { path });
    }
    ids.add(check.id);
    const definition = registry.checks.get(check.use);
    if (definition === undefined) {
      throw new ScenarioError(`There is no check "${check.use}".`, {
        path: `${path}/use`,
        hint: didYouMean(check.use, [...registry.checks.keys()]),
      });
    }
    validate(definition.args, check.args ?? {}, `${path}/args`);
  }
  for (const step of plan.story) {
    if (step.check !== undefined && !ids.has(step.check)) {
      throw new ScenarioError(`The story names a check "${step.check}" that is not there.`, {
        path: 'story',
        hint: didYouMean(step.check, [...ids]),
      });
    }
  }
}
