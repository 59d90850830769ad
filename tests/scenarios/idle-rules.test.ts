/**
 * A rule that is refused because it could not act: without it the run is the same. All that are
 * refused in a variant are switched off at once, behind the back of the check that refuses them.
 */
import { Session, makeRegistry, makeSpec, rulesInUse, rulesOf } from 'faultline';
import type { AnyScenario, Plan, Registry } from 'faultline';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../scenarios/index.ts';
import { LIMITS_DEFAULT } from '../../src/sim/kernel/limits.ts';
import { build } from '../../src/sim/scenario/build.ts';
import { Run } from '../../src/sim/session/run.ts';

const SEED = 1;

function hashOf(plan: Plan, registry: Registry, ablations: readonly string[]): string {
  const parts = build(plan, registry, { seed: SEED, order: 'fifo', ablations });
  const durationMicros = Math.round(plan.durationMs * 1_000);
  const limits = { ...LIMITS_DEFAULT, ...plan.limits };
  new Run(parts, { durationMicros, limits, interventions: [] }).advance(durationMicros, Infinity);
  return parts.kernel.hash.hex();
}

const planOf = (scenario: AnyScenario, variant: string): Plan =>
  new Session(makeSpec(scenario, { variant }), { scenarios: catalogue }).plan;

/** A server that lost what it had on disk takes back what is committed once any rule is off. */
const LYING_DISKS: readonly string[] = ['consensus/lost-fsync'];

interface Case {
  readonly variant: string;
  readonly plan: Plan;
  readonly off: readonly string[];
  readonly idle: readonly string[];
}

/** Variants in which other rules are refused than in those before. */
function casesOf(scenario: AnyScenario, registry: Registry): readonly Case[] {
  const cases = new Map<string, Case>();
  for (const { name: variant, ablations: off = [] } of scenario.variants) {
    const plan = planOf(scenario, variant);
    const used = new Set(rulesInUse(plan, registry).map(({ id }) => id));
    const idle = rulesOf(plan, registry).flatMap(({ id }) => (used.has(id) ? [] : [id]));
    const key = idle.join(' ');
    if (key !== '' && !cases.has(key)) cases.set(key, { variant, plan, off, idle });
  }
  return [...cases.values()];
}

const followed = catalogue.filter(({ id }) => !LYING_DISKS.includes(id));

describe('a run without the rules that are refused there', () => {
  it.each(followed.map((scenario) => [scenario.id, scenario] as const))(
    'is the same run: %s',
    (_id, scenario) => {
      const registry = makeRegistry(scenario.registers ?? {});
      for (const { variant, plan, off, idle } of casesOf(scenario, registry)) {
        const without = hashOf(plan, registry, [...off, ...idle]);
        const why = `${variant}: ${idle.join(' ')}`;
        expect(without, why).toBe(hashOf(plan, registry, off));
      }
    },
  );
});
