/**
 * Every rule that can be switched off is needed: in the run that the table names its property
 * breaks without the rule, and holds with it. Where the table names a test, it is there.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeRegistry, simulate } from 'faultline';
import type { CheckReport, RunOptions } from 'faultline';
import { catalogue } from '../../scenarios/index.ts';
import { SEEN } from './seen/index.ts';
import { commandOf } from './seen/sight.ts';
import type { SeenInRun, SeenInTest } from './seen/sight.ts';

const rules = [...makeRegistry().rules.keys()];
const rows = Object.entries(SEEN);
const runs = rows.filter((row): row is [string, SeenInRun] => 'scenario' in row[1]);
const tests = rows.filter((row): row is [string, SeenInTest] => 'file' in row[1]);
const root = new URL('../../', import.meta.url);

function resultOf(sight: SeenInRun, ablations: readonly string[]): CheckReport['result'] {
  const { scenario: id, check, variant, params, seed } = sight;
  const scenario = catalogue.find((one) => one.id === id);
  if (scenario === undefined) throw new Error(`There is no scenario ${id}.`);
  const options: RunOptions = { ablations, params: params ?? {}, seed };
  const report = simulate(scenario, variant === undefined ? options : { ...options, variant });
  const found = report.checks.find((one) => one.check === check);
  if (found === undefined) throw new Error(`${id} has no check ${check}.`);
  return found.result;
}

describe('the rules', () => {
  it('each have a place where they are seen to matter, and no other has', () => {
    expect(rows.map(([rule]) => rule).sort()).toEqual([...rules].sort());
  });

  it.each(runs.map(([rule, sight]) => [commandOf(rule, sight), rule, sight] as const))(
    '%s: breaks what it is for, and with the rule it holds',
    (_command, rule, sight) => {
      expect(resultOf(sight, []), `${sight.check}, with ${rule}`).toBe('pass');
      expect(resultOf(sight, [rule]), `${sight.check}, without ${rule}`).toBe('fail');
    },
  );

  it.each(tests)('%s has its test', (rule, { file, title }) => {
    const text = readFileSync(new URL(file, root), 'utf8');
    expect(text).toContain(title);
    expect(text, 'the rule that it switches off').toContain(rule);
  });
});
