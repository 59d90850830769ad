/** Sentences of the Redis Sentinel documentation: who is promoted, and what becomes of the rest. */
import { describe, expect, it } from 'vitest';
import { forSeeds } from '../../../support/seeds.ts';
import { SentinelBench } from './support.ts';

/** n1 is down, and somebody else primary. */
function failedOver(plan: ConstructorParameters<typeof SentinelBench>[0] = {}): SentinelBench {
  const bench = new SentinelBench(plan).ms(5_000).crash('n1').ms(14_000);
  expect(bench.primaries).toHaveLength(1);
  return bench;
}

describe('which replica', () => {
  it('the one with the smallest replica-priority, whatever the others have', () => {
    const server = { replicaPriorities: [100, 100, 10] };
    expect(failedOver({ server }).primaries).toEqual(['n3']);
  });

  it('never one with priority 0', () => {
    const server = { replicaPriorities: [100, 0, 0] };
    const bench = new SentinelBench({ server }).ms(5_000).crash('n1').ms(60_000);
    expect(bench.primaries).toEqual([]);
    const whys = bench.factsOf('sentinel.aborted').map(({ fact }) => fact.why);
    expect(whys).toContain('no-good-replica');
  });

  it('of equal priority the one that has received more; then the smaller id', () => {
    const bench = new SentinelBench().ms(5_000);
    bench.inject('deaf', { type: 'one-way', from: 'n1', to: 'n2' });
    for (let i = 0; i < 3; i++) expect(bench.write('n1', `k${i}`, i)).toBe('ok');
    bench.after(1_000).crash('n1').undo('deaf').after(9_000);
    expect(bench.primaries).toEqual(['n3']);
    expect(failedOver().primaries).toEqual(['n2']);
  });

  it('none that has been disconnected for more than ten times down-after', () => {
    const server = { walSenderTimeoutMs: 1_500, replicaPriorities: [100, 100, 0] };
    const stale = (cutMs: number): string[] => {
      const bench = new SentinelBench({ server }).ms(5_000);
      bench.inject('apart', { type: 'one-way', from: 'n1', to: 'n2' });
      bench
        .ms(5_000 + cutMs)
        .crash('n1')
        .after(9_000);
      return bench.primaries;
    };
    expect(stale(20_000)).toEqual(['n2']);
    expect(stale(40_000)).toEqual([]);
  });
});

describe('the others', () => {
  it('follow the new primary, parallel-syncs at a time', () => {
    for (const parallelSyncs of [1, 3]) {
      const bench = failedOver({ servers: 5, config: { parallelSyncs } });
      const [primary] = bench.primaries;
      const told = bench.sent('control.follow').filter(({ message }) => {
        const { primary: to } = message as { readonly primary?: number | null };
        return to !== null;
      });
      expect(told).toHaveLength(3);
      const first = told[0]!.atMicros;
      const atOnce = told.filter(({ atMicros }) => atMicros === first).length;
      expect(atOnce).toBe(parallelSyncs);
      for (const name of ['n2', 'n3', 'n4', 'n5'].filter((one) => one !== primary)) {
        expect(bench.replica(name).upstream).toBe(bench.index(primary!));
      }
    }
  });

  it('one that was away is corrected after failover-timeout', () => {
    const bench = new SentinelBench().ms(5_000).cut('n3').ms(6_000).crash('n1').ms(15_000);
    const [primary] = bench.primaries;
    expect(primary).toBe('n2');
    bench.heal('n3').ms(17_000);
    expect(bench.replica('n3').upstream).toBe(bench.index('n1'));
    bench.ms(60_000);
    expect(bench.replica('n3').upstream).toBe(bench.index('n2'));
    expect(bench.write('n2', 'x', 1)).toBe('ok');
    expect(bench.after(3_000).holds('n3', 'x')).toBe(1);
  });

  it('the old primary is a replica when it comes back, and what it alone had is lost', () => {
    const bench = new SentinelBench().ms(5_000);
    expect(bench.write('n1', 'before', 1)).toBe('ok');
    bench.cut('n1', 'a1').ms(14_000);
    // Two servers take writes.
    expect(bench.primaries).toEqual(['n1', 'n2']);
    expect(bench.write('n1', 'inside', 2)).toBe('ok');
    expect(bench.write('n2', 'outside', 3, 500, 'a2')).toBe('ok');
    bench.heal('n1', 'a1').ms(30_000);
    expect(bench.primaries).toEqual(['n2']);
    for (const name of ['n1', 'n2', 'n3']) {
      expect(bench.holds(name, 'before')).toBe(1);
      expect(bench.holds(name, 'inside')).toBe(null);
      expect(bench.holds(name, 'outside')).toBe(3);
    }
  });

  it('so is one that was down, and starts as the primary that it was', () => {
    const bench = failedOver().restart('n1').ms(15_005);
    expect(bench.primaries).toContain('n1');
    bench.ms(30_000);
    expect(bench.primaries).toEqual(['n2']);
    expect(bench.factsOf('sentinel.converted').length).toBeGreaterThan(0);
  });
});

describe('the configuration', () => {
  it('has the epoch of its failover, and a larger one wins everywhere', () => {
    const bench = new SentinelBench().ms(5_000).cut('s1').crash('n1').ms(15_000);
    expect(bench.named).toEqual(['n1', 'n2', 'n2']);
    bench.heal('s1').ms(17_000);
    expect(bench.named).toEqual(['n2', 'n2', 'n2']);
    const [, two, three] = ['s1', 's2', 's3'].map((name) => bench.sentinel(name).configEpoch);
    expect(bench.sentinel('s1').configEpoch).toBe(two);
    expect(two).toBe(three);
    bench.restart('n1').ms(40_000).crash('n2').ms(60_000);
    expect(bench.primaries).toHaveLength(1);
    expect(bench.sentinel('s1').configEpoch).toBeGreaterThan(two!);
  });

  it('outlives a restart of all sentinels', () => {
    const bench = failedOver();
    for (const name of ['s1', 's2', 's3']) bench.crash(name).after(50).restart(name).after(50);
    expect(bench.named).toEqual(['n2', 'n2', 'n2']);
    bench.restart('n1').after(20_000);
    expect(bench.primaries).toEqual(['n2']);
  });

  it('a promotion that does not come is given up after failover-timeout', () => {
    const server = { replicaPriorities: [100, 50, 100] };
    const bench = new SentinelBench({ server }).ms(5_000).crash('n1');
    bench.until(() => bench.factsOf('sentinel.selected').length > 0);
    bench.crash('n2').after(17_500);
    expect(bench.factsOf('sentinel.aborted')).toEqual([]);
    bench.after(2_000);
    expect(bench.factsOf('sentinel.aborted').map(({ fact }) => fact.why)).toEqual([
      'replica-timeout',
    ]);
    bench.after(40_000);
    expect(bench.primaries).toEqual(['n3']);
  });

  it('whichever sentinel leads, one server is primary in the end, and all name it', () => {
    forSeeds(20, import.meta.url, (seed, random) => {
      const bench = new SentinelBench({ seed }).ms(4_000 + random.int(1_000));
      bench.crash('n1').after(2_000 + random.int(3_000));
      bench.crash(`s${1 + random.int(3)}`).after(60_000);
      bench.restart('n1').after(30_000);
      expect(bench.primaries).toHaveLength(1);
      expect(new Set(bench.named)).toEqual(new Set(bench.primaries));
    });
  });
});

describe('min-replicas-to-write', () => {
  const server = { minReplicasToWrite: 1, minReplicasMaxLagMs: 2_000 };

  it('a primary that no replica was heard by for min-replicas-max-lag takes no writes', () => {
    const bench = new SentinelBench({ server }).ms(5_000);
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    bench.cut('n1', 'a1').ms(6_900);
    // A replica says each second what it has: it was last heard between 4 and 5 s.
    bench.ms(7_050);
    expect(bench.write('n1', 'y', 2)).toBe('no-replicas');
    bench.heal('n1', 'a1').after(1_500);
    expect(bench.write('n1', 'z', 3)).toBe('ok');
  });

  it('one of two is enough, and two are asked for where it says so', () => {
    const both = { minReplicasToWrite: 2, minReplicasMaxLagMs: 2_000 };
    const one = new SentinelBench({ server }).ms(5_000).crash('n3').ms(9_000);
    expect(one.write('n1', 'x', 1)).toBe('ok');
    const two = new SentinelBench({ server: both }).ms(5_000).crash('n3').ms(9_000);
    expect(two.write('n1', 'x', 1)).toBe('no-replicas');
  });
});
