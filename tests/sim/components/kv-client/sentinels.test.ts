/** A client that asks sentinels for the primary (Redis: guidelines for Sentinel clients). */
import { ScenarioError, makeRegistry } from 'faultline';
import type { GroupPlan } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import type { KvClientConfig } from '../../../../src/sim/components/kv-client/config.ts';
import type { KvClientState } from '../../../../src/sim/components/kv-client/state.ts';
import { Bench } from '../support/bench.ts';
import { groupsOf } from '../sentinel/support.ts';

const client = (config: Partial<KvClientConfig> = {}): GroupPlan => ({
  name: 'c',
  component: 'kv-client',
  count: 1,
  links: { servers: 'n', sentinels: 's' },
  config: { thinkMs: 50, tryTimeoutMs: 100, deadlineMs: 500, readShare: 0, ...config },
});

const held = (config?: Partial<KvClientConfig>): Bench =>
  new Bench({ groups: [...groupsOf({}), client(config)] }).ms(0);

const target = (bench: Bench): string | null => {
  const { target: found } = bench.node('c1').state as KvClientState;
  return found === null ? null : bench.nameOf(found);
};

describe('a client of sentinels', () => {
  it('asks one of them once, and keeps to the primary while that answers', () => {
    const bench = held().ms(3_000);
    expect(bench.sent('sentinel.get-primary')).toHaveLength(1);
    expect(target(bench)).toBe('n1');
    expect(bench.sent('kv.put').every(({ to }) => to === bench.index('n1'))).toBe(true);
  });

  it('asks again after every try that failed, and so finds the new primary', () => {
    const bench = held().ms(3_000);
    bench.inject('crash', { type: 'crash', target: 'n1' }).ms(12_000);
    expect(bench.sent('sentinel.get-primary').length).toBeGreaterThan(10);
    expect(target(bench)).toBe('n2');
    const { ok } = bench.node('c1').state as KvClientState;
    expect(bench.after(2_000).node('c1').state).toMatchObject({ target: bench.index('n2') });
    expect((bench.node('c1').state as KvClientState).ok).toBeGreaterThan(ok);
  });

  it('asks the next of them where one does not answer', () => {
    const bench = held({ tryTimeoutMs: 50 });
    bench.inject('crash', { type: 'crash', target: 's1' }).ms(1_000);
    expect(target(bench)).toBe('n1');
    expect(bench.sent('sentinel.get-primary').map(({ to }) => bench.nameOf(to))).toEqual([
      's1',
      's2',
    ]);
  });

  it('fails, and leaves nothing in doubt, where none does', () => {
    const bench = held();
    for (const name of ['s1', 's2', 's3']) {
      bench.inject(`crash ${name}`, { type: 'crash', target: name });
    }
    bench.ms(5_000);
    const { ok, unknown, fail } = bench.node('c1').state as KvClientState;
    expect([ok, unknown]).toEqual([0, 0]);
    expect(fail).toBeGreaterThan(3);
    expect(bench.sent('kv.put')).toEqual([]);
  });

  it('may not be told whom else to ask', () => {
    const refused = (config: Partial<KvClientConfig>): string => {
      try {
        checkPlan(
          {
            title: 'x',
            summary: 'x',
            durationMs: 1_000,
            network: { latency: { kind: 'constant', ms: 1 } },
            groups: [...groupsOf({}), client(config)],
            faults: [],
            checks: [],
            story: [],
          },
          makeRegistry({}),
        );
      } catch (error) {
        if (error instanceof ScenarioError) return `${error.path ?? ''}: ${error.message}`;
        throw error;
      }
      return 'accepted';
    };
    expect(refused({})).toBe('accepted');
    expect(refused({ routing: 'home' })).toMatch(/routing: /);
    expect(refused({ firstServer: 2 })).toMatch(/firstServer: /);
  });
});
