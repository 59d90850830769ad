/** The short way: one scenario, one seed, one report. What a vitest case calls. */
import type { Limits } from '../kernel/limits.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { Order } from '../kernel/event-queue.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { Plan } from '../scenario/plan.ts';
import type { AnyScenario, Scenario, Variant } from '../scenario/scenario.ts';
import type { Report } from './report.ts';
import { Session } from './session.ts';
import type { SessionOptions } from './session.ts';
import { ENGINE } from './spec.ts';
import type { Intervention, RunSpec } from './spec.ts';

export interface RunOptions {
  /** Default 1. */
  readonly seed?: number;
  readonly params?: { readonly [name: string]: unknown };
  /** Rules to switch off. */
  readonly ablations?: readonly string[];
  /** A variant of the scenario by name: its parameters and rules, under those given here. */
  readonly variant?: string;
  /** Cut the run short at this simulated time: what was not reached by then is unknown. */
  readonly untilMs?: number;
  readonly order?: Order;
  readonly limits?: Partial<Limits>;
  readonly interventions?: readonly Intervention[];
  readonly planOverride?: Partial<Plan>;
}

/** The specification of a run of a scenario from the catalogue or a file. */
export function makeSpec(scenario: AnyScenario, options: RunOptions = {}): RunSpec {
  const variant = variantNamed(scenario as unknown as Scenario, options.variant);
  const { planOverride: override = {}, untilMs } = options;
  return {
    engine: ENGINE,
    scenario: { id: scenario.id },
    params: { ...(variant?.params as object | undefined), ...options.params },
    ablations: [...(variant?.ablations ?? []), ...(options.ablations ?? [])],
    seed: options.seed ?? 1,
    order: options.order ?? 'fifo',
    ...(Object.keys(override).length === 0 ? {} : { planOverride: override }),
    limits: { ...options.limits, ...(untilMs === undefined ? {} : cutAt(untilMs)) },
    interventions: options.interventions ?? [],
  };
}

/** The limit that ends a run at a simulated time, at the latest. */
export const cutAt = (untilMs: number): Partial<Limits> => ({
  simMicros: Math.round(untilMs * 1_000),
});

export function variantNamed(scenario: Scenario, name: string | undefined): Variant | null {
  if (name === undefined) return null;
  const found = scenario.variants.find((v) => v.name === name);
  if (found !== undefined) return found;
  throw new ScenarioError(`${scenario.id} has no variant "${name}".`, {
    path: 'variant',
    hint: didYouMean(
      name,
      scenario.variants.map((v) => v.name),
    ),
  });
}

/** Runs a scenario to its end and reports. */
export function simulate(
  scenario: AnyScenario,
  options: RunOptions & { readonly session?: SessionOptions } = {},
): Report {
  const session = new Session(makeSpec(scenario, options), {
    ...options.session,
    scenarios: [scenario, ...(options.session?.scenarios ?? [])],
  });
  return session.run();
}
