/**
 * Settings after which something begins: one that is not over before the end of the run would show
 * a run in which it never does. Their schemas say which they are (`withinRun`).
 */
import type { TObject } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { GroupPlan, Plan } from './plan.ts';
import type { Registry } from './registry.ts';

export function checkWithinRun(group: GroupPlan, plan: Plan, registry: Registry): void {
  const schema = registry.components.get(group.component)?.config as TObject;
  const fields = schema.properties as { readonly [name: string]: { readonly withinRun?: string } };
  for (const [name, value] of Object.entries(group.config ?? {})) {
    const never = fields[name]?.withinRun;
    if (never === undefined || typeof value !== 'number' || value < plan.durationMs) continue;
    throw new ScenarioError(`${name} is as long as the run or longer: ${never}.`, {
      path: `groups/${group.name}/config/${name}`,
      hint: `durationMs is ${plan.durationMs}, and ${name} ${value}.`,
    });
  }
}
