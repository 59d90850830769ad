/**
 * Rules that a run switches off: each must be followed by a component of the plan, and used with
 * the settings there. To switch off another would change nothing, and the run would be called
 * modified all the same.
 */
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean, nearestAndAll } from '../kernel/nearest.ts';
import type { Plan } from './plan.ts';
import type { Registry } from './registry.ts';
import type { Rule } from './rule.ts';

/** The rules that the components of a plan follow, in the order of the registry. */
export function rulesOf(plan: Plan, registry: Registry): readonly Rule[] {
  const ids = new Set<string>();
  for (const { component } of plan.groups) {
    for (const id of registry.components.get(component)?.rules ?? []) ids.add(id);
  }
  return [...registry.rules.values()].filter(({ id }) => ids.has(id));
}

/** Those that change something where they are switched off, with the settings of this plan. */
export function rulesInUse(plan: Plan, registry: Registry): readonly Rule[] {
  const ids = new Set<string>();
  for (const group of plan.groups) {
    const behaviour = registry.components.get(group.component);
    if (behaviour === undefined) continue;
    const path = `groups/${group.name}/config`;
    const used = behaviour.rulesInUse?.(validate(behaviour.config, group.config ?? {}, path));
    for (const id of used ?? behaviour.rules ?? []) ids.add(id);
  }
  return [...registry.rules.values()].filter(({ id }) => ids.has(id));
}

export function checkRules(off: readonly string[], plan: Plan, registry: Registry): void {
  if (off.length === 0) return;
  const ids = rulesOf(plan, registry).map(({ id }) => id);
  const used = rulesInUse(plan, registry).map(({ id }) => id);
  for (const rule of off) {
    if (used.includes(rule)) continue;
    if (ids.includes(rule)) throw unused(rule, plan, used, registry);
    const known = registry.rules.has(rule);
    const owners = [...registry.components.values()].filter((one) => one.rules?.includes(rule));
    const whose = owners.map(({ component }) => component).join(', ');
    throw new ScenarioError(
      known
        ? `No component of this run follows the rule "${rule}", which is one of ${whose}.`
        : `There is no rule "${rule}" to switch off.`,
      {
        path: 'ablations',
        hint:
          ids.length === 0
            ? 'The components of this run have no rule that can be switched off.'
            : didYouMean(rule, used),
      },
    );
  }
}

/** Somebody would follow it, but is not told to do what it is about. */
function unused(
  rule: string,
  plan: Plan,
  used: readonly string[],
  registry: Registry,
): ScenarioError {
  const whose = plan.groups.filter(({ component }) =>
    registry.components.get(component)?.rules?.includes(rule),
  );
  const names = whose.map(({ name }) => name).join(', ');
  return new ScenarioError(
    `To switch off "${rule}" would change nothing: as this run is set up, nobody uses it ` +
      `(${names} could).`,
    {
      path: 'ablations',
      hint:
        used.length === 0
          ? 'No rule is in use in this run that could be switched off.'
          : nearestAndAll(rule, used),
    },
  );
}
