/**
 * The preemptive disciplines against the closed forms of queueing theory. Processor sharing and
 * last come, first served, preemptive are insensitive: the mean time in the system is
 * E[S] / (1 - rho), whatever the shape of the demands. First come, first served is not, which shows
 * that the shapes are what they are said to be.
 */
import { describe, expect, it } from 'vitest';
import { exponential, hyperexponential, meanSojourns } from './support/mean-sojourn.ts';
import type { QueueingStation } from './support/mean-sojourn.ts';

const SEED = 4;
const JOBS = 200_000;
const LOAD = 0.7;
const MEAN_MICROS = 100;
const SCV = 4;

const SHAPES = [
  { name: 'M/M/1', scv: 1, demand: exponential(MEAN_MICROS) },
  { name: 'M/D/1', scv: 0, demand: () => MEAN_MICROS },
  { name: 'M/H2/1', scv: SCV, demand: hyperexponential(MEAN_MICROS, SCV) },
] as const;

function meanOf(station: Partial<QueueingStation> & Pick<QueueingStation, 'scheduling'>): number {
  const [mean = NaN] = meanSojourns({
    demand: exponential(MEAN_MICROS),
    arrivalsPerMicro: LOAD / MEAN_MICROS,
    jobs: JOBS,
    seed: SEED,
    ...station,
  });
  return mean;
}

/** Within 5 %. */
function expectNear(mean: number, expected: number): void {
  expect(Math.abs(mean / expected - 1), `${mean}, not ${expected}`).toBeLessThan(0.05);
}

describe.each(SHAPES)('$name at a load of 0.7: the mean time in the system', ({ demand, scv }) => {
  it('is E[S] / (1 - rho) with processor sharing', () => {
    const mean = meanOf({ scheduling: 'processor-sharing', demand });
    expectNear(mean, MEAN_MICROS / (1 - LOAD));
  });

  it('is E[S] / (1 - rho) where the newest preempts', () => {
    const mean = meanOf({ scheduling: 'lcfs-preemptive', demand });
    expectNear(mean, MEAN_MICROS / (1 - LOAD));
  });

  it('is that of Pollaczek and Khinchine with first come, first served', () => {
    const wait = ((LOAD * (1 + scv)) / (2 * (1 - LOAD))) * MEAN_MICROS;
    expectNear(meanOf({ scheduling: 'fifo', demand }), MEAN_MICROS + wait);
  });
});

describe('processor sharing', () => {
  it('on two cores has the mean of M/M/2, as any discipline that does not look ahead', () => {
    const mean = meanOf({
      scheduling: 'processor-sharing',
      cores: 2,
      arrivalsPerMicro: (2 * LOAD) / MEAN_MICROS,
    });
    // 1 / (1 - rho^2) for two servers.
    expectNear(mean, MEAN_MICROS / (1 - LOAD ** 2));
  });

  it('keeps its mean where demands are a few microseconds: rounding adds up to nothing', () => {
    const mean = meanOf({
      scheduling: 'processor-sharing',
      demand: exponential(20),
      arrivalsPerMicro: LOAD / 20,
    });
    expectNear(mean, 20 / (1 - LOAD));
  });
});
