/**
 * The priority rows of the queueing grid, through a node whose scheduling is preemptive priority.
 * The `nonpreemptive` half of each row is about a queue before the cores, not about their sharing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exponential, meanSojourns } from '../../sim/node/support/mean-sojourn.ts';

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
const JOBS = LONG ? 4_000_000 : 700_000;
const TOLERANCE = LONG ? 0.03 : 0.05;
const SEED = 2;
/** One unit of the grid's time. */
const UNIT_MICROS = 100;

describe('preemptive priority (M/M/1, two classes)', () => {
  it.each(rows)('$lambda1 important, $lambda2 others: both means', (row) => {
    const { lambda1, lambda2, mu, preemptive } = row;
    const all = lambda1 + lambda2;
    const [first = NaN, second = NaN] = meanSojourns({
      scheduling: 'preemptive-priority',
      arrivalsPerMicro: all / UNIT_MICROS,
      shares: [lambda1 / all, lambda2 / all],
      demand: exponential(UNIT_MICROS / mu),
      jobs: JOBS,
      seed: SEED,
    });
    const seen = `seed ${SEED}: ${first / UNIT_MICROS}, ${second / UNIT_MICROS}`;
    expect(Math.abs(first / UNIT_MICROS / preemptive.W1 - 1), seen).toBeLessThan(TOLERANCE);
    expect(Math.abs(second / UNIT_MICROS / preemptive.W2 - 1), seen).toBeLessThan(TOLERANCE);
  });
});
