/** How much a client asks, for what, and when; and that twins ask the same. */
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from 'faultline';
import type { HttpClientView } from '../../../../src/sim/components/http-client/view.ts';
import { http } from '../../../../src/sim/contracts/http.ts';
import { ok, refused } from '../support/traffic-partners.ts';
import type { Play } from '../support/traffic-partners.ts';
import { clientBench } from '../support/traffic-bench.ts';
import type { ClientBenchPlan, TrafficBench } from '../support/traffic-bench.ts';

const run = (config: object, plan: ClientBenchPlan = {}, untilMs = 1_000): TrafficBench =>
  clientBench({ ...plan, config }).ms(untilMs);
const constant = (ratePerSecond: number) => ({ arrivals: { kind: 'constant', ratePerSecond } });
const asked = (bench: TrafficBench): HttpRequest[] =>
  bench.sent('http.request').map(({ message }) => message as HttpRequest);

describe('an open loop', () => {
  it('asks at its own times, whether it is answered or not', () => {
    const times = (play: Play) => run(constant(100), { play }, 55).times('http.request');
    expect(times(() => ok())).toEqual([10, 20, 30, 40, 50]);
    expect(times(() => null)).toEqual([10, 20, 30, 40, 50]);
  });

  it('begins and ends when it is told to', () => {
    const bench = run({ ...constant(100), startMs: 200, stopMs: 250 });
    expect(bench.times('http.request')).toEqual([210, 220, 230, 240]);
  });
});

describe('a closed loop', () => {
  const closed = (config: object = {}) => ({ load: 'closed', users: 3, thinkMs: 0, ...config });

  it('has each user wait for an answer, and never asks more at once than there are users', () => {
    const bench = run(closed(), { play: () => ok(8) }, 105);
    expect(bench.times('http.request')).toEqual(
      Array.from({ length: 11 }, (_, i) => [i * 10, i * 10, i * 10]).flat(),
    );
    expect(bench.upstream().flow.inside).toBe(3);
    expect(new Set(asked(bench).map(({ session }) => session))).toEqual(new Set([0, 1, 2]));
  });

  it('thinks between an answer and the next request', () => {
    const bench = run(closed({ thinkMs: 50 }), { play: () => ok(8) }, 30_000);
    // Each round takes 10 ms and 50 ms of thought on average: 3 * 30,000 / 60.
    expect(Math.abs(bench.completed().length / 1_500 - 1)).toBeLessThan(0.1);
  });

  it('ends when it is told to', () => {
    const bench = run(closed({ stopMs: 45 }), { play: () => ok(8) });
    expect(bench.times('http.request').at(-1)).toBe(40);
    expect(bench.completed()).toHaveLength(15);
  });
});

describe('what it asks for', () => {
  const N = 20_000;
  const many = (config: object) =>
    asked(run({ ...constant(10_000), stopMs: 2_000.05, ...config }, {}, 3_000));

  it('follows the shares of its routes', () => {
    const routes = [
      { route: 'GET /a', share: 6, priority: 1 },
      { route: 'PUT /b', share: 3, write: true },
      { route: 'GET /c', share: 0 },
      { route: 'GET /d', share: 1 },
    ];
    const all = many({ routes });
    expect(all).toHaveLength(N);
    const share = (name: string) => all.filter(({ route }) => route === name).length / N;
    // Four standard errors.
    expect(Math.abs(share('GET /a') - 0.6)).toBeLessThan(0.0139);
    expect(Math.abs(share('PUT /b') - 0.3)).toBeLessThan(0.013);
    expect(share('GET /c')).toBe(0);
    expect(all.every(({ route, write }) => write === (route === 'PUT /b'))).toBe(true);
    expect(all.every(({ route, priority }) => priority === (route === 'GET /a' ? 1 : 0))).toBe(
      true,
    );
  });

  it('spreads over its objects and its people', () => {
    const all = many({ popularity: { keys: 10 }, sessions: 4 });
    for (let key = 0; key < 10; key++) {
      const share = all.filter((request) => request.key === key).length / N;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.0085);
    }
    expect(new Set(all.map(({ session }) => session))).toEqual(new Set([0, 1, 2, 3]));
  });

  it('comes over connections in turn, or over one for each person', () => {
    const [base] = asked(run({ ...constant(100), connections: 3 }, {}, 15));
    const first = base?.connection ?? -1;
    const shared = asked(run({ ...constant(100), connections: 3 }, {}, 75));
    expect(shared.map(({ connection }) => connection - first)).toEqual([0, 1, 2, 0, 1, 2, 0]);
    const own = asked(run(constant(100), {}, 500));
    expect(own.every(({ connection, session }) => connection === session)).toBe(true);
  });
});

describe('what it shows', () => {
  it('adds up', () => {
    const play: Play = ({ nth }) => [ok(), refused('overloaded'), null][nth % 3] ?? null;
    const config = { ...constant(100), routes: [{ write: true }], stopMs: 900 };
    const bench = run(config, { play, call: { timeoutMs: 50 } });
    const view = bench.view('c1') as unknown as HttpClientView;
    const ends = bench.completed();
    const count = (outcome: string) => ends.filter((end) => end.outcome === outcome).length;
    expect(view).toMatchObject({
      inFlight: 0,
      ok: count('ok'),
      fail: count('fail'),
      unknown: count('unknown'),
      retries: 0,
      upstream: { ok: count('ok'), failed: count('fail') + count('unknown'), underWay: 0 },
    });
    expect([count('ok'), count('fail'), count('unknown')]).toEqual([30, 30, 29]);
    expect(view.errors).toEqual([
      { code: 'overloaded', count: 30 },
      { code: 'timeout', count: 29 },
    ]);
  });
});

describe('twins under one seed', () => {
  /** First tries: when, and what they are. */
  const first = (bench: TrafficBench): string[] =>
    bench
      .sent('http.request')
      .filter(({ message }) => (message as HttpRequest).attempt === 0)
      .map(({ atMicros, message }) => {
        const digest = http.messages['http.request'].digest(message as HttpRequest);
        return `${atMicros} ${(message as HttpRequest).route} ${digest}`;
      });
  const config = {
    arrivals: { kind: 'poisson', ratePerSecond: 200 },
    popularity: { kind: 'zipf', keys: 100 },
    routes: [{ route: 'GET /a' }, { route: 'PUT /a', write: true }],
  };
  const retrying = {
    timeoutMs: 20,
    maxAttempts: 4,
    hedge: { afterMs: 5 },
    throttleK: 0,
    balance: { policy: 'random' },
  };

  it('ask the same at the same times, whatever becomes of it', () => {
    const calm = first(run(config));
    expect(calm.length).toBeGreaterThan(150);
    expect(first(run(config, { play: () => null, servers: 3, call: retrying }))).toEqual(calm);
    expect(first(run(config, { play: () => refused('overloaded'), call: retrying }))).toEqual(calm);
    expect(first(run(config, { seed: 2 }))).not.toEqual(calm);
  });

  it('of a closed loop ask the same in the same order', () => {
    const closed = { ...config, load: 'closed', users: 1, thinkMs: 10 };
    const what = (bench: TrafficBench) => first(bench).map((line) => line.replace(/^\d+ /, ''));
    const fast = what(run(closed, { play: () => ok() }));
    const slow = what(run(closed, { play: () => ok(40) }));
    expect(slow.length).toBeGreaterThan(10);
    expect(slow).toEqual(fast.slice(0, slow.length));
  });
});
