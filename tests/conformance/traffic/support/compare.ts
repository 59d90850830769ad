/**
 * Rows of a table against runs of a topology.
 *
 * Short form: one replication whose length is set by what theory says of its variance, 5 % of the
 * value. Long form (FAULTLINE_LONG=1): 30 replications or more; the interval of 99 %, corrected
 * for all intervals of the table, contains the value, and is no wider than 2 % to each side where
 * the budget of requests allows it. What is left out, and why, is printed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bonferroni, intervalOf, meanOf, shareInterval } from './statistics.ts';
import { runTopology } from './station.ts';
import type { Measured, Topology } from './station.ts';

export const LONG = process.env['FAULTLINE_LONG'] === '1';
const SHORT_SEED = 1;
const LONG_SEED = 1_000;
const TOLERANCE = 0.05;
/** Of the mean that a short run is sized by, relative: the tolerance is almost three of them. */
const SHORT_ERROR = 0.018;
const CONFIDENCE = 0.99;
const HALF_WIDTH_MAX = 0.02;
/** About the quantile of a table's intervals, to size runs by. */
const QUANTILE = 4.8;
const REPLICATIONS_MIN = 30;
const REPLICATIONS_MAX = 120;
/** Fewer requests in a run leave the warm-up in what is measured. */
const REQUESTS_MIN = 12_000;
const MINUTES = 60_000;

export interface Quantity {
  readonly name: string;
  readonly expected: number;
  readonly of: (measured: Measured) => number;
  /** What its error is relative to; default: what is expected. */
  readonly scale?: number;
  /** Its interval must be narrow enough; others must contain the value. */
  readonly isMain?: boolean;
  /** Of the short form: one that takes more requests than the main one is left out. */
  readonly isLongOnly?: boolean;
  /** The value is itself a measurement, and right to so much; instead of an interval. */
  readonly tolerance?: number;
  /** A share of the requests, each of which is a trial of its own. */
  readonly isShare?: boolean;
  /** Why it is printed and not asserted. */
  readonly unasserted?: string;
}

export interface TableRow {
  readonly name: string;
  readonly rho: number;
  /** Requests in a unit of time. */
  readonly requestsPerUnit: number;
  /**
   * The variance of the main mean over n requests, times n, over the square of the value: so many
   * requests are needed for an error of 100 %.
   */
  readonly variance: number;
  readonly topology: (units: number, seed: number) => Topology;
  readonly quantities: readonly Quantity[];
  /** The fewest requests of a run, where each is costly. */
  readonly requestsMin?: number;
  /** Why no form runs it. */
  readonly notRun?: string;
  /** Requests that the long form may spend on it. */
  readonly longMax?: number;
  /** Why the short form leaves it out. */
  readonly longOnly?: string;
}

export interface Table {
  readonly name: string;
  readonly rows: readonly TableRow[];
  /** Requests that a row of the short form may take. */
  readonly shortMax: number;
  readonly longMax: number;
}

/**
 * The variance of the mean time in a station with `c` places, for `TableRow.variance`: the queue
 * forgets within (k / (1 - rho)^2) requests, k the mean of both squared coefficients of variation.
 * Of M/M/1 it is near the exact rho (2 + 5 rho - 4 rho^2 + rho^3) / (1 - rho)^4.
 */
export const queueVariance = (rho: number, waitShare: number, k: number, scv: number): number =>
  (5 * k * waitShare * waitShare) / ((1 - rho) * (1 - rho)) + scv + 1;

const digits = (value: number) => value.toPrecision(6).padStart(11);

class Lines {
  readonly #lines: string[] = [];

  add(row: TableRow, quantity: Quantity, seen: string): void {
    const what = `${row.name}: ${quantity.name}`.padEnd(52);
    this.#lines.push(`${what} | ${digits(quantity.expected)} | ${seen}`);
  }

  note(text: string): void {
    this.#lines.push(text);
  }

  print(table: Table, head: string): void {
    console.info([`${table.name} (${head})`, ...this.#lines].join('\n'));
  }
}

const shortRequests = (row: TableRow): number => row.variance / (SHORT_ERROR * SHORT_ERROR);

function leftOut(row: TableRow, table: Table): string | null {
  if (row.longOnly !== undefined) return row.longOnly;
  if (row.rho > 0.8 + 1e-9) return `utilisation ${row.rho} is above 0.8`;
  const need = shortRequests(row);
  if (need <= table.shortMax) return null;
  return `5 % takes ${Math.round(need / 1_000)} thousand requests`;
}

export function compare(table: Table): void {
  describe(`${table.name}, ${LONG ? 'long' : 'short'} form`, () => {
    const lines = new Lines();
    let cpu = process.cpuUsage();
    beforeAll(() => {
      cpu = process.cpuUsage();
    });
    const work = { requests: 0 };
    for (const row of table.rows) {
      const without = LONG ? null : leftOut(row, table);
      if (row.notRun !== undefined) lines.note(`${row.name}: not run, ${row.notRun}`);
      else if (without !== null) lines.note(`${row.name}: left to the long form, ${without}`);
      else if (LONG) it(row.name, () => void long(table, row, lines, work), 30 * MINUTES);
      else it(row.name, () => void short(row, lines, work));
    }
    afterAll(() => {
      const { user, system } = process.cpuUsage(cpu);
      const seconds = ((user + system) / 1e6).toFixed(1);
      lines.note(`${work.requests} requests, ${seconds} s of CPU`);
      lines.print(
        table,
        LONG ? 'row | expected | measured, interval' : 'row | expected | measured',
      );
    });
  });
}

function unitsOf(row: TableRow, requests: number): number {
  return Math.ceil(Math.max(row.requestsMin ?? REQUESTS_MIN, requests) / row.requestsPerUnit / 0.9);
}

function short(row: TableRow, lines: Lines, work: { requests: number }): void {
  const measured = runTopology(row.topology(unitsOf(row, shortRequests(row)), SHORT_SEED));
  work.requests += measured.requests;
  const wrong: string[] = [];
  for (const quantity of row.quantities) {
    if (quantity.isLongOnly === true) continue;
    const value = quantity.of(measured);
    const off = Math.abs(value - quantity.expected) / (quantity.scale ?? quantity.expected);
    const isWrong = !(off <= Math.max(TOLERANCE, quantity.tolerance ?? 0));
    const seen = `${digits(value)}  ${((value / quantity.expected - 1) * 100).toFixed(2)} %`;
    if (quantity.isMain === true) lines.add(row, quantity, seen);
    if (isWrong && quantity.unasserted === undefined) wrong.push(`${quantity.name} ${seen}`);
  }
  expect(wrong, `seed ${SHORT_SEED}, ${measured.requests} requests`).toEqual([]);
}

function long(table: Table, row: TableRow, lines: Lines, work: { requests: number }): void {
  const most = row.longMax ?? table.longMax;
  const need = row.variance * (QUANTILE / HALF_WIDTH_MAX) ** 2;
  const units = unitsOf(row, Math.min(need, most) / REPLICATIONS_MIN);
  const comparisons = table.rows.reduce((sum, { quantities }) => sum + quantities.length, 0);
  const confidence = bonferroni(CONFIDENCE, comparisons);
  const values = row.quantities.map((): number[] => []);
  const main = row.quantities.findIndex(({ isMain }) => isMain === true);
  const { expected } = row.quantities[main] as Quantity;
  const intervalAt = (i: number) => {
    const found = values[i] as number[];
    if (row.quantities[i]?.isShare !== true) return intervalOf(found, confidence);
    return shareInterval(meanOf(found), spent, confidence);
  };
  let spent = 0;
  let target = REPLICATIONS_MIN;
  for (let done = 0; done < target;) {
    const measured = runTopology(row.topology(units, LONG_SEED + done));
    spent += measured.requests;
    row.quantities.forEach((quantity, i) => (values[i] as number[]).push(quantity.of(measured)));
    done += 1;
    if (done < target || done >= REPLICATIONS_MAX) continue;
    const { halfWidth } = intervalAt(main);
    const grow = (halfWidth / (HALF_WIDTH_MAX * expected)) ** 2;
    const allowed = Math.floor((most / spent) * done);
    if (grow > 1) target = Math.min(Math.ceil(done * grow * 1.15), allowed, REPLICATIONS_MAX);
  }
  work.requests += spent;
  const wrong: string[] = [];
  row.quantities.forEach((quantity, i) => {
    const interval = intervalAt(i);
    const width = ((interval.halfWidth / quantity.expected) * 100).toFixed(2);
    const seen =
      `${digits(interval.mean)} [${digits(interval.low)}, ${digits(interval.high)}] ` +
      `+-${width} % of ${interval.count}`;
    const isWide = interval.halfWidth > HALF_WIDTH_MAX * quantity.expected;
    const isPoor = quantity.isMain === true && isWide;
    const note = isPoor ? ` wider than 2 %: ${(most / 1e6).toFixed(1)}M requests were allowed` : '';
    lines.add(row, quantity, `${seen}${note} ${quantity.unasserted ?? ''}`);
    if (quantity.unasserted !== undefined) return;
    const isFar = Math.abs(interval.mean / quantity.expected - 1) > (quantity.tolerance ?? 0);
    const isOut = interval.low > quantity.expected || interval.high < quantity.expected;
    // A value that is a measurement is not inside a narrow interval around the truth.
    if (quantity.tolerance === undefined ? isOut : isFar) wrong.push(`${quantity.name} ${seen}`);
    // Where theory says that the requests suffice, they must.
    if (isPoor && need * 2 < most) wrong.push(`${quantity.name} is too wide: ${seen}`);
  });
  expect(wrong, `seeds ${LONG_SEED}..${LONG_SEED + target - 1}`).toEqual([]);
}
