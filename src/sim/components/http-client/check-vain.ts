/** Settings of an HTTP client that change nothing by what others are, or by the run's length. */
import { changesNothing } from '../../contracts/needs.ts';
import type { Given, GroupSettings } from '../../node/behaviour.ts';
import type { HttpClientConfig } from './config.ts';
import { silence } from './silence.ts';

export function checkVain(config: HttpClientConfig, group: GroupSettings, path: string): void {
  if (config.load === 'open') checkChanges(config, group.durationMs, `${path}/arrivals`);
  const call = (group.given['call'] ?? {}) as Given;
  const { maxAttempts, hedge } = config.call;
  if (call['retryUnknown'] === undefined || (maxAttempts === 1 && hedge.afterMs === 0)) return;
  if (config.routes.some(({ write }) => write)) return;
  throw changesNothing(
    'retryUnknown',
    'it is about writes, and no route is one',
    `${path}/call/retryUnknown`,
    'Write write: true in a route that changes the object, or leave it out.',
  );
}

/** A rate that never becomes another one. */
function checkChanges(config: HttpClientConfig, durationMs: number, path: string): void {
  const { arrivals, stopMs } = config;
  // That it never asks at all is said elsewhere.
  const isStopped = stopMs > 0 && stopMs < durationMs && silence(config, durationMs) === null;
  const endMs = isStopped ? stopMs : durationMs;
  const late = isStopped
    ? 'Times are counted from the start of the run: begin before stopMs.'
    : 'Times are counted from the start of the run: begin before its end.';
  const over = `the ${isStopped ? 'load' : 'run'} is over after ${endMs} ms`;
  if (arrivals.kind === 'spike' && arrivals.fromMs === arrivals.untilMs) {
    throw changesNothing('The spike', 'it ends as it begins', `${path}/untilMs`, 'Let it last.');
  }
  if (arrivals.kind === 'spike' && arrivals.factor === 1) {
    const hint = 'Give another factor, or kind: poisson, which is a steady rate.';
    throw changesNothing('factor', 'once the rate is the rate', `${path}/factor`, hint);
  }
  if (arrivals.kind === 'spike' && arrivals.fromMs >= endMs) {
    throw changesNothing('The spike', over, `${path}/fromMs`, late);
  }
  if (arrivals.kind === 'ramp' && arrivals.fromMs >= endMs) {
    throw changesNothing('The ramp', over, `${path}/fromMs`, late);
  }
  if (arrivals.kind !== 'steps') return;
  const beyond = arrivals.steps.findIndex(({ atMs }) => atMs >= endMs);
  if (beyond >= 0) throw changesNothing('This step', over, `${path}/steps/${beyond}/atMs`, late);
}
