/**
 * Rules that a run switches off: each must be followed by a component of the plan. To switch off
 * what nobody follows would change nothing, and the run would be called modified all the same.
 */
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
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

export function checkRules(off: readonly string[], plan: Plan, registry: Registry): void {
  const ids = rulesOf(plan, registry).map(({ id }) => id);
  for (const rule of off) {
    if (ids.includes(rule)) continue;
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
            : didYouMean(rule, ids),
      },
    );
  }
}
