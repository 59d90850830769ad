/**
 * Closed networks of queueing_grid.json: users in a loop call an application, which calls one
 * station after the other.
 */
import { relaxation } from './support/closed-forms.ts';
import { compare } from './support/compare.ts';
import type { TableRow } from './support/compare.ts';
import { GRID } from './support/grid.ts';
import type { ClosedPoint, ClosedRow } from './support/grid.ts';
import { exponential, patient, station, users, work } from './support/plans.ts';
import { meanOf } from './support/statistics.ts';

/** The rows are in seconds; a unit is ten milliseconds. */
const UNITS = 100;

/**
 * In seconds. Users who pause hold the fullest station back within a pause; the others are fed by
 * it as if from outside.
 */
function relaxationOf({ demands, think }: ClosedRow, perSecond: number): number {
  const fullest = demands.indexOf(Math.max(...demands));
  const others = demands.filter((_, i) => i !== fullest);
  return think + Math.max(...others.map((demand) => demand * relaxation(demand * perSecond, 1, 1)));
}

function closedRow(row: ClosedRow, { N, X, R, Q }: ClosedPoint): TableRow {
  const names = row.demands.map((_, i) => `station-${'abc'[i] as string}`);
  const rho = X / row.Xmax;
  return {
    name: `${N} users, demands ${row.demands.join(' ')}`,
    rho,
    requestsPerUnit: X / UNITS,
    variance: 2,
    // Rows share their seeds, so a chance deviation of one station would be in all of them.
    requestsMin: 8_000,
    relaxation: relaxationOf(row, X) * UNITS,
    topology: (units, seed) => ({
      units,
      seed,
      drainUnits: 50 * UNITS,
      groups: [
        {
          name: 'app',
          component: 'service',
          count: 1,
          links: Object.fromEntries(names.map((name) => [name, name])),
          config: {
            steps: names.map((to) => ({ do: 'call', to })),
            upstreams: names.map((to) => ({ to, ...patient })),
          },
        },
        ...row.demands.map((demand, i) =>
          station(names[i] as string, 1, [work(exponential(demand * UNITS))]),
        ),
        users('app', N, row.think * UNITS),
      ],
    }),
    quantities: [
      { name: 'X', expected: X, of: (m) => m.throughput * UNITS },
      { name: 'R', expected: R, of: (m) => meanOf(m.sojourns()) / UNITS, isMain: true },
      ...Q.map((q, i) => ({
        name: `Q of station ${i + 1}`,
        expected: q,
        of: (m: Parameters<TableRow['quantities'][number]['of']>[0]) =>
          m.between.get(`${names[i] as string}/1 requests`)?.inside ?? NaN,
        isLongOnly: true,
      })),
    ],
  };
}

compare({
  name: 'Closed networks, exact MVA',
  rows: GRID.closed_mva.flatMap((row) => row.points.map((point) => closedRow(row, point))),
  shortMax: 40_000,
  longMax: 700_000,
});
