/** The command line of the benchmarks. */
import { describe, expect, it } from 'vitest';
import { readWords } from '../../bench/flags.ts';
import type { Asked } from '../../bench/flags.ts';
import { benchmarks } from '../../bench/list.ts';
import { sentence } from '../../src/cli/errors.ts';
import type { ScenarioError } from '../../src/sim/index.ts';

const names = (asked: Asked | string) => (asked as Asked).chosen.map(({ name }) => name);
const all = benchmarks.map(({ name }) => name);

describe('the words after npm run bench', () => {
  it('run everything five times when there are none', () => {
    expect(readWords([])).toMatchObject({ json: false, check: false, rounds: 5 });
    expect(names(readWords([]))).toEqual(all);
  });

  it('choose some, and how often', () => {
    const asked = readWords([
      '--only',
      'service,hold',
      '--only',
      'seek',
      '--rounds',
      '2',
      '--json',
    ]);
    expect(names(asked)).toEqual(['service', 'hold', 'seek']);
    expect(asked).toMatchObject({ json: true, rounds: 2 });
  });

  it('show the list, and the help with it', () => {
    const list = readWords(['--list']) as string;
    const help = readWords(['--help']) as string;
    for (const { name, summary } of benchmarks) {
      expect(list).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'));
      expect(help).toContain(`  ${name} `);
    }
    for (const flag of ['--list', '--only <NAME>', '--rounds <N>', '--check', '--json']) {
      expect(help).toContain(flag);
    }
  });

  it.each([
    [['--ony', 'hold'], 'bench has no flag --ony. Did you mean --only?'],
    [['--only', 'servce'], 'There is no benchmark "servce". Did you mean service?'],
    [['service'], 'bench got too many words. To run one: npm run -s bench -- --only service.'],
    [['--rounds', '0'], '--rounds must be a whole number from 1 to 1000, not "0".'],
    [['--rounds'], 'The flag --rounds needs a value.'],
  ])('%j are refused in one sentence with the nearest choice', (words, told) => {
    let refusal = '';
    try {
      readWords(words);
    } catch (error) {
      refusal = sentence(error as ScenarioError);
    }
    expect(refusal.slice(0, told.length)).toBe(told);
    expect(refusal).not.toContain('\n');
  });
});
