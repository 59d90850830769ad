/**
 * Every row of queueing_grid.json against our own closed forms, to 1e-9 relative: what a simulated
 * station is held against has been computed twice. Rows that are quoted, not computed, are listed.
 */
import { describe, expect, it } from 'vitest';
import {
  anySlow,
  erlangB,
  gapTransform,
  gim1Sigma,
  gim1Wait,
  hedged,
  insensitiveSojourn,
  kingmanWait,
  leafQuantile,
  maxOfExponentials,
  mg1Wait,
  mmc,
  mmck,
  mmcSojourn,
  mmcWait,
  mva,
  priorityMM1,
  supermarket,
} from './support/closed-forms.ts';
import { GRID } from './support/grid.ts';
import type { Quantiles } from './support/grid.ts';
import { bonferroni, intervalOf, studentQuantile } from './support/statistics.ts';

/** The rows have 13 digits, or 12 behind the point where `absolute` says so. */
function same(ours: number, theirs: number, what: string, absolute = 0): void {
  const off = Math.abs(ours - theirs);
  expect(off <= 1e-9 * Math.abs(theirs) + absolute, `${what}: ${ours}, row ${theirs}`).toBe(true);
}

const QUANTILES: readonly (readonly [keyof Quantiles, number])[] = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
];

describe('intervals', () => {
  it.each([
    [1, 0.975, 12.7062047364],
    [2, 0.995, 9.92484320092],
    [10, 0.975, 2.22813885196],
    [29, 0.995, 2.75638590367],
    [29, 0.9995, 3.65940501945],
    [1_000_000, 0.995, 2.57583],
  ])('Student, %d degrees of freedom, %d', (degrees, share, quantile) => {
    expect(studentQuantile(share, degrees)).toBeCloseTo(quantile, 5);
    expect(studentQuantile(1 - share, degrees)).toBeCloseTo(-quantile, 5);
  });

  it('a mean of replications, by hand', () => {
    const { mean, halfWidth } = intervalOf([1, 2, 3, 4, 5], 0.95);
    expect(mean).toBe(3);
    // 2.776445 * sqrt(2.5 / 5)
    expect(halfWidth).toBeCloseTo(1.963243, 6);
    expect(bonferroni(0.99, 20)).toBeCloseTo(0.9995, 12);
  });
});

describe('open stations', () => {
  it.each(GRID.mmc)('$model at $rho', (row) => {
    const { lambda_: lambda, mu, c } = row;
    const ours = mmc(lambda, mu, c);
    same(lambda / mu / c, row.rho, 'rho');
    same(ours.waits, row.P_wait, 'P_wait');
    same(ours.wq, row.Wq, 'Wq');
    same(ours.w, row.W, 'W');
    same(ours.lq, row.Lq, 'Lq');
    same(ours.l, row.L, 'L');
    for (const [name, q] of QUANTILES) {
      same(mmcSojourn(q, lambda, mu, c), row.sojourn[name], `sojourn ${name}`);
      same(mmcWait(q, lambda, mu, c), row.wait[name], `wait ${name}`, 1e-12);
    }
  });

  it.each(GRID.mmck_loss)('$model, $lambda_ arrivals', (row) => {
    const ours = mmck(row.lambda_, row.mu, row.c, row.K);
    same(ours.blocked, row.P_block, 'P_block');
    same(ours.throughput, row.throughput, 'throughput');
    same(ours.l, row.L, 'L');
    same(ours.lq, row.Lq, 'Lq');
    same(ours.w, row.W, 'W');
    same(ours.wq, row.Wq, 'Wq');
  });

  it.each(GRID.erlang_b)('Erlang B, $c servers under $a', (row) => {
    same(erlangB(row.c, row.a), row.B, 'B');
    same(mmck(row.a, 1, row.c, row.c).blocked, row.B, 'B as a station without a queue');
  });

  it.each(GRID.mg1_pollaczek_khinchine)('M/G/1, $service at $rho', (row) => {
    const wq = mg1Wait(row.lambda_, row.ES, row.scv);
    same(row.lambda_ * row.ES, row.rho, 'rho');
    same(wq, row.Wq, 'Wq');
    same(wq + row.ES, row.W, 'W');
    same(row.lambda_ * wq, row.Lq, 'Lq');
    const shared = insensitiveSojourn(row.lambda_, row.ES);
    same(shared, row.W_processor_sharing, 'W, processor sharing');
    same(shared, row.W_LCFS_PR, 'W, last come first served, preempting');
  });

  it.each(GRID.gim1_and_kingman)('$model at $rho', (row) => {
    const law = row.model.replace('/M/1', '');
    const sigma = gim1Sigma(gapTransform(law, row.lambda_), row.mu);
    const scvGaps = law === 'D' ? 0 : law === 'M' ? 1 : 1 / Number(law.slice('Erlang-'.length));
    const wq = gim1Wait(sigma, row.mu);
    const kingman = kingmanWait(row.rho, 1 / row.mu, scvGaps, 1);
    same(sigma, row.sigma, 'sigma');
    same(wq, row.Wq_exact, 'Wq');
    same(wq + 1 / row.mu, row.W_exact, 'W');
    same(kingman, row.Wq_kingman, 'Kingman');
    same(kingman / wq, row.kingman_ratio, 'Kingman over exact');
    // The time in the system is exponential with rate mu (1 - sigma).
    same(Math.log(100) / (row.mu * (1 - sigma)), row.p99_sojourn, 'p99');
  });

  it.each(GRID.priority_mm1)('priorities, $lambda1 and $lambda2', (row) => {
    const ours = priorityMM1(row.lambda1, row.lambda2, row.mu);
    same(ours.wq1, row.nonpreemptive.Wq1, 'Wq1');
    same(ours.wq2, row.nonpreemptive.Wq2, 'Wq2');
    same(ours.w1, row.preemptive.W1, 'W1');
    same(ours.w2, row.preemptive.W2, 'W2');
  });
});

describe('closed networks', () => {
  it.each(GRID.closed_mva)('demands $demands, think $think', (row) => {
    const largest = Math.max(...row.demands);
    const total = row.demands.reduce((sum, demand) => sum + demand, 0);
    same(1 / largest, row.Xmax, 'Xmax');
    same((total + row.think) / largest, row.Nstar, 'N*');
    for (const point of row.points) {
      const ours = mva(row.demands, row.think, point.N);
      same(ours.x, point.X, `X of ${point.N}`);
      same(ours.r, point.R, `R of ${point.N}`);
      ours.q.forEach((q, i) => {
        same(q, point.Q[i] as number, `Q${i} of ${point.N}`, 1e-11);
      });
    }
  });
});

describe('many servers', () => {
  it.each(GRID.supermarket_mean_field)('supermarket at $lambda_, $d choices', (row) => {
    same(supermarket(row.lambda_, row.d), row.ET, 'E[T]');
  });

  it.each(GRID.fanout_binomial)('any of $n slow with $p', (row) => {
    same(anySlow(row.n, row.p), row.P_any_slow, 'P');
    same(leafQuantile(row.n, 0.99), row.per_leaf_quantile_for_p99, 'quantile of a leaf');
  });

  it.each(GRID.fanout_exp_max)('the slowest of $n', (row) => {
    const { mean, quantile } = maxOfExponentials(row.n);
    same(mean, row.E_max, 'mean');
    same(quantile(0.5), row.p50, 'p50');
    same(quantile(0.99), row.p99, 'p99');
  });

  it.each(GRID.hedging_exponential)('hedged after $delay', (row) => {
    const ours = hedged(row.delay);
    same(ours.extraLoad, row.extra_load, 'extra load');
    same(ours.mean, row.E, 'mean');
    same(ours.quantile(0.99), row.p99, 'p99');
  });
});

describe('rows that are quoted from memory', () => {
  it('the predictions of Mitzenmacher (2001), table 1, are those of the mean field', () => {
    console.info('mitzenmacher_2001_table1_from_memory: quoted, its 4 decimals are compared');
    for (const row of GRID.mitzenmacher_2001_table1_from_memory) {
      expect(supermarket(row.lambda_, row.d)).toBeCloseTo(row.prediction, 4);
    }
  });

  it('of "The Tail at Scale" only the fan-out follows from a formula', () => {
    console.info(
      'tail_at_scale_from_memory_verify: measurements of real systems (BigTable, tables 1 and 2) ' +
        'are not asserted: they follow from no stated law of service; only `fanout` is computed',
    );
    const { n, frac_over_1s } = GRID.tail_at_scale_from_memory_verify.fanout;
    expect(anySlow(n, 0.01)).toBeCloseTo(frac_over_1s, 3);
  });

  it('every table of the file is known here', () => {
    const run = [
      'mmc',
      'mmck_loss',
      'erlang_b',
      'mg1_pollaczek_khinchine',
      'gim1_and_kingman',
      'closed_mva',
      'priority_mm1',
      'supermarket_mean_field',
      'fanout_binomial',
      'fanout_exp_max',
      'hedging_exponential',
      'mitzenmacher_2001_table1_from_memory',
      'tail_at_scale_from_memory_verify',
      // Results of simulations: run by queueing-many.conformance.test.ts.
      'supermarket_sim_n100_with_replacement',
      'supermarket_sim_n100_without_replacement',
    ];
    const found = Object.keys(GRID).filter((name) => typeof GRID[name as never] === 'object');
    expect(found.sort()).toEqual(run.sort());
  });
});
