/** What is wrong with the settings of arrivals, in one sentence with the place. */
import { ScenarioError } from '../../kernel/errors.ts';
import { meanMs } from '../distribution.ts';
import { checkDistribution } from '../distribution-schema.ts';
import type { ArrivalSettings, RenewalSettings } from './arrivals.ts';

/** Throws a ScenarioError unless these settings make sense. */
export function checkArrivals(settings: ArrivalSettings, path: string): void {
  switch (settings.kind) {
    case 'poisson':
    case 'constant':
      return notNegative(settings.ratePerSecond, `${path}/ratePerSecond`);
    case 'bursty':
      notNegative(settings.calmRatePerSecond, `${path}/calmRatePerSecond`);
      notNegative(settings.burstRatePerSecond, `${path}/burstRatePerSecond`);
      positive(settings.calmMeanMs, `${path}/calmMeanMs`);
      return positive(settings.burstMeanMs, `${path}/burstMeanMs`);
    case 'diurnal':
      notNegative(settings.minRatePerSecond, `${path}/minRatePerSecond`);
      positive(settings.periodMs, `${path}/periodMs`);
      if (settings.maxRatePerSecond >= settings.minRatePerSecond) return;
      throw wrong(`${path}/maxRatePerSecond`, 'is less than minRatePerSecond', 'Swap them.');
    case 'spike':
      notNegative(settings.ratePerSecond, `${path}/ratePerSecond`);
      notNegative(settings.factor, `${path}/factor`);
      return inOrder(settings, path);
    case 'ramp':
      notNegative(settings.startRatePerSecond, `${path}/startRatePerSecond`);
      notNegative(settings.endRatePerSecond, `${path}/endRatePerSecond`);
      return inOrder(settings, path);
    case 'steps':
      return checkSteps(settings.steps, `${path}/steps`);
    case 'replay':
      return checkReplay(settings.timesMs, settings.loopMs, path);
    case 'renewal':
      return checkRenewal(settings, path);
  }
}

function checkSteps(
  steps: readonly { readonly atMs: number; readonly ratePerSecond: number }[],
  path: string,
): void {
  steps.forEach(({ atMs, ratePerSecond }, i) => {
    notNegative(atMs, `${path}/${i}/atMs`);
    notNegative(ratePerSecond, `${path}/${i}/ratePerSecond`);
    if (i === 0 || atMs > steps[i - 1]!.atMs) return;
    throw wrong(`${path}/${i}/atMs`, 'is not after the step before', 'Put them in order of time.');
  });
}

function checkReplay(timesMs: readonly number[], loopMs: number | undefined, path: string): void {
  let last = 0;
  for (let i = 0; i < timesMs.length; i++) {
    const time = timesMs[i]!;
    notNegative(time, `${path}/timesMs/${i}`);
    if (time < last) {
      throw wrong(`${path}/timesMs/${i}`, 'is before the time before it', 'Sort the recording.');
    }
    last = time;
  }
  if (loopMs === undefined) return;
  positive(loopMs, `${path}/loopMs`);
  if (loopMs >= last) return;
  throw wrong(`${path}/loopMs`, `is shorter than the recording, ${last} ms`, 'Let it end first.');
}

function checkRenewal({ gap, stages = 1 }: RenewalSettings, path: string): void {
  checkDistribution(gap, `${path}/gap`, 0);
  if (!(Number.isInteger(stages) && stages >= 1)) {
    throw wrong(`${path}/stages`, `is ${stages}`, 'It is a whole number from 1 on.');
  }
  // Requests without a gap between them never let time go on.
  if (meanMs(gap) === 0) throw wrong(`${path}/gap`, 'is always 0', 'Give it a mean above 0.');
}

function inOrder(times: { readonly fromMs: number; readonly untilMs: number }, path: string): void {
  notNegative(times.fromMs, `${path}/fromMs`);
  if (times.untilMs >= times.fromMs) return;
  throw wrong(`${path}/untilMs`, 'is before fromMs', 'It begins at fromMs and ends at untilMs.');
}

function notNegative(value: number, path: string): void {
  if (value >= 0 && value < Infinity) return;
  throw wrong(path, `is ${value}`, 'It is 0 or more.');
}

function positive(value: number, path: string): void {
  if (value > 0 && value < Infinity) return;
  throw wrong(path, `is ${value}`, 'It is more than 0.');
}

const wrong = (path: string, what: string, hint: string) =>
  new ScenarioError(`${path} ${what}.`, { path, hint });
