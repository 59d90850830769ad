/**
 * A scenario: parameters with bounds, the plan they build, and what each variant must show.
 */
import type { Static, TObject, TSchema } from '../contracts/schema.ts';
import { Type } from '../contracts/schema.ts';
import type { Plan } from './plan.ts';
import type { ScenarioParts } from './registry.ts';

export interface Source {
  readonly title: string;
  readonly url?: string;
}

/** What a check is expected to do. A check that is not named is expected to hold. */
export type Expectation =
  | 'holds'
  | {
      readonly breaks: {
        /** Exactly so many findings. Default: at least one. */
        readonly count?: number;
        /** Words that the first finding's sentence must contain. */
        readonly witness?: string;
      };
    };

export interface Variant<P = unknown> {
  readonly name: string;
  readonly about: string;
  readonly params?: Partial<P>;
  readonly ablations?: readonly string[];
  readonly expect?: { readonly [check: string]: Expectation };
}

export interface Scenario<P = unknown> {
  /** `topic/name`: also its file under `scenarios/`. */
  readonly id: string;
  readonly topic: string;
  readonly title: string;
  readonly summary: string;
  readonly tier: 'calm' | 'lossy' | 'hostile';
  readonly sources: readonly Source[];
  readonly params: TObject;
  /** Built of the parameters; of the rules that are off, where texts or checks speak of them. */
  readonly plan: (params: P, ablations: readonly string[]) => Plan;
  /** The first is the default: no params, no ablations. */
  readonly variants: readonly Variant<P>[];
  readonly thingsToTry: readonly string[];
  readonly leavesOut: readonly string[];
  /** Components, predicates and checks of its own, for scenario files outside the repository. */
  readonly registers?: ScenarioParts;
}

/** A scenario whose parameters are its own affair: what a list of scenarios holds. */
export type AnyScenario = Omit<Scenario<never>, 'variants'> & {
  readonly variants: readonly (Omit<Variant, 'params'> & { readonly params?: object })[];
};

type ParamsOf<F extends { readonly [name: string]: TSchema }> = Static<
  ReturnType<typeof Type.Object<F>>
>;

/** Defines a scenario; the parameters' types are inferred from their schemas. */
export function defineScenario<F extends { [name: string]: TSchema }>(
  scenario: Omit<Scenario<ParamsOf<F>>, 'params' | 'topic'> & { readonly params: F },
): Scenario<ParamsOf<F>> {
  const topic = scenario.id.slice(0, Math.max(0, scenario.id.indexOf('/')));
  return {
    ...scenario,
    topic,
    params: Type.Object(scenario.params, { additionalProperties: false }),
  };
}
