/**
 * What a benchmark is. To add one: a file that exports a `Benchmark`, and a line in list.ts.
 */
import type { Reference } from './reference.ts';

export interface BenchmarkOptions {
  /** How often everything is measured; medians are reported. */
  readonly rounds: number;
  /** The C++ reference, or null where there is no compiler. */
  readonly reference: Reference | null;
  /** Tells a person what is going on. */
  readonly progress: (line: string) => void;
}

/** A promise about one measured value: it is at most so much. */
export interface Goal {
  readonly value: string;
  readonly atMost: number;
  readonly met: boolean;
}

export interface Row {
  readonly label: string;
  /** Measured values by their name, with the unit at the end of the name. */
  readonly values: Readonly<Record<string, number | string>>;
  readonly goals: readonly Goal[];
}

export interface Result {
  readonly rows: readonly Row[];
  /** What the rows compare and why, for whoever reads only the table. One line each. */
  readonly notes?: readonly string[];
  /** Something is not slow but wrong, such as two event orders that differ. One sentence each. */
  readonly faults: readonly string[];
}

export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  run(options: BenchmarkOptions): Result | Promise<Result>;
}

export function goal(row: Row['values'], value: string, atMost: number): Goal[] {
  const measured = row[value];
  return typeof measured === 'number' ? [{ value, atMost, met: measured <= atMost }] : [];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value below which the share `p` of the values lies. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]!;
}

/**
 * Nanoseconds of CPU time of this process, all threads: collecting garbage and compiling are part
 * of the cost, waiting for a busy machine is not.
 */
export function cpuNanos(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
