/**
 * Parameters moved to their bounds: the scenario still makes sense. Nothing throws, and what a
 * parameter is not about goes on holding. The checks that a parameter may break are named here,
 * each with what it teaches.
 */
import { describe, expect, it } from 'vitest';
import { simulate } from 'faultline';
import type { AnyScenario } from 'faultline';
import { catalogue } from '../../scenarios/index.ts';

interface Bounds {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

/** By scenario and setting: checks that break there, because that is what the setting shows. */
const LESSONS: { readonly [scenario: string]: { readonly [setting: string]: readonly string[] } } =
  {
    'cap/cp-partition': {
      // A deposed leader that does not ask anybody answers with old values.
      'readMode=local': ['linearizable'],
    },
    'consensus/leader-failover': {
      // Long timeouts, long silence.
      'electionTimeoutMs=2000': ['a-hiccup'],
    },
    'consensus/split-vote': {
      // The default range is narrow, and so are these.
      '*': ['soon-settled'],
      // Without any luck in the draws nobody wins.
      'timeoutSpreadMs=1': ['clients-are-served', 'a-leader-is-chosen'],
    },
    'consensus/flapping-link': {
      'link=deaf-leader': ['term-stays', 'leader-stays', 'clients-unhurt'],
      'preVote=false': ['term-stays', 'leader-stays', 'clients-unhurt'],
    },
  };

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
      const lessons = LESSONS[id] ?? {};
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
