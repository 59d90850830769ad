/**
 * Rules that a run switches off: each must be followed by a component of the plan, and able to act
 * with the settings there (`node/rule-needs.ts`). To switch off another would change nothing, and
 * the run would be called modified all the same.
 */
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean, nearestAndAll } from '../kernel/nearest.ts';
import type { RuleNeed, RuleSight } from '../node/rule-needs.ts';
import { linksOf } from './check-links.ts';
import { askedOf, isAsked } from './check-usage.ts';
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
  for (const { rule, unmet } of followedIn(plan, registry)) if (unmet === null) ids.add(rule);
  return [...registry.rules.values()].filter(({ id }) => ids.has(id));
}

interface Followed {
  readonly group: string;
  readonly rule: string;
  /** Why it cannot act there; null: it can. */
  readonly unmet: RuleNeed<unknown> | null;
}

/** Each rule of each group of the plan. */
function followedIn(plan: Plan, registry: Registry): readonly Followed[] {
  const groups = new Map(plan.groups.map((group) => [group.name, group]));
  const asked = askedOf(plan.groups, registry);
  return plan.groups.flatMap((group) => {
    const { name, count } = group;
    const behaviour = registry.components.get(group.component);
    if (behaviour?.rules === undefined) return [];
    const { rules, ruleNeeds = [] } = behaviour;
    const config = validate(behaviour.config, group.config ?? {}, `groups/${name}/config`);
    const sight: RuleSight = {
      count,
      links: linksOf(group, groups, registry, plan),
      asked: (what) => isAsked(asked, name, what),
    };
    const unmet = ruleNeeds.filter((need) => !need.acts(config, sight));
    return rules.map((rule) => ({
      group: name,
      rule,
      unmet: unmet.find((need) => need.rules.includes(rule)) ?? null,
    }));
  });
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
  const whose = followedIn(plan, registry).filter((one) => one.rule === rule);
  const names = whose.map(({ group }) => group).join(', ');
  const wishes = new Set(whose.flatMap(({ unmet }) => (unmet === null ? [] : [unmet.hint])));
  const others =
    used.length === 0
      ? 'No rule is in use in this run that could be switched off.'
      : nearestAndAll(rule, used);
  return new ScenarioError(
    `To switch off "${rule}" would change nothing: as this run is set up, nobody uses it ` +
      `(${names} could).`,
    { path: 'ablations', hint: `${[...wishes].join(' Or: ')} ${others}`.trim() },
  );
}
