/** The arrivals of the catalogue: an explicit list. */
import type { Arrivals, ArrivalSettings, NoState } from './arrivals.ts';
import { burstyArrivals, type BurstyState } from './bursty.ts';
import { constantArrivals, type ConstantState } from './constant.ts';
import { diurnalArrivals } from './diurnal.ts';
import { poissonArrivals } from './poisson.ts';
import { rampArrivals } from './ramp.ts';
import { renewalArrivals } from './renewal.ts';
import { replayArrivals, type ReplayState } from './replay.ts';
import { spikeArrivals } from './spike.ts';
import { stepsArrivals, type StepsState } from './steps.ts';

export type * from './arrivals.ts';
export { checkArrivals } from './check-arrivals.ts';

/** The state of any arrivals: plain data, for those that started it. */
export type ArrivalState = NoState | ConstantState | BurstyState | StepsState | ReplayState;

/** Each reads the settings of its own kind. */
export const ARRIVALS: readonly Arrivals<ArrivalSettings, ArrivalState>[] = [
  poissonArrivals,
  constantArrivals,
  burstyArrivals,
  diurnalArrivals,
  spikeArrivals,
  rampArrivals,
  stepsArrivals,
  replayArrivals,
  renewalArrivals,
];

export const ARRIVAL_KINDS: readonly string[] = ARRIVALS.map(({ name }) => name);
