/** Numbers beyond anything that a run could show, or hold. */
import { config, mistake, of, step } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

const time = (distribution: Loose): Loose => ({ do: 'work', time: distribution });
const fault = (what: string, given: Loose, place: string, says: RegExp, hint: RegExp): Mistake =>
  mistake(
    `a fault: ${what}`,
    (d) => (d['faults'] = [{ atMs: 1, fault: given }]),
    `faults/0/fault/${place}`,
    says,
    hint,
  );

export const ofExtremes: readonly Mistake[] = [
  step(
    'statements without end',
    { do: 'query', to: 'db', times: 1_000_000_000 },
    '/times',
    /at most 10000, not 1000000000/,
    /one after the other/,
  ),
  step(
    'work beyond all time',
    time({ kind: 'constant', ms: 1e300 }),
    '/time/ms',
    /at most 10000000000 ms/,
    /value/,
  ),
  step(
    'a wait beyond all time',
    { do: 'wait', time: { kind: 'exponential', meanMs: 1e14 } },
    '/time/meanMs',
    /at most 10000000000 ms/,
    /mean/,
  ),
  step(
    'a tail beyond all time',
    time({ kind: 'pareto', scaleMs: 1, alpha: 1e-4 }),
    '/time/alpha',
    /at least 0.1, not 0.0001/,
    /tail/,
  ),
  step(
    'a spread beyond all time',
    time({ kind: 'log-normal', medianMs: 1, sigma: 30 }),
    '/time/sigma',
    /at most 10, not 30/,
    /spread/,
  ),
  mistake(
    'a run beyond all time',
    (d) => (d['durationMs'] = 1e18),
    'durationMs',
    /at most 10000000000 ms/,
    /lasts/,
  ),
  mistake(
    'a latency that may be any',
    (d) => (d['network'].latency = { kind: 'pareto', scaleMs: 1, alpha: 0.01 }),
    'network/latency/alpha',
    /at least 0.1/,
    /tail/,
  ),
  fault(
    'a processor that stands still',
    { type: 'slow-cpu', target: 'app', factor: 1e300 },
    'factor',
    /at most 1000000 x/,
    /So many times/,
  ),
  fault(
    'a link that stands still',
    { type: 'latency', factor: 1e300 },
    'factor',
    /at most 1000000 x/,
    /so many times/,
  ),
  fault(
    'a clock beyond all time',
    { type: 'clock-jump', target: 'app', byMs: -1e300 },
    'byMs',
    /at least -1000000000000 ms/,
    /backwards/,
  ),
  of(
    'limiter',
    'a rate that is never',
    { ratePerSecond: 1e-300 },
    'ratePerSecond',
    /is never/,
    /At least 0.000001/,
  ),
  of(
    'users',
    'more requests than moments',
    { arrivals: { kind: 'poisson', ratePerSecond: 1e300 } },
    'arrivals/ratePerSecond',
    /at most 1000000000 1\/s/,
    /rate/,
  ),
  ...['ring-hash', 'bounded-load'].map((policy) =>
    mistake(
      `balancer: a ${policy} of 160 million points`,
      (d) => (config(d, 'balancer')['call'] = { balance: { policy, weights: [1_000_000, 1] } }),
      'groups/balancer/config/call/balance/weights',
      /160000160 points/,
      /8388608 at most/,
    ),
  ),
];
