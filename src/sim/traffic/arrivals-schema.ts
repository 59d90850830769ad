/** Arrivals as a user writes them. */
import { Type } from '../contracts/schema.ts';
import type { TObject } from '../contracts/schema.ts';
import { checkArrivals } from '../policies/arrivals/index.ts';
import type { ArrivalSettings } from '../policies/arrivals/index.ts';
import type { Distribution } from '../policies/distribution.ts';
import { checkKind } from './kinds.ts';
import { LONGEST_MS } from '../kernel/time.ts';

const strict = { additionalProperties: false } as const;
/** A thousand in each microsecond, which is the finest that time has. */
const RATE_MAX = 1e9;
const rate = (description: string) =>
  Type.Number({ minimum: 0, maximum: RATE_MAX, description, unit: '1/s' });
const ms = (description: string) =>
  Type.Number({ minimum: 0, maximum: LONGEST_MS, description, unit: 'ms' });

export const ARRIVAL_SCHEMAS: { readonly [K in ArrivalSettings['kind']]: TObject } = {
  poisson: Type.Object(
    { kind: Type.Literal('poisson'), ratePerSecond: rate('The mean rate.') },
    { ...strict, description: 'At random, whatever came before.' },
  ),
  constant: Type.Object(
    { kind: Type.Literal('constant'), ratePerSecond: rate('The rate.') },
    { ...strict, description: 'Evenly spaced.' },
  ),
  bursty: Type.Object(
    {
      kind: Type.Literal('bursty'),
      calmRatePerSecond: rate('Between bursts.'),
      burstRatePerSecond: rate('In a burst.'),
      calmMeanMs: ms('How long it is calm, on average.'),
      burstMeanMs: ms('How long a burst lasts, on average.'),
    },
    { ...strict, description: 'Calm and bursts in turn, each Poisson (MMPP).' },
  ),
  diurnal: Type.Object(
    {
      kind: Type.Literal('diurnal'),
      minRatePerSecond: rate('At the lowest.'),
      maxRatePerSecond: rate('At the highest.'),
      periodMs: ms('From low to low.'),
      lowAtMs: ms('When it is lowest.'),
    },
    { ...strict, description: 'Up and down like a day.' },
  ),
  spike: Type.Object(
    {
      kind: Type.Literal('spike'),
      ratePerSecond: rate('Before and after.'),
      factor: Type.Number({
        minimum: 0,
        maximum: 1_000_000,
        description: 'So many times as much.',
      }),
      fromMs: ms('When it begins.'),
      untilMs: ms('When it ends.'),
    },
    { ...strict, description: 'A steady rate with a spike.' },
  ),
  ramp: Type.Object(
    {
      kind: Type.Literal('ramp'),
      startRatePerSecond: rate('Before.'),
      endRatePerSecond: rate('After.'),
      fromMs: ms('When it begins to change.'),
      untilMs: ms('When it has changed.'),
    },
    { ...strict, description: 'From one rate to another, evenly.' },
  ),
  steps: Type.Object(
    {
      kind: Type.Literal('steps'),
      steps: Type.Array(
        Type.Object(
          { atMs: ms('From then on.'), ratePerSecond: rate('So many.') },
          { ...strict, description: 'A step.' },
        ),
        { minItems: 1, description: 'In order of time.' },
      ),
    },
    { ...strict, description: 'One rate after the other.' },
  ),
  replay: Type.Object(
    {
      kind: Type.Literal('replay'),
      timesMs: Type.Array(ms('A time.'), { minItems: 1, description: 'Recorded times, rising.' }),
      loopMs: Type.Optional(ms('Begin anew so often.')),
    },
    {
      ...strict,
      description:
        'At recorded times. A document may name a CSV `file` beside it, its `column` and `unit`; ' +
        'its rows are in the order of their times.',
    },
  ),
  renewal: Type.Object(
    {
      kind: Type.Literal('renewal'),
      gap: Type.Unsafe<Distribution>(
        Type.Any({ shape: 'distribution', description: 'From one request to the next.' }),
      ),
      stages: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1_000,
          description: 'Each gap is the sum of so many samples.',
        }),
      ),
    },
    { ...strict, description: 'Independent gaps of any law.' },
  ),
};

/** In a configuration. Checked by `checkArrivalWords`. */
export const arrivalsSchema = Type.Unsafe<ArrivalSettings>(
  Type.Any({
    shape: 'arrivals',
    description: 'Of an open loop: when requests come.',
    default: { kind: 'poisson', ratePerSecond: 100 },
  }),
);

export function checkArrivalWords(given: unknown, path: string): void {
  checkKind(ARRIVAL_SCHEMAS, given, path, { tag: 'kind', noun: 'arrivals' });
  checkArrivals(given as ArrivalSettings, path);
}
