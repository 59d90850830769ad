/** Reading one's own writes from replicas that lag: by waiting, or by going to the primary. */
import { describe, expect, it } from 'vitest';
import { kvClient } from '../../../../src/sim/components/kv-client/kv-client.ts';
import { checkSession } from '../../../../src/sim/check/history/index.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { Bench } from '../support/bench.ts';
import { SqlBench, groupsOf } from './support.ts';

const LAG = { replayTime: { kind: 'constant', ms: 40 } } as const;

describe('a read that names a position', () => {
  it('waits on a standby until that is applied', () => {
    const bench = new SqlBench({ config: LAG }).ms(10);
    expect(bench.get('n1', { type: 'kv.put', key: 'x', value: 1 })).toMatchObject({ lsn: 1 });
    expect(bench.read('n2', 'x')).toBe(null);
    expect(bench.read('n2', 'x', 1)).toBe(1);
  });

  it('is sent to the primary where it would wait for too long', () => {
    const bench = new SqlBench({ config: { ...LAG, tokenTimeoutMs: 15 } }).ms(10);
    bench.write('n1', 'x', 1);
    const before = bench.run.now;
    expect(bench.read('n2', 'x', 1)).toBe('replica-behind');
    expect((bench.run.now - before) / 1_000).toBe(17);
    expect(bench.read('n1', 'x', 1)).toBe(1);
  });

  it('or at once, where that is the policy', () => {
    const bench = new SqlBench({ config: { ...LAG, tokenPolicy: 'redirect' } }).ms(10);
    bench.write('n1', 'x', 1);
    expect(bench.read('n2', 'x', 1)).toBe('replica-behind');
    expect(bench.after(60).read('n2', 'x', 1)).toBe(1);
  });
});

describe('clients behind a load balancer', () => {
  const violations = (lsnTokens: boolean, tokenPolicy: 'wait' | 'redirect', seed: number) => {
    const client = {
      name: 'c',
      component: kvClient.component,
      count: 2,
      links: { servers: 'n' },
      config: { routing: 'random', thinkMs: 5, keys: 2, lsnTokens, stopMs: 3_000 },
    };
    const bench = new Bench({
      seed,
      groups: [...groupsOf({ config: { ...LAG, tokenPolicy } }), client],
    }).ms(4_000);
    const ops = bench.observers.history.ops();
    expect(ops.length).toBeGreaterThan(100);
    const guarantees = ['read-your-writes', 'monotonic-reads'] as const;
    return checkSession(ops, { guarantees }).violations.length;
  };

  it('miss their own writes, and never with tokens', () => {
    forSeeds(3, import.meta.url, (seed) => {
      expect(violations(false, 'wait', seed)).toBeGreaterThan(0);
      expect(violations(true, 'wait', seed)).toBe(0);
      expect(violations(true, 'redirect', seed)).toBe(0);
    });
  });
});
