/**
 * The variant that a run is judged by: the one that it is, or, where further rules are off, the
 * nearest one with the same plan and fewer rules off, which is what the run is compared with. A
 * plan may leave parameters out: then runs that differ in them alone are one and the same.
 */
import { Value } from '../contracts/schema.ts';
import { canonicalJson, compareText } from '../kernel/canonical.ts';
import { stateHash } from '../kernel/state-hash.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Scenario, Variant } from '../scenario/scenario.ts';
import type { DocumentSource, JudgedVariant } from './document-source.ts';
import type { RunSpec } from './spec.ts';

interface Params {
  readonly [name: string]: unknown;
}

export interface JudgedBy {
  /** Null: nothing is known of such a run, so every check must hold. */
  readonly variant: JudgedVariant | null;
  /** Rules that are off in the run and on in its variant. */
  readonly beyond: readonly string[];
  /** Parameters that are not as in that variant, and change nothing in the plan. */
  readonly idle: readonly string[];
  /** Where it is no variant: the one that it is but for further parameters and rules. */
  readonly near?: JudgedVariant;
}

const NOTHING: JudgedBy = { variant: null, beyond: [], idle: [] };

/** A document knows one variant: what it was built as, unless somebody changed the run since. */
export function asBuilt(source: DocumentSource | undefined, spec: RunSpec): JudgedBy {
  if (source === undefined || isChanged(spec)) return NOTHING;
  if (source.variant !== undefined) return nearestOf([source.variant], spec);
  return source.near === undefined ? NOTHING : nearOf([source.near], spec);
}

export function variantOf(scenario: Scenario, params: Params, plan: Plan, spec: RunSpec): JudgedBy {
  if (isChanged(spec)) return NOTHING;
  const wanted = canonicalJson(params);
  const alike = scenario.variants.filter(
    (variant) => canonicalJson(paramsOf(scenario, variant)) === wanted,
  );
  const found = nearestOf(alike, spec);
  if (found.variant !== null) return found;
  const built = asRun(plan);
  const same = scenario.variants.filter((variant) => {
    const own = scenario.plan(paramsOf(scenario, variant) as never, spec.ablations);
    return asRun(own) === built;
  });
  const { variant, beyond } = nearestOf(same, spec);
  if (variant === null) return nearOf(alikeButFor(scenario, params), spec);
  const own = paramsOf(scenario, variant);
  const idle = Object.keys(params).filter(
    (name) => canonicalJson(params[name] ?? null) !== canonicalJson(own[name] ?? null),
  );
  return { variant, beyond, idle };
}

/** What breaks in a variant may break or not with further parameters: nobody has said. */
function nearOf(variants: readonly JudgedVariant[], spec: RunSpec): JudgedBy {
  const { variant: near } = nearestOf(variants, spec);
  return near === null ? NOTHING : { ...NOTHING, near };
}

/** Of the variants whose own parameters the run has, those that state most of them. */
function alikeButFor(scenario: Scenario, params: Params): readonly Variant[] {
  const said = (variant: Variant): number => Object.keys(variant.params ?? {}).length;
  const found = scenario.variants.filter((variant) =>
    Object.entries((variant.params ?? {}) as Params).every(
      ([name, value]) => canonicalJson(value ?? null) === canonicalJson(params[name] ?? null),
    ),
  );
  const most = Math.max(0, ...found.map(said));
  return found.filter((variant) => said(variant) === most);
}

/** A plan without what is only told about it: words do not change what happens. */
const asRun = (plan: Plan): string => stateHash({ ...plan, title: '', summary: '', story: [] });

const paramsOf = (scenario: Scenario, { params = {} }: Pick<Variant, 'params'>): Params =>
  Value.Default(scenario.params, { ...params }) as Params;

/** A run with other faults than its plan's is no variant any more. */
const isChanged = (spec: RunSpec): boolean =>
  spec.planOverride?.faults !== undefined || spec.interventions.length > 0;

/** Of those whose rules are all off in the run, the one with most of them; of equals the first. */
function nearestOf<V extends JudgedVariant>(
  variants: readonly V[],
  spec: RunSpec,
): JudgedBy & { readonly variant: V | null } {
  const off = [...new Set(spec.ablations)].sort(compareText);
  let nearest: JudgedBy & { readonly variant: V | null } = { ...NOTHING, variant: null };
  for (const variant of variants) {
    const own = variant.ablations ?? [];
    if (own.some((rule) => !off.includes(rule))) continue;
    const beyond = off.filter((rule) => !own.includes(rule));
    if (nearest.variant !== null && nearest.beyond.length <= beyond.length) continue;
    nearest = { variant, beyond, idle: [] };
  }
  return nearest;
}
