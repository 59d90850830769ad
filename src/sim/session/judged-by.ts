/**
 * The variant that a run is judged by: the one that it is, or, where further rules are off, the
 * nearest one with the same parameters and fewer rules off, which is what the run is compared with.
 */
import { Value } from '../contracts/schema.ts';
import { canonicalJson, compareText } from '../kernel/canonical.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { JudgedVariant } from './document-source.ts';
import type { RunSpec } from './spec.ts';

export interface JudgedBy {
  /** Null: nothing is known of such a run, so every check must hold. */
  readonly variant: JudgedVariant | null;
  /** Rules that are off in the run and on in its variant. */
  readonly beyond: readonly string[];
}

const NOTHING: JudgedBy = { variant: null, beyond: [] };

/** A document knows one variant: what it was built as, unless somebody changed the run since. */
export function asBuilt(variant: JudgedVariant | undefined, spec: RunSpec): JudgedBy {
  if (variant === undefined || isChanged(spec)) return NOTHING;
  return nearestOf([variant], spec);
}

export function variantOf(scenario: Scenario, params: unknown, spec: RunSpec): JudgedBy {
  if (isChanged(spec)) return NOTHING;
  const wanted = canonicalJson(params);
  const alike = scenario.variants.filter((variant) => {
    const own = Value.Default(scenario.params, { ...(variant.params ?? {}) });
    return canonicalJson(own) === wanted;
  });
  return nearestOf(alike, spec);
}

/** A run with other faults than its plan's is no variant any more. */
const isChanged = (spec: RunSpec): boolean =>
  spec.planOverride?.faults !== undefined || spec.interventions.length > 0;

/** Of those whose rules are all off in the run, the one with most of them; of equals the first. */
function nearestOf(variants: readonly JudgedVariant[], spec: RunSpec): JudgedBy {
  const off = [...new Set(spec.ablations)].sort(compareText);
  let nearest = NOTHING;
  for (const variant of variants) {
    const own = variant.ablations ?? [];
    if (own.some((rule) => !off.includes(rule))) continue;
    const beyond = off.filter((rule) => !own.includes(rule));
    if (nearest.variant !== null && nearest.beyond.length <= beyond.length) continue;
    nearest = { variant, beyond };
  }
  return nearest;
}
