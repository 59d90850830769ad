/**
 * Parameters moved to their bounds: the scenario still makes sense. Nothing throws, and what a
 * parameter is not about goes on holding. The checks that a parameter may break are named in the
 * scenario's proof, each with what it teaches.
 */
import { describe, expect, it } from 'vitest';
import { simulate } from 'faultline';
import type { AnyScenario } from 'faultline';
import { catalogue } from '../../scenarios/index.ts';
import { proofOf } from './proofs/index.ts';

interface Bounds {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

function settingsOf(scenario: AnyScenario): readonly { name: string; value: unknown }[] {
  const fields = Object.entries(scenario.params.properties) as [string, Bounds][];
  return fields.flatMap(([name, field]) => {
    const values =
      field.type === 'boolean'
        ? [true, false]
        : (field.enum ?? [field.minimum, field.maximum].filter((v) => v !== undefined));
    return values.filter((value) => value !== field.default).map((value) => ({ name, value }));
  });
}

describe.each(catalogue.map((scenario) => [scenario.id, scenario] as const))(
  '%s',
  (id, scenario) => {
    const settings = settingsOf(scenario);

    it('bounds every parameter', () => {
      for (const [name, field] of Object.entries(scenario.params.properties) as [
        string,
        Bounds,
      ][]) {
        const bounded = field.type === 'boolean' || field.enum !== undefined;
        expect(bounded || field.maximum !== undefined, name).toBe(true);
      }
    });

    it.each(settings)('makes sense with $name at $value', ({ name, value }) => {
      const lessons = proofOf(id).lessons ?? {};
      const setting = `${name}=${String(value)}`;
      const allowed = [...(lessons['*'] ?? []), ...(lessons[setting] ?? [])];
      for (const seed of [1, 2]) {
        const report = simulate(scenario, { seed, params: { [name]: value } });
        const broken = report.checks.filter((c) => c.result === 'fail').map((c) => c.check);
        const surprises = broken.filter((check) => !allowed.includes(check));
        expect(surprises, `seed ${seed}: ${report.repro.command}`).toEqual([]);
        expect(report.ended).toBe('duration');
      }
    });
  },
);
