/** The table of clients that contend for one row: its rows, our names, and what may differ. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

export interface ContestRow {
  readonly clients: number;
  readonly algo: string;
}
export interface SingleSeedRow extends ContestRow {
  readonly time: number;
  readonly calls: number;
}
export interface MeanRow extends ContestRow {
  readonly rounds: number;
  readonly time_mean: number;
  readonly time_sd: number;
  readonly calls_mean: number;
  readonly calls_sd: number;
}
interface Cases {
  readonly rounds100_single_seed: readonly SingleSeedRow[];
  readonly rounds400_with_sd: readonly MeanRow[];
}

export const CONTESTS = JSON.parse(
  readFileSync(join(folder, 'backoff_cases.json'), 'utf8'),
) as Cases;

/** The table's names of algorithms, and ours. */
export const OURS: ReadonlyMap<string, string> = new Map([
  ['None', 'none'],
  ['Exponential', 'exponential'],
  ['EqualJitter', 'equal-jitter'],
  ['FullJitter', 'full-jitter'],
  ['Decorr', 'decorrelated-jitter'],
]);

export interface Summary {
  readonly mean: number;
  readonly sd: number;
}

export function summary(values: readonly number[]): Summary {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1);
  return { mean, sd: Math.sqrt(variance) };
}

/** Three standard errors of the difference of two means, or a share of the published one. */
export function margin(
  ours: Summary,
  rounds: number,
  theirs: Summary,
  theirRounds: number,
  share: number,
): number {
  const error = Math.sqrt(ours.sd ** 2 / rounds + theirs.sd ** 2 / theirRounds);
  return Math.max(3 * error, share * theirs.mean);
}

/** A line of what was expected and found, with the interval that it may lie in. */
export function lineOf(row: MeanRow, time: Summary, calls: Summary, rounds: number): string {
  const inMs = (value: number) => value.toFixed(0).padStart(6);
  const inCalls = (value: number) => value.toFixed(1).padStart(7);
  const ofTime = (3 * time.sd) / Math.sqrt(rounds);
  const ofCalls = (3 * calls.sd) / Math.sqrt(rounds);
  return (
    `${`${row.clients} ${row.algo}`.padEnd(16)} | ` +
    `time ${inMs(row.time_mean)} | ${inMs(time.mean)} +-${ofTime.toFixed(0)} | ` +
    `calls ${inCalls(row.calls_mean)} | ${inCalls(calls.mean)} +-${ofCalls.toFixed(1)}`
  );
}
