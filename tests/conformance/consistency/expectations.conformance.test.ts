/**
 * What 28 situations of consistency and availability must show, each asserted exactly: who may read
 * and write on each side, which acknowledged writes are lost, which anomaly appears and which does
 * not. The situations are scenarios of the catalogue; the rows say what their checks must tell, and
 * ask of the same run what the scenario leaves open.
 *
 * Invariant: a question changes nothing of the run, which has the hashes that are written down.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { askingOf, expectTold } from './asking.ts';
import type { Row } from './expectation.ts';
import { clusters } from './rows-clusters.ts';
import { partitions } from './rows-partitions.ts';
import { replicas } from './rows-replicas.ts';

const ROWS: readonly Row[] = [...partitions, ...replicas, ...clusters];
const SITUATIONS = 28;

const golden = JSON.parse(
  readFileSync(new URL('../../scenarios/golden-hashes.json', import.meta.url), 'utf8'),
) as Record<string, { readonly traceHash: string }>;
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

const answersOf = askingOf(ROWS.flatMap(({ runs }) => runs));

const titled = ROWS.map((row) => [`${row.number}. ${row.title}`, row] as const);

describe.each(titled)('%s', (_, { number, runs, lacks }) => {
  it.each(runs.map((run) => [run.says, run] as const))('%s', (__, run) => {
    const { answers, traceHash } = answersOf(run);
    expectTold(run, answers);
    if (run.faults !== undefined) return;
    expect(traceHash).toBe(golden[`${run.scenario} ${run.variant} seed 1`]?.traceHash);
  });

  it('is in the table of the README, with its runs', () => {
    const line = readme.split('\n').find((one) => one.startsWith(`| ${number} |`)) ?? '';
    for (const { scenario, variant } of runs) {
      expect(line).toContain(`\`${scenario}\``);
      expect(line).toContain(variant);
    }
    if (lacks !== undefined) expect(line).toContain('nothing');
  });
});

it('each situation has its row', () => {
  expect(ROWS.map(({ number }) => number)).toEqual(
    Array.from({ length: SITUATIONS }, (_, at) => at + 1),
  );
  expect(ROWS.filter(({ runs, lacks }) => runs.length === 0 && lacks === undefined)).toEqual([]);
});
