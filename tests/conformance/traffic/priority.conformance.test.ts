/**
 * The priority rows of the queueing grid, through a node whose scheduling is preemptive priority.
 * The `nonpreemptive` half of each row is about a queue before the cores, not about their sharing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exponential, meanSojourns } from '../../sim/node/support/mean-sojourn.ts';
import { bonferroni, intervalOf } from './support/statistics.ts';

interface Row {
  readonly lambda1: number;
  readonly lambda2: number;
  readonly mu: number;
  readonly preemptive: { readonly W1: number; readonly W2: number };
}

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const { priority_mm1: rows } = JSON.parse(
  readFileSync(join(folder, 'queueing_grid.json'), 'utf8'),
) as { readonly priority_mm1: readonly Row[] };

const LONG = process.env['FAULTLINE_LONG'] === '1';
const JOBS = LONG ? 500_000 : 700_000;
const TOLERANCE = 0.05;
const REPLICATIONS = 30;
const SEED = 2;
/** One unit of the grid's time. */
const UNIT_MICROS = 100;

/** Both means, in units. */
function sojourns({ lambda1, lambda2, mu }: Row, seed: number): readonly number[] {
  const all = lambda1 + lambda2;
  const found = meanSojourns({
    scheduling: 'preemptive-priority',
    arrivalsPerMicro: all / UNIT_MICROS,
    shares: [lambda1 / all, lambda2 / all],
    demand: exponential(UNIT_MICROS / mu),
    jobs: JOBS,
    seed,
  });
  return found.map((micros) => micros / UNIT_MICROS);
}

const expected = ({ preemptive }: Row): readonly number[] => [preemptive.W1, preemptive.W2];

function short(row: Row): void {
  const found = sojourns(row, SEED);
  expected(row).forEach((value, i) => {
    const seen = `seed ${SEED}: ${found[i]}, expected ${value}`;
    expect(Math.abs((found[i] as number) / value - 1), seen).toBeLessThan(TOLERANCE);
  });
}

function long(row: Row): void {
  const found = Array.from({ length: REPLICATIONS }, (_, i) => sojourns(row, SEED + i));
  expected(row).forEach((value, place) => {
    const { mean, low, high, halfWidth } = intervalOf(
      found.map((means) => means[place] as number),
      bonferroni(0.99, 2 * rows.length),
    );
    const width = ((halfWidth / value) * 100).toFixed(2);
    const seen = `expected ${value}: ${mean} [${low}, ${high}] +-${width} %`;
    console.info(`class ${place + 1} of ${row.lambda1} and ${row.lambda2}, ${seen}`);
    expect(low, seen).toBeLessThan(value);
    expect(high, seen).toBeGreaterThan(value);
  });
}

describe('preemptive priority (M/M/1, two classes)', () => {
  it.each(rows)('$lambda1 important, $lambda2 others: both means', LONG ? long : short, 1_800_000);
});
