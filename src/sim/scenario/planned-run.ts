/**
 * What is known of a run before it begins, and the checks that watch it whatever its plan says.
 */
import type { PlannedRun } from '../check/check.ts';
import { validate } from '../contracts/validate.ts';
import type { AnyBehaviour } from '../node/behaviour.ts';
import { healMsOf } from './healing.ts';
import type { CheckPlan, Plan } from './plan.ts';
import type { Registry } from './registry.ts';

export function plannedRun(plan: Plan, registry: Registry): PlannedRun {
  return {
    durationMs: plan.durationMs,
    healMs: healMsOf(plan),
    groups: plan.groups.map(({ name, count, component, config }) => {
      const behaviour = registry.components.get(component) as AnyBehaviour;
      const own: unknown = validate(behaviour.config, config ?? {}, `groups/${name}/config`);
      const asks = behaviour.routing?.asks(own, null).map(({ route }) => route) ?? null;
      const mayWrite = behaviour.mayWrite?.(own) ?? behaviour.usage === undefined;
      const operations = behaviour.operationsOf?.(own) ?? behaviour.operations ?? null;
      return { name, count, behaviour, asks, operations, mayWrite, config: own };
    }),
    components: [...registry.components.values()],
  };
}

/** The plan with the checks that stand in every run of its kind, behind those that it names. */
export function withStandingChecks(plan: Plan, registry: Registry): Plan {
  const run = plannedRun(plan, registry);
  const ids = new Set(plan.checks.map(({ id }) => id));
  const named = new Set(plan.checks.map(({ use }) => use));
  const standing: CheckPlan[] = [];
  for (const { use, about, stands } of registry.checks.values()) {
    const args = named.has(use) ? null : (stands?.(run) ?? null);
    if (args !== null)
      standing.push({ id: ids.has(use) ? `${use}-stands` : use, use, args, about });
  }
  return standing.length === 0 ? plan : { ...plan, checks: [...plan.checks, ...standing] };
}
