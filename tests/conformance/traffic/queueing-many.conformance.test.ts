/**
 * Rows of queueing_grid.json with many servers: the shortest of d queues, the slowest of n answers,
 * the first of two.
 */
import { supermarket } from './support/closed-forms.ts';
import { compare } from './support/compare.ts';
import type { TableRow } from './support/compare.ts';
import { GRID } from './support/grid.ts';
import type { SupermarketSimRow } from './support/grid.ts';
import { clients, exponential, patient, poisson, station, work } from './support/plans.ts';
import { UNIT_MS } from './support/station.ts';
import type { Measured } from './support/station.ts';
import { meanOf, orderStatistic } from './support/statistics.ts';

const meanSojourn = (measured: Measured): number => meanOf(measured.sojourns());

function supermarketRow(
  lambda: number,
  d: number,
  n: number,
  withReplacement: boolean,
): Omit<TableRow, 'name' | 'quantities'> {
  return {
    rho: lambda,
    requestsPerUnit: n * lambda,
    // Servers that share what comes are busy together: the more so the fuller they are.
    variance: d === 1 ? (5 * lambda * lambda) / (1 - lambda) ** 2 + 2 : lambda > 0.9 ? 60 : 20,
    requestsMin: 30_000,
    topology: (units, seed) => ({
      units,
      seed,
      groups: [
        { ...station('app', 1, [work(exponential(1))]), count: n },
        clients('app', poisson(n * lambda), {
          call: { balance: { policy: 'power-of-d', choiceCount: d, withReplacement } },
        }),
      ],
    }),
  };
}

/** A station that is never empty for longer than the run lasts says nothing of its mean. */
const TOO_FULL =
  'a queue at 0.99 forgets within 40,000 units: a hundred million requests of as many servers; ' +
  'the row M/M/1 at 0.99 of M/M/c is the same station';
const MANY = 1_000;

compare({
  name: 'Supermarket, mean field',
  rows: GRID.supermarket_mean_field.map(({ lambda_, d, ET }) => {
    // With few servers the mean field is too low where load is high.
    const n = lambda_ > 0.9 ? MANY : 100;
    return {
      ...supermarketRow(lambda_, d, n, false),
      name: `${lambda_}, ${d} choices of ${n}`,
      quantities: [
        {
          name: 'E[T]',
          expected: ET,
          of: meanSojourn,
          isMain: true,
          // What n servers differ from infinitely many.
          ...(d === 1 ? {} : { tolerance: lambda_ > 0.95 ? 0.03 : 0.02 }),
        },
      ],
      ...(d === 1 && lambda_ > 0.95 ? { notRun: TOO_FULL } : {}),
    };
  }),
  shortMax: 100_000,
  longMax: 2_000_000,
});

const simRow =
  (withReplacement: boolean) =>
  ({ lambda, d, n, ET_sim }: SupermarketSimRow): TableRow => ({
    ...supermarketRow(lambda, d, n, withReplacement),
    name: `${lambda}, ${d} of ${n}${d === 1 ? `, exact (the row has ${ET_sim})` : ''}`,
    quantities: [
      {
        name: 'E[T]',
        expected: d === 1 ? supermarket(lambda, 1) : ET_sim,
        of: meanSojourn,
        isMain: true,
        // The row is one long run of somebody else.
        ...(d === 1 ? {} : { tolerance: lambda > 0.95 ? 0.08 : 0.02 }),
      },
    ],
    ...(d === 1 && lambda > 0.95 ? { notRun: TOO_FULL } : {}),
    // Stations of M/M/1 are held against the exact value in two other tables of the short form.
    ...(d === 1 ? { longOnly: 'the mean field has the same row' } : {}),
  });

compare({
  name: 'Supermarket, 100 servers, with replacement',
  rows: GRID.supermarket_sim_n100_with_replacement.map(simRow(true)),
  shortMax: 100_000,
  longMax: 2_000_000,
});

compare({
  name: 'Supermarket, 100 servers, without replacement',
  rows: GRID.supermarket_sim_n100_without_replacement.map(simRow(false)),
  shortMax: 100_000,
  longMax: 2_000_000,
});

/** So many cores that nobody waits. */
const AMPLE = 64;

/** A front that asks `n` leaves at once and waits for all. */
const fanOut = (n: number, steps: readonly object[], units: number, seed: number) => ({
  units,
  seed,
  groups: [
    {
      name: 'front',
      component: 'service',
      count: 1,
      links: { leaves: 'leaf' },
      config: {
        steps: [{ do: 'call', to: 'leaves', every: true }],
        upstreams: [{ to: 'leaves', ...patient }],
      },
    },
    { name: 'leaf', component: 'service', count: n, cores: AMPLE, config: { steps } },
    clients('front', poisson(1)),
  ],
});

compare({
  name: 'Fan-out, the slowest of n exponentials',
  rows: GRID.fanout_exp_max.map(({ n, E_max, p50, p99 }) => ({
    name: `${n} leaves`,
    rho: 0,
    requestsPerUnit: 1,
    variance: 1,
    requestsMin: Math.max(1_000, Math.ceil(20_000 / n)),
    topology: (units, seed) => fanOut(n, [work(exponential(1))], units, seed),
    quantities: [
      { name: 'mean', expected: E_max, of: meanSojourn, isMain: true },
      { name: 'p50', expected: p50, of: (m) => orderStatistic(m.sojourns(), 0.5) },
      {
        name: 'p99',
        expected: p99,
        of: (m) => orderStatistic(m.sojourns(), 0.99),
        isLongOnly: true,
      },
    ],
  })),
  shortMax: 40_000,
  longMax: 100_000,
});

const SLOW = 10;
const leafOf = (p: number) =>
  work({
    kind: 'mixture',
    parts: [
      { weight: 1 - p, of: { kind: 'constant', ms: 0.1 * UNIT_MS } },
      { weight: p, of: { kind: 'constant', ms: SLOW * UNIT_MS } },
    ],
  });

const slowShare = (m: Measured): number => {
  const times = m.sojourns();
  return times.filter((time) => time >= SLOW).length / times.length;
};

/** Calls of leaves that a row may take. */
const LEAF_CALLS = { short: 240_000, long: 2_500_000 } as const;

compare({
  name: 'Fan-out, any of n slow',
  rows: GRID.fanout_binomial.map(({ n, p, P_any_slow: share }) => ({
    name: `${n} leaves, each slow with ${p}`,
    rho: 0,
    requestsPerUnit: 1,
    variance: (1 - share) / share,
    requestsMin: Math.min(12_000, Math.ceil(30_000 / n)),
    topology: (units, seed) => fanOut(n, [leafOf(p)], units, seed),
    quantities: [
      { name: 'P(any slow)', expected: share, of: slowShare, isMain: true, isShare: true },
    ],
    longMax: LEAF_CALLS.long / n,
    // What is certain needs few requests, and what is rare needs more than the short form has.
    ...(((1 - share) / share / 0.018 ** 2) * n > LEAF_CALLS.short
      ? { longOnly: '5 % takes more calls of leaves than the short form makes' }
      : {}),
  })),
  shortMax: 1_000_000,
  longMax: 1_000_000,
});

compare({
  name: 'Hedged requests, exponential service',
  rows: GRID.hedging_exponential.map((row) => ({
    name: `a second request after ${row.delay}`,
    rho: 0,
    requestsPerUnit: 1,
    variance: 8,
    topology: (units, seed) => ({
      units,
      seed,
      groups: [
        {
          name: 'app',
          component: 'service',
          count: 1,
          cores: AMPLE,
          config: { steps: [work(exponential(1))] },
        },
        clients('app', poisson(1), {
          call: { hedge: { afterMs: row.delay * UNIT_MS, max: 1 } },
        }),
      ],
    }),
    quantities: [
      { name: 'mean', expected: row.E, of: meanSojourn, isMain: true },
      { name: 'p99', expected: row.p99, of: (m) => orderStatistic(m.sojourns(), 0.99) },
      {
        name: 'extra load, as clients count',
        expected: row.extra_load,
        of: (m) => m.again / m.requests,
      },
      {
        name: 'extra load, as the service counts',
        expected: row.extra_load,
        of: (m) => (m.between.get('app/1 requests')?.arrived ?? NaN) / m.requests - 1,
      },
    ],
  })),
  shortMax: 40_000,
  longMax: 600_000,
});
