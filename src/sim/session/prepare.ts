/**
 * From a run specification to a plan that may run: the scenario is found, its parameters are
 * validated, the plan is built and checked, the variant that its expectations come from is chosen.
 */
import { Value } from '../contracts/schema.ts';
import { validate } from '../contracts/validate.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { stateHash } from '../kernel/state-hash.ts';
import { checkPlan } from '../scenario/check-plan.ts';
import type { Plan } from '../scenario/plan.ts';
import { makeRegistry } from '../scenario/registry.ts';
import type { Registry } from '../scenario/registry.ts';
import type { AnyScenario, Scenario } from '../scenario/scenario.ts';
import { checkSource } from './document-source.ts';
import type { JudgedVariant } from './document-source.ts';
import type { RunSpec } from './spec.ts';

export interface Prepared {
  readonly scenario: Scenario | null;
  /** The id of the scenario, or of the one that built the document; else the plan's title. */
  readonly name: string;
  readonly plan: Plan;
  readonly params: { readonly [name: string]: unknown };
  readonly registry: Registry;
  readonly variant: JudgedVariant | null;
}

export function prepare(spec: RunSpec, scenarios: readonly AnyScenario[]): Prepared {
  checkSeed(spec.seed);
  const scenario = 'id' in spec.scenario ? findScenario(spec.scenario.id, scenarios) : null;
  const registry = makeRegistry(scenario?.registers ?? {});
  for (const rule of spec.ablations) {
    if (registry.rules.has(rule)) continue;
    throw new ScenarioError(`There is no rule "${rule}" to switch off.`, {
      path: 'ablations',
      hint: didYouMean(rule, [...registry.rules.keys()]),
    });
  }
  const params = scenario === null ? {} : validate(scenario.params, spec.params, 'params');
  const built =
    'document' in spec.scenario ? spec.scenario.document : scenario?.plan(params, spec.ablations);
  if (built === undefined) throw new ScenarioError('The specification names no scenario.');
  const plan: Plan = { ...built, ...spec.planOverride };
  checkPlan(plan, registry);
  checkPlanHash(spec, built);
  const source = 'document' in spec.scenario ? spec.scenario.from : undefined;
  if (source !== undefined) checkSource(source, built);
  return {
    scenario,
    name: scenario?.id ?? source?.id ?? plan.title,
    plan,
    params: params as Prepared['params'],
    registry,
    variant: scenario === null ? asBuilt(source?.variant, spec) : variantOf(scenario, params, spec),
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

/** A run with other faults than its plan's is no variant any more: nothing is known of it. */
const isChanged = (spec: RunSpec): boolean =>
  spec.planOverride?.faults !== undefined || spec.interventions.length > 0;

/** The variant that a document was built as, unless somebody changed the run since. */
function asBuilt(variant: JudgedVariant | undefined, spec: RunSpec): JudgedVariant | null {
  if (variant === undefined || isChanged(spec)) return null;
  const off = sorted(spec.ablations).join();
  return off === sorted(variant.ablations ?? []).join() ? variant : null;
}

/** The variant whose parameters and switched-off rules are exactly those of the run. */
function variantOf(scenario: Scenario, params: unknown, spec: RunSpec): JudgedVariant | null {
  if (isChanged(spec)) return null;
  const wanted = canonicalJson({ params, off: sorted(spec.ablations) });
  for (const variant of scenario.variants) {
    const own = Value.Default(scenario.params, { ...(variant.params ?? {}) });
    if (canonicalJson({ params: own, off: sorted(variant.ablations ?? []) }) === wanted) {
      return variant;
    }
  }
  return null;
}

const sorted = (names: readonly string[]): readonly string[] =>
  [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
