/** A station of queueing theory: Poisson arrivals, one node, and the mean time that work spends. */
import { expect } from 'vitest';
import { micros } from 'faultline';
import { Lab } from './lab.ts';
import type { Ctx } from './lab.ts';
import type { Scheduling } from './jobs.ts';

export interface QueueingStation {
  readonly scheduling: Scheduling;
  readonly cores?: number;
  /** In all; classes share them by their rates. */
  readonly arrivalsPerMicro: number;
  /** The first is the most important; the shares of arrivals add up to 1. */
  readonly shares?: readonly number[];
  readonly demand: (ctx: Ctx) => number;
  readonly jobs: number;
  readonly seed: number;
}

/** For each class the mean time in the system, in microseconds; the first tenth is dropped. */
export function meanSojourns(station: QueueingStation): readonly number[] {
  const { scheduling, cores = 1, arrivalsPerMicro, shares = [1], demand, jobs, seed } = station;
  const arrivals = new Float64Array(jobs);
  const classes = new Uint8Array(jobs);
  const totals = shares.map(() => 0);
  const counts = shares.map(() => 0);
  let at = 0;
  let done = 0;
  const classOf = (drawn: number): number => {
    let left = drawn;
    for (const [place, share] of shares.entries()) if ((left -= share) < 0) return place;
    return shares.length - 1;
  };
  const lab = new Lab({
    seed,
    groups: [
      {
        name: 'n',
        scheduling,
        cores,
        hooks: {
          start: (ctx) => ctx.setTimer('arrival', 0, micros(0)),
          timer: (ctx, state, _kind, key) => {
            const now = ctx.mono();
            state.log.length = 0;
            const important = shares.length === 1 ? 0 : classOf(ctx.stream('class').open01());
            arrivals[key] = now;
            classes[key] = important;
            ctx.work(micros(demand(ctx)), key, important);
            // A double, rounded only when it is armed: rounding each interval changes the rate.
            at += ctx.stream('arrivals').exponential(1 / arrivalsPerMicro);
            const wait = Math.max(0, Math.round(at) - now);
            if (key + 1 < jobs) ctx.setTimer('arrival', key + 1, micros(wait));
          },
          worked: (ctx, state, tag) => {
            state.log.length = 0;
            done += 1;
            if (tag < jobs / 10) return;
            const important = classes[tag] as number;
            totals[important] =
              (totals[important] as number) + ctx.mono() - (arrivals[tag] as number);
            counts[important] = (counts[important] as number) + 1;
          },
        },
      },
    ],
  });
  while (lab.parts.kernel.queue.size > 0) lab.ms(lab.run.now / 1_000 + 10_000);
  expect(done).toBe(jobs);
  return totals.map((total, place) => total / (counts[place] as number));
}

export const exponential =
  (meanMicros: number) =>
  (ctx: Ctx): number =>
    ctx.stream('demand').exponential(meanMicros);

/** Two exponentials with balanced means, so that the squared coefficient of variation is `scv`. */
export function hyperexponential(meanMicros: number, scv: number): (ctx: Ctx) => number {
  const p = (1 + Math.sqrt((scv - 1) / (scv + 1))) / 2;
  return (ctx) => {
    const draws = ctx.stream('demand');
    const chance = draws.open01() < p ? p : 1 - p;
    return draws.exponential(meanMicros / (2 * chance));
  };
}
