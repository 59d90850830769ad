/** Clients that never ask: a run without a request passes every check, and shows nothing. */
import { groupOf, mistake, of } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const step = (atMs: number) => ({ atMs, ratePerSecond: 0 });
const rates: readonly (readonly [string, Loose])[] = [
  ['ratePerSecond', { kind: 'poisson', ratePerSecond: 0 }],
  ['ratePerSecond', { kind: 'constant', ratePerSecond: 0 }],
  [
    'calmRatePerSecond',
    {
      kind: 'bursty',
      calmRatePerSecond: 0,
      burstRatePerSecond: 0,
      calmMeanMs: 5,
      burstMeanMs: 5,
    },
  ],
  [
    'maxRatePerSecond',
    { kind: 'diurnal', minRatePerSecond: 0, maxRatePerSecond: 0, periodMs: 50, lowAtMs: 0 },
  ],
  ['ratePerSecond', { kind: 'spike', ratePerSecond: 0, factor: 5, fromMs: 10, untilMs: 20 }],
  [
    'startRatePerSecond',
    { kind: 'ramp', startRatePerSecond: 0, endRatePerSecond: 0, fromMs: 10, untilMs: 20 },
  ],
  ['steps/0/ratePerSecond', { kind: 'steps', steps: [step(0), step(10)] }],
];

const never = (what: string, settings: Loose, place: string, hint: RegExp): Mistake =>
  of('users', what, settings, place, /"users" never asks anything: /, hint);
const missed = (what: string, arrivals: Loose, place: string, hint: RegExp): Mistake =>
  never(what, { arrivals }, `arrivals/${place}`, hint);
const replay = (timesMs: readonly number[]): Loose => ({ kind: 'replay', timesMs });

export const ofSilent: readonly Mistake[] = [
  ...rates.map(([place, arrivals]) =>
    of(
      'users',
      `a rate of 0 (${String(arrivals['kind'])})`,
      { arrivals },
      `arrivals/${place}`,
      /Nobody asks anything: all its rates are 0/,
      /above 0/,
    ),
  ),
  ...[100, 500].map((startMs) =>
    never(`begins at ${startMs} of 100 ms`, { startMs }, 'startMs', /durationMs is 100/),
  ),
  mistake(
    'users: a closed loop that begins after the end',
    (d) => (groupOf(d, 'users')['config'] = { load: 'closed', startMs: 200 }),
    'groups/users/config/startMs',
    /"users" never asks anything: /,
    /durationMs is 100/,
  ),
  never(
    'recorded times beyond the end',
    { arrivals: replay([100, 200]) },
    'arrivals/timesMs/0',
    /from the start of the run/,
  ),
  never(
    'recorded times after it has stopped',
    { arrivals: replay([60, 90]), stopMs: 50 },
    'arrivals/timesMs/0',
    /from the start of the run/,
  ),
  missed(
    'a constant rate too low',
    { kind: 'constant', ratePerSecond: 1 },
    'ratePerSecond',
    /higher/,
  ),
  missed(
    'steps beyond the end',
    { kind: 'steps', steps: [step(0), { atMs: 100, ratePerSecond: 9 }] },
    'steps/1/atMs',
    /from the start of the run/,
  ),
  never(
    'steps that are over before it begins',
    { startMs: 50, arrivals: { kind: 'steps', steps: [{ atMs: 0, ratePerSecond: 9 }, step(50)] } },
    'arrivals/steps/0/atMs',
    /from the start of the run/,
  ),
  missed(
    'a ramp from 0 beyond the end',
    { kind: 'ramp', startRatePerSecond: 0, endRatePerSecond: 9, fromMs: 100, untilMs: 200 },
    'fromMs',
    /rise before/,
  ),
  never(
    'a ramp to 0 that is over before it begins',
    {
      startMs: 50,
      arrivals: {
        kind: 'ramp',
        startRatePerSecond: 9,
        endRatePerSecond: 0,
        fromMs: 0,
        untilMs: 50,
      },
    },
    'arrivals/untilMs',
    /begin before/,
  ),
  missed(
    'a spike of nothing all the time',
    { kind: 'spike', ratePerSecond: 9, factor: 0, fromMs: 0, untilMs: 100 },
    'factor',
    /more than 0/,
  ),
  of(
    'users',
    'stops before it begins',
    { startMs: 50, stopMs: 20 },
    'stopMs',
    /before it begins/,
    /50/,
  ),
  of(
    'users',
    'stops as it begins',
    { startMs: 50, stopMs: 50 },
    'stopMs',
    /before it begins/,
    /50/,
  ),
];
