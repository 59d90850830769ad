/**
 * Rows of queueing_grid.json: one server under any law of service or gaps. M/G/1 first come first
 * served, processor sharing and preempting last come first served, GI/M/1, and priorities.
 */
import type { Distribution } from 'faultline';
import { insensitiveSojourn, mg1Wait, relaxation } from './support/closed-forms.ts';
import { compare, memoriesOf, queueVariance } from './support/compare.ts';
import type { TableRow } from './support/compare.ts';
import { lindley } from './support/controls.ts';
import { GRID } from './support/grid.ts';
import type { Gim1Row, Mg1Row, PriorityRow } from './support/grid.ts';
import { clients, exponential, poisson, station, work } from './support/plans.ts';
import { UNIT_MS, runTopology } from './support/station.ts';
import type { Measured, Topology } from './support/station.ts';
import { quantile } from './support/quantiles.ts';
import { meanOf } from './support/statistics.ts';

/** Two exponentials, each of which brings half of the work. */
function balanced(scv: number): Distribution {
  const p = (1 + Math.sqrt((scv - 1) / (scv + 1))) / 2;
  return {
    kind: 'mixture',
    parts: [
      { weight: p, of: exponential(1 / (2 * p)) },
      { weight: 1 - p, of: exponential(1 / (2 * (1 - p))) },
    ],
  };
}

/** Service of mean 1 by the name of its law; Erlang's as steps one after the other. */
function serviceOf({ service, scv }: Mg1Row): readonly object[] {
  const stages = Number(/^Erlang-(\d+)$/.exec(service)?.[1] ?? 0);
  if (stages > 0) return Array.from({ length: stages }, () => work(exponential(1 / stages)));
  if (service.startsWith('D ')) return [work({ kind: 'constant', ms: UNIT_MS })];
  if (service.startsWith('M ')) return [work(exponential(1))];
  if (service.startsWith('H2 ')) return [work(balanced(scv))];
  if (service === 'uniform[0,2]') {
    return [work({ kind: 'uniform', minMs: 0, maxMs: 2 * UNIT_MS })];
  }
  if (service === 'lognormal sigma=1') {
    return [work({ kind: 'log-normal', medianMs: Math.exp(-0.5) * UNIT_MS, sigma: 1 })];
  }
  if (service === 'Pareto alpha=2.5 mean1') {
    return [work({ kind: 'pareto', scaleMs: 0.6 * UNIT_MS, alpha: 2.5 })];
  }
  throw new Error(`there is no service "${service}"`);
}

const isPareto = ({ service }: Mg1Row): boolean => service.startsWith('Pareto');

/** Of Pareto's services only the means are controls: the squares have no variance. */
const controlsOf = (measured: Measured, row: Mg1Row): readonly number[] =>
  lindley(measured, 1 / row.lambda_, row.scv).slice(0, isPareto(row) ? 2 : undefined);

const relaxationOf = ({ rho, scv }: Mg1Row): number => relaxation(rho, 1, (1 + scv) / 2);

const fifoGroups = (row: Mg1Row): Topology['groups'] => [
  station('app', 1, serviceOf(row)),
  clients('app', poisson(row.lambda_)),
];

/**
 * The same arrivals and services (twins differ only where designs do) at a server that takes them
 * as they come: what explains its queue explains most of the same work in another order.
 */
const twinOf = (topology: Topology, groups: Topology['groups']): Measured =>
  runTopology({ ...topology, groups });

const fifoRow = (row: Mg1Row): TableRow => ({
  name: `${row.service} at ${row.rho}`,
  rho: row.rho,
  requestsPerUnit: row.lambda_,
  variance: queueVariance(row.rho, row.Wq / row.W, (1 + row.scv) / 2, row.scv),
  topology: (units, seed) => ({
    units,
    seed,
    groups: fifoGroups(row),
  }),
  relaxation: relaxationOf(row),
  controls: (measured) => controlsOf(measured, row),
  ...(isPareto(row) ? { wide: 'the wait has no variance', longMax: 1 } : {}),
  quantities: [
    {
      name: 'W',
      expected: mg1Wait(row.lambda_, row.ES, row.scv) + row.ES,
      of: (m) => meanOf(m.sojourns()),
      isMain: true,
      ...infinite(row),
    },
    {
      name: 'Wq',
      expected: row.Wq,
      of: (m) => meanOf(m.waits(1)),
      scale: row.W,
      ...infinite(row),
    },
    {
      name: 'Lq by the queue',
      expected: row.Lq,
      of: (m) => m.between.get('app/1 queue')?.inside ?? NaN,
      scale: row.W * row.lambda_,
      ...infinite(row),
    },
  ],
});

/**
 * The wait has a variance only where service has a third moment: without it no interval of any
 * number of runs means anything. Sharing and preempting need two moments, and are asserted.
 */
const infinite = (row: Mg1Row) =>
  isPareto(row) ? { unasserted: 'the wait has no variance: service has no third moment' } : {};

compare({
  name: 'M/G/1, first come first served',
  rows: GRID.mg1_pollaczek_khinchine.map(fifoRow),
  shortMax: 125_000,
  longMax: 20_000_000,
});

const insensitiveRow =
  (scheduling: string, expected: (row: Mg1Row) => number, factor: (row: Mg1Row) => number) =>
  (row: Mg1Row): TableRow => ({
    name: `${row.service} at ${row.rho}`,
    rho: row.rho,
    requestsPerUnit: row.lambda_,
    variance: factor(row),
    topology: (units, seed) => ({
      units,
      seed,
      groups: [
        {
          name: 'app',
          component: 'service',
          count: 1,
          cores: 1,
          scheduling: scheduling as 'processor-sharing',
          config: { steps: serviceOf(row) },
        },
        clients('app', poisson(row.lambda_)),
      ],
    }),
    relaxation: relaxationOf(row),
    controls: (_, topology) => controlsOf(twinOf(topology, fifoGroups(row)), row),
    quantities: [
      { name: 'W', expected: expected(row), of: (m) => meanOf(m.sojourns()), isMain: true },
      {
        name: 'L by the service',
        expected: insensitiveSojourn(row.lambda_, row.ES) * row.lambda_,
        of: (m) => m.between.get('app/1 requests')?.inside ?? NaN,
        isLongOnly: true,
      },
    ],
  });

const sharedVariance = ({ rho, scv }: Mg1Row): number =>
  queueVariance(rho, rho, (1 + Math.min(scv, 4)) / 2, 2 * scv);

compare({
  name: 'M/G/1, processor sharing',
  rows: GRID.mg1_pollaczek_khinchine.map(
    insensitiveRow('processor-sharing', (row) => row.W_processor_sharing, sharedVariance),
  ),
  shortMax: 60_000,
  longMax: 25_000_000,
});

compare({
  name: 'M/G/1, last come first served, preempting',
  rows: GRID.mg1_pollaczek_khinchine.map(
    insensitiveRow('lcfs-preemptive', (row) => row.W_LCFS_PR, sharedVariance),
  ),
  shortMax: 60_000,
  longMax: 25_000_000,
});

function gapsOf({ model, lambda_ }: Gim1Row): object {
  const ratePerSecond = (lambda_ * 1_000) / UNIT_MS;
  if (model === 'D/M/1') return { kind: 'constant', ratePerSecond };
  const stages = Number(/^Erlang-(\d+)\/M\/1$/.exec(model)?.[1] ?? 1);
  return { kind: 'renewal', gap: exponential(1 / lambda_ / stages), stages };
}

const scvOfGaps = ({ model }: Gim1Row): number =>
  model === 'D/M/1' ? 0 : 1 / Number(/^Erlang-(\d+)/.exec(model)?.[1] ?? 1);

const gim1Timing = (row: Gim1Row) => ({
  requestsPerUnit: row.lambda_,
  relaxation: relaxation(row.rho, 1, (1 + scvOfGaps(row)) / 2),
});

compare({
  name: 'GI/M/1',
  rows: GRID.gim1_and_kingman.map((row) => ({
    name: `${row.model} at ${row.rho}`,
    rho: row.rho,
    ...gim1Timing(row),
    variance: queueVariance(row.rho, row.Wq_exact / row.W_exact, (1 + scvOfGaps(row)) / 2, 1),
    topology: (units, seed) => ({
      units,
      seed,
      groups: [station('app', 1, [work(exponential(1))]), clients('app', gapsOf(row))],
    }),
    controls: (measured) => lindley(measured, 1 / row.lambda_, 1),
    quantities: [
      {
        name: 'W',
        expected: row.W_exact,
        of: (m) => meanOf(m.sojourns()),
        isMain: true,
      },
      {
        name: 'Wq',
        expected: row.Wq_exact,
        of: (m) => meanOf(m.waits(1)),
        scale: row.W_exact,
      },
      {
        name: 'sigma, the share that waits',
        expected: row.sigma,
        of: (m) =>
          (m.between.get('app/1 queue')?.arrived ?? NaN) /
          (m.between.get('app/1 requests')?.arrived ?? NaN),
      },
      quantile({
        name: 'sojourn p99',
        q: 0.99,
        expected: row.p99_sojourn,
        times: (m) => m.sojourns(),
        isLongOnly: true,
        memories: memoriesOf(gim1Timing(row)),
      }),
    ],
  })),
  shortMax: 250_000,
  longMax: 10_000_000,
});

const ROUTES = ({ lambda1, lambda2 }: PriorityRow) => [
  { route: 'first', share: lambda1, priority: 0 },
  { route: 'second', share: lambda2, priority: 1 },
];

const priorityRow = (row: PriorityRow, isPreemptive: boolean): TableRow => {
  const lambda = row.lambda1 + row.lambda2;
  const rho = lambda / row.mu;
  const service = 1 / row.mu;
  const { nonpreemptive, preemptive } = row;
  const steps = [work(exponential(service))];
  return {
    name: `${row.lambda1} before ${row.lambda2}, ${isPreemptive ? 'preempting' : 'waiting'}`,
    rho,
    requestsPerUnit: lambda,
    variance: queueVariance(rho, 1, 1, 1),
    topology: (units, seed) => ({
      units,
      seed,
      groups: [
        isPreemptive
          ? {
              name: 'app',
              component: 'service',
              count: 1,
              cores: 1,
              scheduling: 'preemptive-priority',
              config: { steps },
            }
          : station('app', 1, steps, { discipline: 'priority' }),
        clients('app', poisson(lambda), { routes: ROUTES(row) }),
      ],
    }),
    relaxation: relaxation(rho, 1, 1),
    controls: (_, topology) => {
      const fifo = [
        station('app', 1, steps),
        clients('app', poisson(lambda), { routes: ROUTES(row) }),
      ];
      return lindley(twinOf(topology, fifo), 1 / lambda, 1);
    },
    quantities: [
      {
        name: 'W of the first',
        expected: isPreemptive ? preemptive.W1 : nonpreemptive.Wq1 + service,
        of: (m) => meanOf(m.sojourns('first')),
      },
      {
        name: 'W of the second',
        expected: isPreemptive ? preemptive.W2 : nonpreemptive.Wq2 + service,
        of: (m) => meanOf(m.sojourns('second')),
        isMain: true,
      },
    ],
  };
};

compare({
  name: 'Priorities',
  rows: GRID.priority_mm1.flatMap((row) => [priorityRow(row, false), priorityRow(row, true)]),
  shortMax: 700_000,
  longMax: 10_000_000,
});
