/** First tries, retries and hedges are told apart on the map and in every number, in one way. */
import { describe, expect, it } from 'vitest';
import { FLIGHT_KINDS, Session, makeSpec } from 'faultline';
import type { GroupPlan, Plan, ViewOf } from 'faultline';
import { scenarioOf } from '../../support/plans.ts';

const LOSSY = { from: 'all', to: 'all', probability: 0.25 } as const;

/** What flew, as [from group, to group, kind, label], and how the run stood at its end. */
function flown(groups: readonly GroupPlan[], faults: Plan['faults'], checks: Plan['checks'] = []) {
  const scenario = scenarioOf({
    durationMs: 6_000,
    groups,
    faults,
    checks,
  });
  const session = new Session(makeSpec(scenario), {
    scenarios: [scenario],
    observe: { frames: true },
  });
  session.advance();
  const { flights, metrics: windows } = session.takeChunk();
  const { keyframe } = session.takeChunk();
  const groupOf = (node: number): string => keyframe[node]!.group;
  const all = flights.label.map((label, at) => ({
    from: groupOf(flights.from[at]!),
    to: groupOf(flights.to[at]!),
    kind: FLIGHT_KINDS[flights.kind[at]!]!,
    label,
  }));
  const count = (kind: string, from: string, to: string): number =>
    all.filter((one) => one.kind === kind && one.from === from && one.to === to).length;
  return { all, count, report: session.report(), windows, keyframe };
}

const client = (call: object, target = 'app'): GroupPlan => ({
  name: 'c',
  component: 'http-client',
  count: 1,
  links: { target },
  config: { arrivals: { kind: 'poisson', ratePerSecond: 100 }, stopMs: 5_000, call },
});
const calls = { timeoutMs: 20, maxAttempts: 3 };
const app = (steps: readonly object[], links: { readonly [role: string]: string }): GroupPlan => ({
  name: 'app',
  component: 'service',
  count: 2,
  links,
  config: { steps, upstreams: Object.values(links).map((to) => ({ to, ...calls })) },
});
const view = <C extends 'http-client' | 'service' | 'rate-limiter' | 'load-balancer'>(
  run: ReturnType<typeof flown>,
  _component: C,
  group: string,
): ViewOf<C>[] =>
  run.keyframe.filter((node) => node.group === group).map((node) => node.view as ViewOf<C>);
const gauge = ({ report }: ReturnType<typeof flown>, title: string, group: string): number =>
  report.metrics.gauges.find((one) => one.title === title && one.group === group)!.mean;

describe('a retry flies as a retry', () => {
  /** Every retry of a call that has its own first try, and none of them as a request. */
  const expectTold = (run: ReturnType<typeof flown>, from: string, to: string, retries: number) => {
    expect(retries).toBeGreaterThan(20);
    expect(run.count('retry', from, to)).toBe(retries);
    expect(run.count('hedge', from, to)).toBe(0);
    for (const { kind, label } of run.all) {
      if (kind === 'retry') expect(label).toMatch(/, try [23] \(retry\)$/);
      if (kind === 'request') expect(label).not.toContain('try');
    }
  };
  const lossyAt = (to: string) => [{ fault: { type: 'loss', ...LOSSY, to }, atMs: 0 }] as never;
  const retriesOf = (run: ReturnType<typeof flown>) =>
    view(run, 'service', 'app').reduce(
      (sum, { upstreams }) => sum + upstreams.reduce((all, { retries }) => all + retries, 0),
      0,
    );

  it('over HTTP', () => {
    const run = flown([client(calls), app([], {})], lossyAt('app'));
    const [{ retries }] = view(run, 'http-client', 'c') as [ViewOf<'http-client'>];
    expectTold(run, 'c', 'app', retries);
  });

  it('to a cache', () => {
    const cached = { do: 'cached', in: 'cache', miss: [] };
    const cache: GroupPlan = { name: 'cache', component: 'cache', count: 1 };
    const run = flown([client({}), app([cached], { cache: 'cache' }), cache], lossyAt('cache'));
    expectTold(run, 'app', 'cache', retriesOf(run));
  });

  it('to a database, with a connection of a pool or without one', () => {
    const db: GroupPlan = { name: 'db', component: 'database', count: 1 };
    for (const pool of [{}, { pool: { maxOpen: 3, maxIdle: 0, waitTimeoutMs: 100 } }]) {
      const base = app([{ do: 'query', to: 'db' }], { db: 'db' });
      const upstreams = [{ to: 'db', ...calls, ...pool }];
      const run = flown(
        [client({ timeoutMs: 2_000 }), { ...base, config: { ...base.config, upstreams } }, db],
        lossyAt('db'),
      );
      const again = run.count('retry', 'app', 'db');
      if (pool.pool === undefined) expectTold(run, 'app', 'db', retriesOf(run));
      else {
        // Some fail while they open their connection: what flies then is no request.
        expect(again).toBeGreaterThan(20);
        expect(again).toBeLessThanOrEqual(retriesOf(run));
        const requests = run.count('request', 'app', 'db');
        expect(requests).toBeLessThanOrEqual(run.report.metrics.operations);
      }
    }
  });

  it('to the store of a limiter', () => {
    const edge: GroupPlan = {
      name: 'edge',
      component: 'rate-limiter',
      count: 1,
      links: { target: 'app', store: 'counts' },
      config: {
        ratePerSecond: 500,
        burst: 50,
        where: 'store-atomic',
        storeCall: calls,
      },
    };
    const counts: GroupPlan = {
      name: 'counts',
      component: 'limit-store',
      count: 1,
      config: { ratePerSecond: 500, burst: 50 },
    };
    const run = flown([client({}, 'edge'), edge, counts, app([], {})], lossyAt('counts'));
    const [{ store }] = view(run, 'rate-limiter', 'edge') as [ViewOf<'rate-limiter'>];
    expectTold(run, 'edge', 'counts', store!.retries);
    expect(gauge(run, 'Retries', 'edge')).toBeCloseTo(store!.retries / 6, 6);
  });

  it('of a client of a key-value store', () => {
    const servers: GroupPlan = { name: 'n', component: 'raft-kv', count: 3 };
    const users: GroupPlan = {
      name: 'u',
      component: 'kv-client',
      count: 2,
      links: { servers: 'n' },
    };
    const run = flown([servers, users], []);
    const { retries } = run.report.metrics;
    expect(retries).toBeGreaterThan(0);
    const pending = run.count('retry', 'u', 'n') - retries;
    expect(pending).toBeGreaterThanOrEqual(0);
    expect(pending).toBeLessThanOrEqual(4);
  });
});

describe('a hedge is no retry', () => {
  const slow = {
    steps: [{ do: 'work', time: { kind: 'exponential', meanMs: 8 } }],
  };
  const service: GroupPlan = { name: 'app', component: 'service', count: 3, config: slow };
  const hedging = { timeoutMs: 2_000, hedge: { afterMs: 15 } };
  const tries = (atLeast: number, atMost: number) =>
    [
      { id: 'tries', use: 'slo', args: { metric: 'tries-per-operation', atLeast, atMost } },
    ] as const;

  it('in the summary, the windows, the gauges, the view and the flights of a client', () => {
    const run = flown([client(hedging), service], []);
    const { metrics } = run.report;
    const [shown] = view(run, 'http-client', 'c') as [ViewOf<'http-client'>];
    expect(metrics.hedges).toBeGreaterThan(20);
    expect(metrics.retries).toBe(0);
    expect([shown.retries, shown.hedges]).toEqual([0, metrics.hedges]);
    expect([shown.upstream.retries, shown.upstream.hedges]).toEqual([0, metrics.hedges]);
    expect(run.windows.reduce((sum, { hedges }) => sum + hedges, 0)).toBe(metrics.hedges);
    expect(run.windows.every(({ retries }) => retries === 0)).toBe(true);
    expect(gauge(run, 'Retries', 'c')).toBe(0);
    expect(gauge(run, 'Hedges', 'c')).toBeCloseTo(metrics.hedges / 6, 6);
    expect(run.count('hedge', 'c', 'app')).toBe(metrics.hedges);
    expect(run.count('retry', 'c', 'app')).toBe(0);
    expect(run.count('request', 'c', 'app')).toBe(metrics.operations);
    const all = (metrics.operations + metrics.hedges) / metrics.operations;
    const checked = flown([client(hedging), service], [], tries(all - 1e-9, all + 1e-9));
    expect(checked.report.checks.map(({ verdict }) => verdict)).toEqual(['pass']);
  });

  it('behind a balancer that passes it on; what that tries again itself is a retry', () => {
    const lb: GroupPlan = {
      name: 'lb',
      component: 'load-balancer',
      count: 1,
      links: { backends: 'app' },
      config: { call: { timeoutMs: 60, maxAttempts: 2 } },
    };
    const lossy = [{ fault: { type: 'loss', ...LOSSY, to: 'app' }, atMs: 3_000 }] as never;
    const run = flown([client(hedging, 'lb'), lb, service], lossy);
    const [shown] = view(run, 'load-balancer', 'lb') as [ViewOf<'load-balancer'>];
    expect(run.count('hedge', 'lb', 'app')).toBe(run.report.metrics.hedges);
    expect(run.count('retry', 'c', 'lb')).toBe(0);
    expect(run.count('retry', 'lb', 'app')).toBe(shown.upstream.retries);
    expect(shown.upstream.retries).toBeGreaterThan(5);
    expect(shown.upstream.hedges).toBe(0);
  });

  it('and both are counted apart where there are both', () => {
    const both = { timeoutMs: 30, maxAttempts: 3, hedge: { afterMs: 15, max: 1 } };
    const lossy = [{ fault: { type: 'loss', ...LOSSY, to: 'app' }, atMs: 0 }] as never;
    const run = flown([client(both), service], lossy);
    const { retries, hedges } = run.report.metrics;
    expect(Math.min(retries, hedges)).toBeGreaterThan(20);
    expect(run.count('retry', 'c', 'app')).toBe(retries);
    expect(run.count('hedge', 'c', 'app')).toBe(hedges);
  });
});
