/**
 * Rules that can act only under some settings: refused where they cannot, and taken where they can,
 * each with the least difference between the two.
 */
import { COMPONENTS, ScenarioError, makeRegistry, rulesInUse } from 'faultline';
import type { AnyBehaviour, Plan } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../src/sim/scenario/check-plan.ts';
import { checkRules } from '../../../src/sim/scenario/check-rules.ts';
import { ROWS, planOf } from '../../support/rule-cases.ts';

const registry = makeRegistry();
const usedIn = (plan: Plan) => rulesInUse(plan, registry).map(({ id }) => id);

function refusal(rule: string, plan: Plan): ScenarioError {
  try {
    checkRules([rule], plan, registry);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('nobody complained');
}

describe('a rule that can act only under some settings', () => {
  it.each(ROWS)('%s is refused where it cannot, and taken where it can', (rule, idle, acting) => {
    const [without, within] = [planOf(idle), planOf(acting)];
    checkPlan(within, registry, [rule]);
    checkPlan(without, registry, [rule]);
    const error = refusal(rule, without);
    expect([error.path, error.message]).toEqual([
      'ablations',
      expect.stringMatching(/would change nothing: as this run is set up, nobody uses it/),
    ]);
    expect(error.hint).toMatch(/^(Give|Write|Link) /);
    expect(usedIn(without)).not.toContain(rule);
    expect(usedIn(within)).toContain(rule);
    expect(() => checkRules([rule], within, registry)).not.toThrow();
  });

  /** Those of calls and of doors have theirs in `tests/sim/session/beyond-variant.test.ts`. */
  const isOfTraffic = (rule: string) => rule.startsWith('traffic.');

  it.each(
    Object.values<AnyBehaviour>(COMPONENTS).flatMap(({ component, rules = [], ruleNeeds = [] }) =>
      ruleNeeds.flatMap((need) =>
        need.rules
          .filter((rule) => rules.includes(rule) && !isOfTraffic(rule))
          .map((rule) => [component, rule, need.hint] as const),
      ),
    ),
  )('of %s has its case above: %s, "%s"', (component, rule, hint) => {
    const cases = ROWS.filter(
      ([name, idle]) => name === rule && idle.some((one) => one.component === component),
    );
    const hints = cases.map(([, idle]) => refusal(rule, planOf(idle)).hint ?? '');
    expect(hints.some((one) => one.includes(hint))).toBe(true);
  });
});
