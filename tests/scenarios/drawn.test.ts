/**
 * Parameters drawn within their bounds, as somebody moves several sliders: what the scenario
 * reckons from them can be reckoned, and no check breaks but those that break in a variant or that
 * the proof names as a lesson of some setting. A setting may be refused for its own sake; a refusal
 * that points at a check or the story is the scenario's mistake, not the user's.
 *
 * FAULTLINE_LONG=1 draws four settings for each scenario, TEST_SEEDS=A..B as many as wanted.
 */
import { describe, expect, it } from 'vitest';
import { ScenarioError, simulate } from 'faultline';
import type { AnyScenario, Report } from 'faultline';
import { catalogue } from '../../scenarios/index.ts';
import { forSeeds } from '../support/seeds.ts';
import type { Random } from '../support/seeds.ts';
import { proofOf } from './proofs/index.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';
const OF_OURS = /^(checks|story)\b/;

interface Bounds {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
}

function valueOf(random: Random, field: Bounds): unknown {
  if (field.type === 'boolean') return random.chance(50);
  if (field.enum !== undefined) return random.pick(field.enum);
  const low = field.minimum ?? 0;
  const high = field.maximum ?? low;
  if (field.type === 'integer') return random.between(low, high);
  return low + random.between(0, Math.floor((high - low) * 1_000)) / 1_000;
}

/** Most often one or two, so that the others are as in a variant. */
function draw(random: Random, scenario: AnyScenario): Record<string, unknown> {
  const fields = Object.entries(scenario.params.properties) as [string, Bounds][];
  const share = random.chance(50) ? 100 : 150 / Math.max(1, fields.length);
  const chosen = fields.filter(() => random.chance(share));
  return Object.fromEntries(chosen.map(([name, field]) => [name, valueOf(random, field)]));
}

/** Null: refused, and it says why. */
function runOf(scenario: AnyScenario, params: Record<string, unknown>): Report | null {
  try {
    return simulate(scenario, { seed: 1, params });
  } catch (error) {
    if (error instanceof ScenarioError && !OF_OURS.test(error.path)) return null;
    throw error;
  }
}

function mayBreak(scenario: AnyScenario): ReadonlySet<string> {
  const lessons = Object.values(proofOf(scenario.id).lessons ?? {}).flat();
  const variants = scenario.variants.flatMap(({ expect = {} }) =>
    Object.entries(expect).flatMap(([check, how]) => (how === 'holds' ? [] : [check])),
  );
  return new Set([...lessons, ...variants]);
}

describe.each(catalogue.map((scenario) => [scenario.id, scenario] as const))(
  '%s',
  (id, scenario) => {
    it('makes sense with parameters drawn within their bounds', () => {
      const allowed = mayBreak(scenario);
      forSeeds(LONG ? 4 : 1, import.meta.url, (_, random) => {
        const params = draw(random, scenario);
        const report = runOf(scenario, params);
        if (report === null) return;
        const broken = report.checks.filter((check) => check.result === 'fail');
        const surprises = [
          ...broken.filter(({ check }) => !allowed.has(check)),
          ...report.checks.filter((check) => check.result === 'unknown'),
        ];
        const why = surprises.map((surprise) => `${surprise.check}: ${surprise.why}`);
        expect(why, `${id} ${JSON.stringify(params)}`).toEqual([]);
        expect(report.ended).toBe('duration');
      });
    });
  },
);
