/**
 * From a run specification to a plan that may run: the scenario is found, its parameters are
 * validated, the plan is built and checked, the variant that its expectations come from is chosen.
 */
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { stateHash } from '../kernel/state-hash.ts';
import { checkPlan } from '../scenario/check-plan.ts';
import { checkRules } from '../scenario/check-rules.ts';
import type { Plan } from '../scenario/plan.ts';
import { withStandingChecks } from '../scenario/planned-run.ts';
import { makeRegistry } from '../scenario/registry.ts';
import type { Registry } from '../scenario/registry.ts';
import type { AnyScenario, Scenario } from '../scenario/scenario.ts';
import { checkSource } from './document-source.ts';
import { asBuilt, variantOf } from './judged-by.ts';
import type { JudgedBy } from './judged-by.ts';
import type { RunSpec } from './spec.ts';

export interface Prepared extends JudgedBy {
  readonly scenario: Scenario | null;
  /** The id of the scenario, or of the one that built the document; else the plan's title. */
  readonly name: string;
  readonly plan: Plan;
  readonly params: { readonly [name: string]: unknown };
  readonly registry: Registry;
}

export function prepare(spec: RunSpec, scenarios: readonly AnyScenario[]): Prepared {
  checkSeed(spec.seed);
  const scenario = 'id' in spec.scenario ? findScenario(spec.scenario.id, scenarios) : null;
  const registry = makeRegistry(scenario?.registers ?? {});
  const params = scenario === null ? {} : validate(scenario.params, spec.params, 'params');
  const built =
    'document' in spec.scenario ? spec.scenario.document : scenario?.plan(params, spec.ablations);
  if (built === undefined) throw new ScenarioError('The specification names no scenario.');
  const plan: Plan = { ...built, ...spec.planOverride };
  checkPlan(plan, registry, spec.ablations);
  checkRules(spec.ablations, plan, registry);
  checkPlanHash(spec, built);
  const source = 'document' in spec.scenario ? spec.scenario.from : undefined;
  if (source !== undefined) checkSource(source, built);
  return {
    scenario,
    name: scenario?.id ?? source?.id ?? plan.title,
    plan: withStandingChecks(plan, registry),
    params: params as Prepared['params'],
    registry,
    ...(scenario === null ? asBuilt(source, spec) : variantOf(scenario, params, plan, spec)),
  };
}

/** Names a plan in links: two plans with one hash are the same plan. */
export const planHash = (plan: Plan): string => stateHash(plan);

function checkPlanHash(spec: RunSpec, plan: Plan): void {
  if (!('id' in spec.scenario) || spec.scenario.planHash === undefined) return;
  if (spec.scenario.planHash === planHash(plan)) return;
  throw new ScenarioError(
    `The scenario ${spec.scenario.id} has changed since this link was made.`,
    {
      path: 'scenario/planHash',
      hint: 'Open the scenario afresh, or use the version of its file that the link was made with.',
    },
  );
}

export function findScenario(id: string, scenarios: readonly AnyScenario[]): Scenario {
  const found = scenarios.find((s) => s.id === id);
  if (found !== undefined) return found as unknown as Scenario;
  throw new ScenarioError(`There is no scenario "${id}".`, {
    path: 'scenario',
    hint: didYouMean(
      id,
      scenarios.map((s) => s.id),
    ),
  });
}

export function checkSeed(seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  throw new ScenarioError(`A seed is a whole number from 0 on, not ${seed}.`, { path: 'seed' });
}
