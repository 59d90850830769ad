/** Every data file is accounted for: what it is, where it comes from, its licence, who runs it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = import.meta.dirname;
const files = readdirSync(join(folder, 'data')).sort();
const rows = readFileSync(join(folder, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));

describe('the data files', () => {
  it('each have one line in the table of README.md, and no line is without a file', () => {
    expect(rows.map(([, file]) => file).sort()).toEqual(files);
  });

  it.each(files)('%s: the line says what, source, licence and a test that reads it', (file) => {
    const [, , what, source, licence, run = ''] = rows.find((row) => row[1] === file) ?? [];
    for (const cell of [what, source, licence]) expect(cell).not.toBe('');
    const tests = run.split(', ').map((test) => join(folder, test));
    for (const test of tests) expect(existsSync(test), test).toBe(true);
    const reads = tests.filter((test) => readFileSync(test, 'utf8').includes(file));
    const viaCases = tests.filter((test) => readFileSync(test, 'utf8').includes("'./cases.ts'"));
    expect(reads.length + viaCases.length).toBe(tests.length);
  });
});
