/** The examples of docs/ADDING.md are real: they are extracted, type-checked and run. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulate } from 'faultline';
import type { AnyScenario } from 'faultline';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(import.meta.dirname, 'examples-generated');

function extract(): readonly string[] {
  const page = readFileSync(join(ROOT, 'docs/ADDING.md'), 'utf8');
  const files: string[] = [];
  for (const match of page.matchAll(/```ts\n\/\/ file: (\S+)\n([\s\S]*?)```/g)) {
    const [, name = '', code = ''] = match;
    writeFileSync(join(FOLDER, name), code);
    files.push(name);
  }
  return files;
}

const load = async (file: string): Promise<AnyScenario> =>
  ((await import(/* @vite-ignore */ join(FOLDER, file))) as { default: AnyScenario }).default;

describe('docs/ADDING.md', () => {
  let files: readonly string[] = [];
  beforeAll(() => {
    mkdirSync(FOLDER, { recursive: true });
    files = extract();
  });
  afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

  it('has examples that compile', () => {
    expect(files.length).toBeGreaterThan(5);
    const config = join(FOLDER, 'tsconfig.json');
    writeFileSync(
      config,
      JSON.stringify({ extends: '../../../tsconfig.sim.json', include: ['.'] }),
    );
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  it('has a failover scenario whose variants do what they say', async () => {
    const scenario = await load('quick-failover.ts');
    expect(simulate(scenario).verdict).toBe('pass');
    expect(simulate(scenario, { variant: 'slow' }).verdict).toBe('pass');
  });

  it('has a ticket office that sells out and is told apart by its seed', async () => {
    const scenario = await load('tickets-scenario.ts');
    const first = simulate(scenario, { seed: 1 });
    expect(first.verdict).toBe('pass');
    expect(first.metrics.facts).toContainEqual({ type: 'tickets.sold-out', count: 1 });
    expect(simulate(scenario, { seed: 1 }).traceHash).toBe(first.traceHash);
    expect(simulate(scenario, { seed: 2 }).traceHash).not.toBe(first.traceHash);
  });
});
