/**
 * The availability classes of Bailis et al. (VLDB 2014): what holds while everybody is served, what
 * holds for those who stay where they are, and what costs one side of a cut its service.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { askingOf, expectTold } from './asking.ts';
import { hat } from './rows-hat.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const answersOf = askingOf(hat.flatMap(({ runs }) => runs));
const titled = hat.map((row) => [`${row.availability}: ${row.levels.join(', ')}`, row] as const);

describe.each(titled)('%s', (_, { availability, levels, runs }) => {
  it.each(runs.map((run) => [run.says, run] as const))('%s', (__, run) => {
    expectTold(run, answersOf(run).answers);
  });

  it('is in the table of the README, with its runs', () => {
    const start = `| ${levels.join(', ')} | ${availability} |`;
    const line = readme.split('\n').find((one) => one.startsWith(start)) ?? '';
    for (const { scenario, variant } of runs) {
      expect(line).toContain(`\`${scenario}\``);
      expect(line).toContain(variant);
    }
  });
});
