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

const changes = (what: string, arrivals: Loose, place: string, says: RegExp, hint: RegExp) =>
  of('users', what, { arrivals }, `arrivals/${place}`, says, hint);
const spike = (more: Loose): Loose => ({
  kind: 'spike',
  ratePerSecond: 50,
  factor: 5,
  fromMs: 10,
  untilMs: 20,
  ...more,
});

const ofChanges: readonly Mistake[] = [
  changes(
    'a spike as high as the rest',
    spike({ factor: 1 }),
    'factor',
    /factor changes nothing/,
    /kind: poisson/,
  ),
  changes(
    'a spike after the end',
    spike({ fromMs: 100, untilMs: 200 }),
    'fromMs',
    /The spike changes nothing: the run is over after 100 ms/,
    /from the start of the run/,
  ),
  changes(
    'a spike without length',
    spike({ untilMs: 10 }),
    'untilMs',
    /it ends as it begins/,
    /Let it last/,
  ),
  changes(
    'a ramp after the end',
    { kind: 'ramp', startRatePerSecond: 5, endRatePerSecond: 9, fromMs: 100, untilMs: 200 },
    'fromMs',
    /The ramp changes nothing/,
    /from the start of the run/,
  ),
  changes(
    'a step after the end',
    { kind: 'steps', steps: [{ atMs: 0, ratePerSecond: 50 }, step(200)] },
    'steps/1/atMs',
    /This step changes nothing/,
    /from the start of the run/,
  ),
];

export const ofSilent: readonly Mistake[] = [
  ...ofChanges,
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
  never(
    'steps after it has stopped',
    { stopMs: 50, arrivals: { kind: 'steps', steps: [step(0), { atMs: 50, ratePerSecond: 9 }] } },
    'arrivals/steps/1/atMs',
    /from the start of the run/,
  ),
  never(
    'steps that are over before it begins',
    { startMs: 50, arrivals: { kind: 'steps', steps: [{ atMs: 0, ratePerSecond: 9 }, step(50)] } },
    'arrivals/steps/0/atMs',
    /from the start of the run/,
  ),
  never(
    'a ramp from 0 after it has stopped',
    {
      stopMs: 50,
      arrivals: {
        kind: 'ramp',
        startRatePerSecond: 0,
        endRatePerSecond: 9,
        fromMs: 50,
        untilMs: 90,
      },
    },
    'arrivals/fromMs',
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
