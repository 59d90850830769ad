/** Sentences of the MySQL 8.4 Reference Manual, 19.4.10 (semisynchronous replication). */
import { describe, expect, it } from 'vitest';
import { SqlBench } from './support.ts';

const SEMI = { replication: 'semi-synchronous' } as const;

describe('semi-synchronous replication', () => {
  it('waits until at least one replica has the write on disk', () => {
    const bench = new SqlBench({ config: SEMI }).ms(10);
    const before = bench.run.now;
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    expect((bench.run.now - before) / 1_000).toBe(6);
    expect(bench.replica('n2').flushed).toBe(1);
  });

  it('rpl_semi_sync_source_wait_for_replica_count: so many', () => {
    const config = { ...SEMI, rplSemiSyncSourceWaitForReplicaCount: 2 };
    const bench = new SqlBench({ config }).ms(10).cut('n3');
    expect(bench.write('n1', 'x', 1, 5_000)).toBe('timeout');
  });

  it('rpl_semi_sync_source_timeout: after 10 s it reverts to asynchronous, once for all', () => {
    const bench = new SqlBench({ config: SEMI }).ms(10).cut('n2', 'n3');
    const before = bench.run.now;
    expect(bench.write('n1', 'x', 1, 60_000)).toBe('ok');
    // There and back besides.
    expect((bench.run.now - before) / 1_000).toBe(10_002);
    const again = bench.run.now;
    expect(bench.write('n1', 'y', 1, 60_000)).toBe('ok');
    expect((bench.run.now - again) / 1_000).toBe(3);
    expect(bench.factsOf('replica.semi-sync-off')).toHaveLength(1);
  });

  it('when a replica catches up, the source returns to semi-synchronous replication', () => {
    const bench = new SqlBench({ config: SEMI }).ms(10).cut('n2', 'n3');
    bench.write('n1', 'x', 1, 60_000);
    bench.heal('n2', 'n3').after(3_000);
    expect(bench.factsOf('replica.semi-sync-on')).toHaveLength(1);
    const before = bench.run.now;
    bench.write('n1', 'y', 1);
    expect((bench.run.now - before) / 1_000).toBe(6);
  });

  it('after the fallback a failover may lose acknowledged writes', () => {
    const bench = new SqlBench({ config: SEMI }).ms(10).cut('n1', 'a1');
    expect(bench.write('n1', 'x', 1, 60_000)).toBe('ok');
    bench.crash('n1').heal('n1', 'a1').act('n2', 'promote').after(100);
    expect(bench.read('n2', 'x')).toBe(null);
  });

  it('AFTER_SYNC (default): all clients see a write at once, when replicas have it', () => {
    const bench = new SqlBench({ config: SEMI }).ms(10).cut('n2', 'n3');
    bench.ask('a1', 'n1', { type: 'kv.put', key: 'x', value: 1 });
    expect(bench.after(1_000).read('n1', 'x')).toBe(null);
  });

  it('AFTER_COMMIT: others may see a write that a failover loses', () => {
    const config = { ...SEMI, rplSemiSyncSourceWaitPoint: 'AFTER_COMMIT' } as const;
    const bench = new SqlBench({ config }).ms(10).cut('n1', 'a1');
    const tag = bench.ask('a1', 'n1', { type: 'kv.put', key: 'x', value: 1 }, 60_000);
    expect(bench.after(1_000).read('n1', 'x')).toBe(1);
    expect(bench.end('a1', tag)).toBe(undefined);
    bench.crash('n1').heal('n1', 'a1').act('n2', 'promote').after(100);
    expect(bench.read('n2', 'x')).toBe(null);
  });

  it('rpl_semi_sync_source_wait_no_replica OFF: reverts at once when too few are connected', () => {
    const config = {
      ...SEMI,
      rplSemiSyncSourceWaitNoReplica: false,
      walSenderTimeoutMs: 3_000,
    } as const;
    const bench = new SqlBench({ config }).ms(10).cut('n2', 'n3').after(4_000);
    const before = bench.run.now;
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    expect((bench.run.now - before) / 1_000).toBe(3);
  });

  it('a comparison that failed is answered when what it was compared with is committed', () => {
    const bench = new SqlBench({ config: SEMI }).ms(10).cut('n2', 'n3');
    bench.ask('a1', 'n1', { type: 'kv.put', key: 'x', value: 1 }, 60_000);
    const cas = { type: 'kv.cas', key: 'x', expected: null, value: 2 } as const;
    expect(bench.after(10).get('n1', cas, 1_000)).toBe('timeout');
    bench.heal('n2', 'n3').after(3_000);
    expect(bench.get('n1', cas)).toMatchObject({ type: 'kv.done', applied: false });
  });
});
