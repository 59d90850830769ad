/**
 * Rows of queueing_grid.json: M/M/c and M/M/c/K, Erlang's losses among them, through clients and a
 * service.
 */
import { relaxation } from './support/closed-forms.ts';
import { compare, isSharp, memoriesOf, queueVariance } from './support/compare.ts';
import type { Quantity, TableRow } from './support/compare.ts';
import { lindley } from './support/controls.ts';
import { GRID } from './support/grid.ts';
import type { LossRow, MmcRow, Quantiles } from './support/grid.ts';
import { clients, exponential, poisson, station, work } from './support/plans.ts';
import type { Between, Measured } from './support/station.ts';
import { quantile } from './support/quantiles.ts';
import { meanOf } from './support/statistics.ts';

const flow = (measured: Measured, name: string): Between => measured.between.get(name) as Between;

const SHARES: Readonly<Record<keyof Quantiles, number>> = {
  p50: 0.5,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
  p999: 0.999,
};

/** Sorted once for all the quantities of a run. */
function once<T>(make: (measured: Measured) => T): (measured: Measured) => T {
  let last: { readonly of: Measured; readonly value: T } | null = null;
  return (measured) => {
    if (last?.of !== measured) last = { of: measured, value: make(measured) };
    return last.value;
  };
}

/** What happens this seldom is not seen in a run of a million. */
const SELDOM = 1e-4;

const varianceOf = (row: MmcRow): number => queueVariance(row.rho, row.Wq / row.W, 1, 1);

/** Whoever comes within a relaxation time waits as those before it did. */
function waitVariance({ P_wait: share, rho, c }: MmcRow): number {
  const alike = 1 + 2 * rho * c * relaxation(rho, c, 1);
  return (alike * share * (1 - share)) / Math.max(share, 0.2) ** 2;
}

function mmcQuantities(row: MmcRow, memories: number): Quantity[] {
  const sojourns = once((measured) => measured.sojourns());
  const waits = once((measured) => measured.waits(row.c));
  // Rows of another service rate keep their own unit: a tenth of a unit is a service.
  const unit = 1 / row.mu;
  const w = row.W;
  const isSeldom = row.P_wait < SELDOM;
  const note = isSeldom ? { unasserted: 'too seldom to be measured' } : {};
  const found: Quantity[] = [
    { name: 'W', expected: w, of: (m) => meanOf(sojourns(m)) * unit, isMain: true },
    { name: 'Wq', expected: row.Wq, of: (m) => meanOf(waits(m)) * unit, scale: w, ...note },
    {
      name: 'Lq by the queue',
      expected: row.Lq,
      of: (m) => flow(m, 'app/1 queue').inside,
      scale: row.L,
      ...note,
    },
    { name: 'L by the service', expected: row.L, of: (m) => flow(m, 'app/1 requests').inside },
    {
      name: 'P(wait)',
      expected: row.P_wait,
      of: (m) => flow(m, 'app/1 queue').arrived / flow(m, 'app/1 requests').arrived,
      scale: Math.max(row.P_wait, 0.2),
      isLongOnly: !isSharp(waitVariance(row), varianceOf(row)),
      ...note,
    },
  ];
  for (const name of ['p50', 'p90', 'p95', 'p99', 'p999'] as const) {
    const q = SHARES[name];
    const expected = row.sojourn[name];
    const isTail = q > 0.95;
    const common = { q, unit, memories };
    found.push(
      quantile({
        ...common,
        name: `sojourn ${name}`,
        expected,
        times: sojourns,
        isLongOnly: isTail,
      }),
    );
    // At the very border of those that wait, the quantile is zero in one run and not in the next.
    if (row.wait[name] > 0.1 * unit) {
      const wait = row.wait[name];
      const of = { name: `wait ${name}`, expected: wait, times: waits };
      found.push(quantile({ ...common, ...of, isLongOnly: true }));
    }
  }
  return found;
}

/**
 * A queue at 0.99 forgets within 40,000 services: its replications are as long as they must be to
 * be without bias, and no longer.
 */
const TOO_FULL = { relaxations: 8, wide: 'a replication is half a million requests' } as const;

const timingOf = (row: MmcRow) => ({
  requestsPerUnit: row.lambda_ / row.mu,
  relaxation: relaxation(row.rho, row.c, 1),
  ...(row.rho > 0.98 ? TOO_FULL : {}),
});

/** In units of a mean service. */
const mmcRow = (row: MmcRow): TableRow => ({
  name: `${row.model} at ${row.rho}${row.mu === 1 ? '' : `, mu ${row.mu}`}`,
  rho: row.rho,
  ...timingOf(row),
  variance: varianceOf(row),
  topology: (units, seed) => ({
    units,
    seed,
    groups: [
      station('app', row.c, [work(exponential(1))]),
      clients('app', poisson(row.lambda_ / row.mu)),
    ],
  }),
  ...(row.c === 1
    ? { controls: (measured) => lindley(measured, row.mu / row.lambda_, 1) }
    : {
        slicing: {
          group: 'app',
          rate: row.lambda_ / row.mu,
          isEach: false,
          every: Math.max(1, relaxation(row.rho, row.c, 1) / 50),
        },
        controls: (measured) => measured.surprises,
      }),
  quantities: mmcQuantities(row, memoriesOf(timingOf(row))),
});

compare({
  name: 'M/M/c',
  rows: GRID.mmc.map(mmcRow),
  shortMax: 350_000,
  longMax: 12_000_000,
});

function lossQuantities(row: LossRow): Quantity[] {
  const sojourns = once((measured) => measured.sojourns());
  const found: Quantity[] = [
    {
      name: 'P(block)',
      expected: row.P_block,
      of: (m) => (m.requests - m.ok) / m.requests,
      isMain: true,
    },
    { name: 'throughput', expected: row.throughput, of: (m) => m.throughput },
    { name: 'W', expected: row.W, of: (m) => meanOf(sojourns(m)) },
    { name: 'L', expected: row.L, of: (m) => flow(m, 'app/1 requests').inside },
  ];
  if (row.Lq === 0) return found;
  found.push({ name: 'Lq', expected: row.Lq, of: (m) => flow(m, 'app/1 queue').inside });
  return found;
}

const lossRow = (row: LossRow): TableRow => ({
  name: `${row.model}, ${row.lambda_} arrivals`,
  // A station that sends away what it cannot do is never overloaded.
  rho: 0,
  requestsPerUnit: row.lambda_,
  // Blocked requests come in groups: about one in three is independent of those before it.
  variance: (3 * (1 - row.P_block)) / row.P_block,
  topology: (units, seed) => ({
    units,
    seed,
    groups: [
      station('app', row.c, [work(exponential(1))], { maxQueue: row.K - row.c }),
      clients('app', poisson(row.lambda_)),
    ],
  }),
  quantities: lossQuantities(row),
});

compare({
  name: 'M/M/c/K',
  rows: GRID.mmck_loss.map(lossRow),
  shortMax: 130_000,
  longMax: 15_000_000,
});

compare({
  name: 'Erlang B',
  rows: GRID.erlang_b.map(({ c, a, B }) => {
    const station: LossRow = {
      model: `M/M/${c}/${c}`,
      lambda_: a,
      mu: 1,
      c,
      K: c,
      P_block: B,
      throughput: a * (1 - B),
      L: a * (1 - B),
      Lq: 0,
      W: 1,
      Wq: 0,
    };
    return lossRow(station);
  }),
  shortMax: 130_000,
  longMax: 10_000_000,
});
