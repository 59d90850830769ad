/** When an HTTP client never asks, whatever it is linked to. */
import type { Silence } from '../../node/silence.ts';
import type { ArrivalSettings } from '../../policies/arrivals/index.ts';
import type { HttpClientConfig } from './config.ts';

interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function silence(config: HttpClientConfig, durationMs: number): Silence | null {
  const { load, startMs, stopMs, arrivals } = config;
  if (startMs >= durationMs) {
    return {
      at: 'startMs',
      why: `the load begins after ${startMs} ms, and the run is over by then`,
      hint: `durationMs is ${durationMs}: begin before, or let the run last longer.`,
      isSaid: false,
    };
  }
  if (load === 'closed') return null;
  const at = ratesOf(arrivals);
  if (at !== null) {
    return {
      at: `arrivals/${at}`,
      why: 'all its rates are 0',
      hint: 'Give a rate above 0 to at least one client.',
      isSaid: true,
    };
  }
  const untilMs = stopMs > 0 ? Math.min(stopMs, durationMs) : durationMs;
  return missed(arrivals, { fromMs: startMs, untilMs });
}

/** Where its first rate is, if it never has one above 0. */
function ratesOf(arrivals: ArrivalSettings): string | null {
  switch (arrivals.kind) {
    case 'poisson':
    case 'constant':
    case 'spike':
      return arrivals.ratePerSecond > 0 ? null : 'ratePerSecond';
    case 'bursty':
      return arrivals.calmRatePerSecond + arrivals.burstRatePerSecond > 0
        ? null
        : 'calmRatePerSecond';
    case 'diurnal':
      return arrivals.maxRatePerSecond > 0 ? null : 'maxRatePerSecond';
    case 'ramp':
      return arrivals.startRatePerSecond + arrivals.endRatePerSecond > 0
        ? null
        : 'startRatePerSecond';
    case 'steps':
      return arrivals.steps.some(({ ratePerSecond }) => ratePerSecond > 0)
        ? null
        : 'steps/0/ratePerSecond';
    case 'replay':
    case 'renewal':
      return null;
  }
}

/** It would ask, but not while it may. */
function missed(arrivals: ArrivalSettings, { fromMs, untilMs }: Window): Silence | null {
  const never = (at: string, what: string, hint: string): Silence => ({
    at: `arrivals/${at}`,
    why: `${what}, and its load goes from ${fromMs} to ${untilMs} ms`,
    hint,
    isSaid: false,
  });
  switch (arrivals.kind) {
    case 'replay': {
      const [first = 0] = arrivals.timesMs;
      if (first < untilMs) return null;
      return never(
        'timesMs/0',
        `the first of the recorded times is ${first} ms`,
        'Times are counted from the start of the run: take off what lies before the first.',
      );
    }
    case 'constant': {
      const firstMs = fromMs + 1_000 / arrivals.ratePerSecond;
      if (firstMs < untilMs) return null;
      const what = `evenly spaced, the first comes after ${firstMs} ms`;
      return never('ratePerSecond', what, 'Give a higher rate, or let the run last longer.');
    }
    case 'steps': {
      const { steps } = arrivals;
      const isIn = ({ atMs, ratePerSecond }: (typeof steps)[number], i: number): boolean =>
        ratePerSecond > 0 && atMs < untilMs && (steps[i + 1]?.atMs ?? untilMs) > fromMs;
      if (steps.some(isIn)) return null;
      const first = steps.findIndex(({ ratePerSecond }) => ratePerSecond > 0);
      const what = 'no step with a rate above 0 falls into its load';
      return never(`steps/${first}/atMs`, what, 'Times are counted from the start of the run.');
    }
    case 'ramp':
      if (arrivals.startRatePerSecond > 0 && fromMs < arrivals.untilMs) return null;
      if (arrivals.endRatePerSecond > 0 && untilMs > arrivals.fromMs) return null;
      return arrivals.startRatePerSecond > 0
        ? never('untilMs', `its rate is 0 from ${arrivals.untilMs} ms on`, 'Let it begin before.')
        : never('fromMs', `its rate is 0 until ${arrivals.fromMs} ms`, 'Let it rise before.');
    case 'spike':
      if (arrivals.factor > 0 || fromMs < arrivals.fromMs || untilMs > arrivals.untilMs)
        return null;
      return never('factor', 'a spike of 0 times the rate lasts all the time', 'Give more than 0.');
    case 'poisson':
    case 'bursty':
    case 'diurnal':
    case 'renewal':
      return null;
  }
}
