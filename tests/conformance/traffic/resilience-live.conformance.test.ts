/**
 * The rows of `resilience_cases.json` through the running simulator: the breaker's sequences by a
 * client whose requests fail one by one, retry budgets, effective load, and amplification by a
 * chain of services.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GroupPlan } from 'faultline';
import { afterAll, describe, expect, it } from 'vitest';
import type { HttpClientState } from '../../../src/sim/components/http-client/http-client.ts';
import type { ServiceState } from '../../../src/sim/components/service/state.ts';
import { failureRate } from '../../../src/sim/policies/resilience/outcome-window.ts';
import type { BreakerChanged } from '../../../src/sim/traffic/facts.ts';
import { Live, group } from './support/live.ts';
import { scriptedTarget } from './support/scripted-target.ts';
import type { ScriptedAnswer, TargetState } from './support/scripted-target.ts';
import { bonferroni, normalQuantile, shareInterval } from './support/statistics.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const LONG = process.env['FAULTLINE_LONG'] === '1';
const CONFIDENCE = 0.99;
const SEED = 1;

interface Cases {
  readonly stateMachineCases: {
    readonly config: Readonly<Record<string, number | string>>;
    readonly cases: readonly {
      readonly calls?: string;
      readonly stateAfterEach?: readonly string[];
      readonly failureRateAfterEach?: readonly number[];
    }[];
  };
  readonly retryBudgets: { readonly finagle: Readonly<Record<string, number>> };
  readonly retryAmplification: readonly {
    readonly layers: number;
    readonly attempts: number;
    readonly worst: number;
  }[];
  readonly effectiveLoad: readonly {
    readonly pfail: number;
    readonly attempts: number;
    readonly load: number;
    readonly success: number;
  }[];
}
const file = JSON.parse(readFileSync(join(folder, 'resilience_cases.json'), 'utf8')) as Cases;

const clients = (config: object): GroupPlan =>
  group('clients', 'http-client', config, { target: 'target' });
const at = (...timesMs: number[]) => ({ kind: 'replay', timesMs });
const upstreamOf = (live: Live) => live.state<HttpClientState>('clients1').upstream;
const noPause = { policy: 'none' } as const;

describe('the circuit breaker (CircuitBreakerStateMachineTest) of a running client', () => {
  const { config, cases } = file.stateMachineCases;
  const circuitBreaker = {
    enabled: true,
    failureRateThreshold: config['failureRate'],
    slowCallRateThreshold: config['slowRate'],
    slowCallDurationThresholdMs: (config['slowDuration_s'] as number) * 1_000,
    slidingWindowType: 'time-based',
    slidingWindowSize: 20,
    minimumNumberOfCalls: 5,
    waitDurationInOpenStateMs: (config['waitOpen_s'] as number) * 1_000,
    permittedNumberOfCallsInHalfOpenState: config['permittedHalfOpen'],
    maxWaitDurationInHalfOpenStateMs: (config['maxWaitHalfOpen_s'] as number) * 1_000,
  };
  const run = (timesMs: readonly number[], answers: readonly ScriptedAnswer[], call = {}) =>
    new Live({
      components: [scriptedTarget(answers)],
      facts: ['breaker.changed'],
      groups: [
        clients({ arrivals: at(...timesMs), call: { timeoutMs: 60_000, circuitBreaker, ...call } }),
        { name: 'target', component: 'scripted-target', count: 1 },
      ],
    });
  const codes = (live: Live) => live.answered.map(({ error }) => error ?? 'ok');
  const changes = (live: Live) => live.told<BreakerChanged>('breaker.changed');
  const FAIL = { isOk: false };
  const openedAtOne = [FAIL, FAIL, FAIL, FAIL, FAIL];
  const OPENED_MS = [1_000, 1_000, 1_000, 1_000, 1_000];

  it('has the configuration of the table', () => {
    expect(config['window']).toBe('TIME_BASED 20 s, min calls 5');
  });

  it('failure rate: E E E S S', () => {
    const { calls = '', stateAfterEach, failureRateAfterEach } = cases[0]!;
    const answers = calls.split(' ').map((call) => ({ isOk: call === 'S' }));
    const live = run(
      answers.map((_, i) => 1_000 + i),
      answers,
    );
    const states: string[] = [];
    const rates: number[] = [];
    answers.forEach((_, i) => {
      live.to(1_000 + i);
      const { breaker } = upstreamOf(live);
      states.push(breaker.state === 'closed' ? 'C' : 'O');
      rates.push(failureRate(breaker.window));
    });
    console.info(
      `breaker, ${calls}: ${stateAfterEach?.join(' ')} expected, ${states.join(' ')} measured; ` +
        `rates ${failureRateAfterEach?.join(' ')}, ${rates.join(' ')}`,
    );
    expect(codes(live)).toEqual(answers.map(({ isOk }) => (isOk ? 'ok' : 'internal-error')));
    expect(states).toEqual(stateAfterEach);
    expect(rates).toEqual(failureRateAfterEach);
    expect(changes(live).map(({ from, state }) => `${from} ${state}`)).toEqual(['closed open']);
  });

  it('half-open permits: four get through, the next two do not', () => {
    const slow = { isOk: true, afterMs: 100 };
    const live = run(
      [...OPENED_MS, ...[1, 2, 3, 4, 5, 6].map(() => 7_000)],
      [...openedAtOne, slow, slow, slow, slow],
    );
    live.to(7_050);
    expect(changes(live).map(({ state }) => state)).toEqual(['open', 'half-open']);
    expect(codes(live).slice(5)).toEqual(['circuit-open', 'circuit-open']);
    expect(live.state<TargetState>('target1').heard).toBe(9);
    live.to(7_200);
    expect(changes(live).map(({ state }) => state)).toEqual(['open', 'half-open', 'closed']);
  });

  it('half-open permits: a permission given back is one more', () => {
    // Three places: the fourth call has the last permission, finds no place and gives it back.
    const quick = { isOk: true, afterMs: 100 };
    const slow = { isOk: true, afterMs: 500 };
    const live = run(
      [...OPENED_MS, 7_000, 7_000, 7_000, 7_000, 7_150, 7_160],
      [...openedAtOne, quick, slow, slow, slow],
      { maxConcurrentCalls: 3 },
    );
    live.to(7_200);
    // The first of three is answered; the call after it gets the fourth permission, the next none.
    expect(codes(live).slice(5)).toEqual(['bulkhead-full', 'ok', 'circuit-open']);
    expect(live.state<TargetState>('target1').heard).toBe(9);
    live.to(8_000);
    expect(changes(live).map(({ state }) => state)).toEqual(['open', 'half-open', 'closed']);
  });

  it('open until five seconds are over, and not a microsecond less', () => {
    const opened = 1_000;
    const wait = circuitBreaker.waitDurationInOpenStateMs;
    // At the very moment it is still open, as in the source.
    const live = run([...OPENED_MS, opened + wait, opened + wait + 0.001], openedAtOne);
    live.to(10_000);
    expect(codes(live).slice(5)).toEqual(['circuit-open', 'ok']);
  });

  it('half-open for a second at most: then it opens again', () => {
    const slow = { isOk: true, afterMs: 2_000 };
    const live = run([...OPENED_MS, 7_000, 7_999, 8_000], [...openedAtOne, slow, slow]);
    live.to(8_000);
    expect(changes(live).map(({ state }) => state)).toEqual(['open', 'half-open', 'open']);
    expect(codes(live).slice(5)).toEqual(['circuit-open']);
  });

  it('slow calls open it at half of them, failed or not', () => {
    const slow = { isOk: true, afterMs: 4_001 };
    const exact = { isOk: true, afterMs: 4_000 };
    const quick = { isOk: true };
    const states = (answers: readonly ScriptedAnswer[]) => {
      const live = run(
        answers.map((_, i) => 1_000 + i),
        answers,
      );
      live.to(10_000);
      return changes(live).map(({ state }) => state);
    };
    expect(states([slow, slow, slow, quick, quick, quick])).toEqual(['open']);
    expect(states([exact, exact, exact, quick, quick, quick])).toEqual([]);
  });
});

describe('the retry budget of finagle in a running client', () => {
  const { finagle } = file.retryBudgets;
  const retryBudget = {
    kind: 'finagle',
    ttlMs: finagle['ttl_s']! * 1_000,
    minRetriesPerSec: finagle['minRetriesPerSec'],
    percentCanRetry: finagle['percentCanRetry'],
  };
  const failing = (share: number) => group('target', 'service', { steps: [{ do: 'fail', share }] });

  it('100 retries in an idle 10 s window, then one for every five requests', () => {
    const call = { maxAttempts: 1_000, backoff: noPause, retryBudget };
    const timesMs = [1_000, ...[2, 3, 4, 5, 6].map(() => 2_000)];
    const live = new Live({ groups: [clients({ arrivals: at(...timesMs), call }), failing(1)] });
    live.to(1_500);
    expect(live.answered.map(({ retries }) => retries)).toEqual([100]);
    live.to(2_500);
    const retries = live.answered.map((answer) => answer.retries);
    console.info(`finagle: 100, then 1 of 5 expected; ${retries.join(' ')} measured`);
    expect(retries.reduce((sum, n) => sum + n, 0)).toBe(101);
    // Each was refused one more in the end.
    expect(upstreamOf(live).outOfBudget).toBe(6);
  });

  it.each([0.1, 0.5, 0.9, 1])('load <= 1.2 x offered when %d of all tries fail', (pfail) => {
    const call = {
      maxAttempts: 5,
      backoff: noPause,
      retryBudget: { ...retryBudget, minRetriesPerSec: 0 },
    };
    const live = new Live({
      seed: SEED,
      groups: [
        clients({ arrivals: { kind: 'poisson', ratePerSecond: 100 }, stopMs: 60_000, call }),
        failing(pfail),
      ],
    });
    live.to(61_000);
    const { ok, failed } = live.state<ServiceState>('target1');
    const load = (ok + failed) / live.answered.length;
    const plain = (1 - pfail ** 5) / (1 - pfail);
    const expected = pfail === 1 ? 1.2 : Math.min(1.2, plain);
    console.info(
      `finagle, ${pfail} of tries fail: load ${expected.toFixed(4)} expected, ` +
        `${load.toFixed(4)} measured of ${live.answered.length}`,
    );
    expect(load).toBeLessThanOrEqual(1.2);
    expect(load).toBeGreaterThan(expected - 0.02);
  });
});

describe('effective load and success of a running client', () => {
  const rows = file.effectiveLoad;
  const level = bonferroni(CONFIDENCE, 2 * rows.length);
  const lines: string[] = [];
  afterAll(() => console.info(['row | expected | measured | interval', ...lines].join('\n')));

  it.each(rows)('%o', ({ pfail, attempts, load, success }) => {
    const seconds = LONG ? 600 : 40;
    const live = new Live({
      seed: SEED,
      groups: [
        clients({
          arrivals: { kind: 'poisson', ratePerSecond: 100 },
          stopMs: seconds * 1_000,
          call: { maxAttempts: attempts, backoff: noPause },
        }),
        group('target', 'service', { steps: [{ do: 'fail', share: pfail }] }),
      ],
    });
    live.to((seconds + 1) * 1_000);
    const requests = live.answered.length;
    const tries = live.answered.map(({ retries }) => retries + 1);
    const { ok, failed } = live.state<ServiceState>('target1');
    expect(ok + failed).toBe(tries.reduce((sum, n) => sum + n, 0));
    const mean = (ok + failed) / requests;
    const squares = tries.reduce((sum, n) => sum + (n - mean) ** 2, 0);
    // Both of 99 % for all rows at once.
    const halfWidth =
      normalQuantile((1 + level) / 2) * Math.sqrt(squares / (requests - 1) / requests);
    const share = ok / requests;
    const interval = shareInterval(share, requests, level);
    lines.push(
      `${pfail} fail, ${attempts} attempts: load`.padEnd(32) +
        ` | ${load.toFixed(4)} | ${mean.toFixed(4)} | +-${halfWidth.toFixed(4)}`,
      `${pfail} fail, ${attempts} attempts: success`.padEnd(32) +
        ` | ${success.toFixed(4)} | ${share.toFixed(4)} | ` +
        `${interval.low.toFixed(4)}..${interval.high.toFixed(4)}`,
    );
    expect(Math.abs(mean - load), `seed ${SEED}`).toBeLessThanOrEqual(halfWidth + 1e-12);
    expect(interval.low, `seed ${SEED}`).toBeLessThanOrEqual(success);
    expect(interval.high, `seed ${SEED}`).toBeGreaterThanOrEqual(success);
  });
});

describe('amplification by a chain of services', () => {
  it.each(file.retryAmplification)('%o', ({ layers, attempts, worst }) => {
    const call = { timeoutMs: 3_600_000, maxAttempts: attempts, backoff: noPause };
    // The client is the first layer that tries again, the services after it the others.
    const names = ['target', 'layer-b', 'layer-c', 'layer-d', 'layer-e'].slice(0, layers);
    const chain = names.slice(0, -1).map((name, i) => {
      const next = names[i + 1] as string;
      return group(
        name,
        'service',
        { steps: [{ do: 'call', to: next }], upstreams: [{ to: next, ...call }] },
        { [next]: next },
      );
    });
    const last = names[layers - 1] as string;
    const live = new Live({
      groups: [
        clients({ arrivals: at(10), call }),
        ...chain,
        group(last, 'service', { steps: [{ do: 'fail', share: 1 }] }),
      ],
    });
    live.to(10_000);
    const reached = names.map((name) => live.state<ServiceState>(`${name}1`).failed);
    console.info(
      `${layers} layers of ${attempts} attempts: ${worst} expected, ${reached.join(' ')} measured`,
    );
    expect(reached).toEqual(names.map((_, i) => attempts ** (i + 1)));
    expect(reached[layers - 1]).toBe(worst);
    expect(live.answered).toHaveLength(1);
  });
});
