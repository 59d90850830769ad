/**
 * Every check of every scenario can break: for each there is a run in which it does, and one in
 * which it holds. A check that no row names fails here, so that none is only decoration.
 */
import { describe, expect, it } from 'vitest';
import { Session, makeRegistry, makeSpec, simulate } from 'faultline';
import type { AnyScenario, CheckPlan } from 'faultline';
import 'faultline/vitest';
import { catalogue } from '../../scenarios/index.ts';
import { proofOf } from './proofs/index.ts';

const SEED = 1;

/** It watches every run of a kind: that it can break its own tests show. */
const isStanding = ({ id, use }: CheckPlan): boolean =>
  id === use && makeRegistry().checks.get(use)?.stands !== undefined;

/** The checks of a scenario, over all its variants, with one variant that has each. */
function checksOf(scenario: AnyScenario): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name } of scenario.variants) {
    const { plan } = new Session(makeSpec(scenario, { variant: name }), { scenarios: catalogue });
    for (const check of plan.checks) {
      if (!found.has(check.id) && !isStanding(check)) found.set(check.id, name);
    }
  }
  return found;
}

describe.each(catalogue.map((scenario) => [scenario.id, scenario] as const))(
  '%s',
  (id, scenario) => {
    const rows = proofOf(id).breaks;
    const checks = checksOf(scenario);

    it('has a row for every check, and no other', () => {
      expect(Object.keys(rows).sort()).toEqual([...checks.keys()].sort());
    });

    it.each([...checks.keys()])('%s breaks', (check) => {
      const options = rows[check];
      if (options === undefined) throw new Error(`Name a run in which ${check} breaks.`);
      expect(simulate(scenario, { seed: SEED, ...options })).toBreak(check);
    });

    it('has a variant in which each of them holds', () => {
      const held = scenario.variants.flatMap(({ name }) => {
        const report = simulate(scenario, { seed: SEED, variant: name });
        const passed = report.checks.filter((one) => one.result === 'pass');
        return passed.map((one) => one.check).filter((check) => checks.has(check));
      });
      expect([...new Set(held)].sort()).toEqual([...checks.keys()].sort());
    });
  },
);
