/**
 * The mean of what replications measured, less what known causes explain of it: the intercept of
 * least squares on controls whose means are zero.
 *
 * Source: Lavenberg & Welch (1981): over independent replications that are about normal, the
 * intercept has Student's t with as many degrees of freedom as there are replications beyond the
 * coefficients, whatever the coefficients are.
 */
import { intervalOf, meanOf, studentQuantile } from './statistics.ts';
import type { Interval } from './statistics.ts';

/** What rounding to whole microseconds leaves of a control that cannot move. */
const STILL = 1e-5;

/** @param controls of each replication; those that never move are left out */
export function controlledInterval(
  values: readonly number[],
  controls: readonly (readonly number[])[],
  confidence: number,
): Interval {
  const count = values.length;
  const columns = normed(controls);
  const size = columns.length + 1;
  if (size === 1) return intervalOf(values, confidence);
  const at = (row: number, i: number) =>
    (i === 0 ? 1 : (columns[i - 1] as number[])[row]) as number;
  // X'X beside the identity beside X'y: elimination leaves the inverse, and the coefficients.
  const table = Array.from({ length: size }, (_, i) =>
    Array.from({ length: 2 * size + 1 }, (_, j) => {
      if (j >= size && j < 2 * size) return j - size === i ? 1 : 0;
      let sum = 0;
      for (let row = 0; row < count; row++) {
        sum += at(row, i) * (j < size ? at(row, j) : (values[row] as number));
      }
      return sum;
    }),
  );
  eliminate(table);
  const coefficients = table.map((row) => row[2 * size] as number);
  let squares = 0;
  values.forEach((value, row) => {
    let left = value;
    coefficients.forEach((coefficient, i) => (left -= coefficient * at(row, i)));
    squares += left * left;
  });
  const degrees = count - size;
  const mean = coefficients[0] as number;
  const error = Math.sqrt((squares / degrees) * ((table[0] as number[])[size] as number));
  const halfWidth = studentQuantile((1 + confidence) / 2, degrees) * error;
  return { mean, halfWidth, low: mean - halfWidth, high: mean + halfWidth, count };
}

/** As columns, each over its own spread. */
function normed(controls: readonly (readonly number[])[]): number[][] {
  const found: number[][] = [];
  for (let i = 0; i < (controls[0]?.length ?? 0); i++) {
    const column = controls.map((row) => row[i] as number);
    const spread = Math.sqrt(meanOf(column.map((value) => value * value)));
    if (spread > STILL) found.push(column.map((value) => value / spread));
  }
  return found;
}

/** Gauss and Jordan; the left square is positive definite, so that no pivot is zero. */
function eliminate(table: number[][]): void {
  table.forEach((pivotRow, i) => {
    const pivot = pivotRow[i] as number;
    for (let j = 0; j < pivotRow.length; j++) pivotRow[j] = (pivotRow[j] as number) / pivot;
    for (const row of table) {
      const factor = row[i] as number;
      if (row === pivotRow) continue;
      for (let j = 0; j < row.length; j++) {
        row[j] = (row[j] as number) - factor * (pivotRow[j] as number);
      }
    }
  });
}
