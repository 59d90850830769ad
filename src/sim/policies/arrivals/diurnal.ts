/**
 * Day and night: a Poisson process whose rate is a sine between two bounds.
 *
 * The next arrival is where the integral of the rate has grown by an exponential of mean 1: one
 * draw for each, so that twins stay in step where thinning would draw more often under a lower
 * rate.
 * Invariant: the place is found to a ten-thousandth of a microsecond; it is after the last one.
 *
 * Source: Lewis & Shedler, "Simulation of nonhomogeneous Poisson processes", 1979 (by inversion).
 */
import {
  MS,
  NO_STATE,
  SECOND,
  type Arrivals,
  type DiurnalSettings,
  type NoState,
} from './arrivals.ts';
import { cosineOfTurns, RADIANS_PER_TURN, sineOfTurns } from './sine.ts';

const PRECISION_MICROS = 1e-4;
/** Halving a day this often is more than doubles can tell apart. */
const STEPS_MAX = 100;

export const diurnalArrivals: Arrivals<DiurnalSettings, NoState> = {
  name: 'diurnal',
  about: 'Day and night: the rate goes up and down as a sine.',
  source: 'Lewis & Shedler, Simulation of nonhomogeneous Poisson processes (1979)',
  start: () => NO_STATE,
  next(_state, settings, lastMicros, stream) {
    const need = stream.exponential(1) * SECOND;
    const mean = (settings.minRatePerSecond + settings.maxRatePerSecond) / 2;
    if (!(mean > 0)) return Infinity;
    return invert(settings, lastMicros, need, mean);
  },
  rateAt: rate,
};

function turnsAt({ periodMs, lowAtMs }: DiurnalSettings, micros: number): number {
  const turns = (micros - lowAtMs * MS) / (periodMs * MS);
  return turns - Math.floor(turns);
}

function rate(settings: DiurnalSettings, micros: number): number {
  const { minRatePerSecond, maxRatePerSecond } = settings;
  const swing = (maxRatePerSecond - minRatePerSecond) / 2;
  return minRatePerSecond + swing * (1 - cosineOfTurns(turnsAt(settings, micros)));
}

/**
 * Newton's method between bounds that close in: where a step would leave them, it halves. Areas are
 * in micros times arrivals a second.
 */
function invert(settings: DiurnalSettings, last: number, need: number, mean: number): number {
  const swing = (settings.maxRatePerSecond - settings.minRatePerSecond) / 2;
  const height = (swing * settings.periodMs * MS) / RADIANS_PER_TURN;
  const waveAtLast = height * sineOfTurns(turnsAt(settings, last));
  // The wave never takes the integral further from the mean's than twice its height.
  let low = last + Math.max(0, need - 2 * height) / mean;
  let high = last + (need + 2 * height) / mean;
  let at = Math.min(high, last + need / Math.max(rate(settings, last), mean / 8));
  for (let step = 0; step < STEPS_MAX && high - low > PRECISION_MICROS; step++) {
    const wave = height * sineOfTurns(turnsAt(settings, at)) - waveAtLast;
    const missing = need - (mean * (at - last) - wave);
    if (missing > 0) low = at;
    else high = at;
    const now = rate(settings, at);
    const guess = now > 0 ? at + missing / now : low;
    if (Math.abs(guess - at) < PRECISION_MICROS) return Math.max(last, guess);
    at = guess > low && guess < high ? guess : (low + high) / 2;
  }
  return at;
}
