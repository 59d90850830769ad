/**
 * Scripted clusters against what they printed when somebody last read it.
 *
 * After a wanted change: `UPDATE_GOLDENS=1 npx vitest run tests/sim/protocols/raft/goldens`, then
 * read the difference before committing it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBlocks, replay } from './support/script.ts';

const folder = join(import.meta.dirname, 'goldens');
const files = readdirSync(folder).sort();
const update = process.env['UPDATE_GOLDENS'] === '1';

describe('scripted goldens', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThan(8);
  });

  it.each(files)('%s', (file) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    expect(parseBlocks(text)[0]?.command).toMatch(/^nodes /);
    const now = replay(text);
    if (update) writeFileSync(path, now);
    else expect(now).toBe(text);
  });
});
