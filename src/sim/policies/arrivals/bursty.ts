/**
 * A Markov-modulated Poisson process of two moods: calm and burst, each with its own rate, each for
 * an exponential time. Which mood it begins in is drawn by how much of the time each takes.
 *
 * One draw for each arrival and one for each change of mood. The index of dispersion of its counts
 * grows with the length of time looked at, which a Poisson process's never does.
 *
 * Source: Fischer & Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", 1993.
 */
import type { Stream } from '../../kernel/random.ts';
import { MS, SECOND, type Arrivals, type BurstySettings } from './arrivals.ts';

export interface BurstyState {
  isBurst: boolean;
  /** When the mood changes; -1 before the first arrival is asked for. */
  untilMicros: number;
}

/** Differs: nobody comes any more once nobody came in so many moods; the sum must end. */
const MOODS_MAX = 1_000_000;

export const burstyArrivals: Arrivals<BurstySettings, BurstyState> = {
  name: 'bursty',
  about: 'Calm and bursts in turn, each with its own rate and an exponential length.',
  source: 'Fischer & Meier-Hellstern, The MMPP cookbook (1993)',
  start({ calmMeanMs, burstMeanMs }, stream) {
    const isBurst = stream.open01() * (calmMeanMs + burstMeanMs) < burstMeanMs;
    return { isBurst, untilMicros: -1 };
  },
  next(state, settings, lastMicros, stream) {
    const { calmRatePerSecond, burstRatePerSecond } = settings;
    if (calmRatePerSecond <= 0 && burstRatePerSecond <= 0) return Infinity;
    if (state.untilMicros < 0) state.untilMicros = lastMicros + stay(state, settings, stream);
    let need = stream.exponential(1) * SECOND;
    let from = lastMicros;
    for (let moods = 0; moods < MOODS_MAX; moods++) {
      const rate = state.isBurst ? burstRatePerSecond : calmRatePerSecond;
      const area = rate * (state.untilMicros - from);
      if (need <= area) return from + need / rate;
      need -= area;
      from = state.untilMicros;
      state.isBurst = !state.isBurst;
      state.untilMicros = from + stay(state, settings, stream);
    }
    return Infinity;
  },
  rateAt(settings) {
    const { calmRatePerSecond, burstRatePerSecond, calmMeanMs, burstMeanMs } = settings;
    const arrivals = calmRatePerSecond * calmMeanMs + burstRatePerSecond * burstMeanMs;
    return arrivals / (calmMeanMs + burstMeanMs);
  },
};

function stay({ isBurst }: BurstyState, settings: BurstySettings, stream: Stream): number {
  return stream.exponential(isBurst ? settings.burstMeanMs : settings.calmMeanMs) * MS;
}
