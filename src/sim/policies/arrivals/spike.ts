/**
 * A steady rate, and a multiple of it for a while: a sale, a news item, a bot.
 *
 * One draw for each arrival; with factor 1 it is a Poisson process to the last bit.
 *
 * Source: Lewis & Shedler, "Simulation of nonhomogeneous Poisson processes", 1979 (by inversion).
 */
import {
  MS,
  NO_STATE,
  SECOND,
  type Arrivals,
  type NoState,
  type SpikeSettings,
} from './arrivals.ts';

export const spikeArrivals: Arrivals<SpikeSettings, NoState> = {
  name: 'spike',
  about: 'A steady rate, and a multiple of it for a while.',
  source: 'Lewis & Shedler, Simulation of nonhomogeneous Poisson processes (1979)',
  start: () => NO_STATE,
  next(_state, settings, lastMicros, stream) {
    const { ratePerSecond, factor } = settings;
    const spikeFrom = settings.fromMs * MS;
    const spikeUntil = settings.untilMs * MS;
    let need = stream.exponential(1);
    if (!(ratePerSecond > 0)) return Infinity;
    const spikeRate = ratePerSecond * factor;
    let from = lastMicros;
    if (from < spikeFrom) {
      const at = from + (need / ratePerSecond) * SECOND;
      if (at < spikeFrom || factor === 1) return at;
      need -= (ratePerSecond * (spikeFrom - from)) / SECOND;
      from = spikeFrom;
    }
    if (from < spikeUntil) {
      const at = spikeRate > 0 ? from + (need / spikeRate) * SECOND : Infinity;
      if (at < spikeUntil || factor === 1) return at;
      need -= (spikeRate * (spikeUntil - from)) / SECOND;
      from = spikeUntil;
    }
    return from + (need / ratePerSecond) * SECOND;
  },
  rateAt({ ratePerSecond, factor, fromMs, untilMs }, micros) {
    const isSpike = micros >= fromMs * MS && micros < untilMs * MS;
    return isSpike ? ratePerSecond * factor : ratePerSecond;
  },
};
