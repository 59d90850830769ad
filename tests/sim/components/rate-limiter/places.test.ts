/** A limiter at the edge, in front of a balancer, and at the origin, behind it. */
import type { GroupPlan } from 'faultline';
import { describe, expect, it } from 'vitest';
import { request } from '../support/traffic-bench.ts';
import { Limited } from './support/limited.ts';

const limit = { policy: 'token-bucket', ratePerSecond: 4, burst: 3 };
const servers: GroupPlan = { name: 'b', component: 'scripted-server', count: 2 };
const caller: GroupPlan = { name: 'a', component: 'caller', count: 1, links: { servers: 'b' } };

/** Ten at once, asked of the first node of the way. */
function ten(groups: readonly GroupPlan[], first: string) {
  const bench = new Limited({ groups: [servers, ...groups, caller] });
  const tags = Array.from({ length: 10 }, () => bench.requestAt(1, request(), first));
  bench.ms(100);
  return { bench, tags };
}

describe('a limiter', () => {
  it('at the edge keeps what is over the limit from the balancer', () => {
    const { bench, tags } = ten(
      [
        { name: 'l', component: 'load-balancer', count: 1, links: { backends: 'b' } },
        {
          name: 'r',
          component: 'rate-limiter',
          count: 1,
          links: { target: 'l' },
          config: limit,
        },
      ],
      'r1',
    );
    expect([bench.ended(tags, 'ok'), bench.ended(tags, 'rate-limited')]).toEqual([3, 7]);
    expect(bench.targets('http.request').filter((name) => name === 'l1')).toHaveLength(3);
  });

  it('at the origin is what the balancer balances; its refusal comes through', () => {
    const { bench, tags } = ten(
      [
        {
          name: 'r',
          component: 'rate-limiter',
          count: 2,
          links: { target: 'b' },
          config: limit,
        },
        {
          name: 'l',
          component: 'load-balancer',
          count: 1,
          links: { backends: 'r' },
          config: { healthCheck: { enabled: true, interMs: 20 } },
        },
      ],
      'l1',
    );
    // Five at each of two limiters, three of which pass.
    expect([bench.ended(tags, 'ok'), bench.ended(tags, 'rate-limited')]).toEqual([6, 4]);
    const refused = tags.filter((tag) => bench.code(tag) === 'rate-limited');
    expect(refused.map((tag) => bench.retryAfter(tag))).toEqual([250, 250, 250, 250]);
  });

  it('between several balancers and their clients loses nobody', () => {
    const bench = new Limited({
      groups: [
        servers,
        { name: 'l', component: 'load-balancer', count: 3, links: { backends: 'b' } },
        {
          name: 'r',
          component: 'rate-limiter',
          count: 2,
          links: { target: 'l' },
          config: { ...limit, ratePerSecond: 200 },
        },
        {
          name: 'c',
          component: 'http-client',
          count: 2,
          links: { target: 'r' },
          config: {
            arrivals: { kind: 'poisson', ratePerSecond: 200 },
            stopMs: 3_000,
            call: { balance: { policy: 'random' } },
          },
        },
        caller,
      ],
    });
    bench.ms(10_000);
    const completed = bench.completed();
    const [first, second] = [bench.seen('r1'), bench.seen('r2')];
    expect(completed.length).toBeGreaterThan(1_000);
    expect(first.admitted + first.refused + second.admitted + second.refused).toBe(
      completed.length,
    );
    expect(completed.filter(({ outcome }) => outcome === 'ok')).toHaveLength(
      first.admitted + second.admitted,
    );
    for (const name of ['r1', 'r2', 'l1', 'l2', 'l3']) {
      const { behaviour, state } = bench.node(name);
      for (const flow of behaviour.flows?.(state) ?? []) {
        expect(flow.arrived).toBe(flow.left);
        expect(flow.arrived).toBeGreaterThan(0);
        // Little's law, as an identity of sums.
        expect(flow.areaMicros).toBe(flow.sojournMicros);
      }
    }
  });
});
