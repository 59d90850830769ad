/** Sentences of the PostgreSQL 17 documentation, chapters 20.5, 20.6, 26, and of pg_rewind. */
import { describe, expect, it } from 'vitest';
import { SqlBench } from './support.ts';

const SYNC = { replication: 'synchronous' } as const;

describe('asynchronous replication (26.2.5)', () => {
  it('is the default: a write is answered by the primary alone', () => {
    const bench = new SqlBench().ms(10).cut('n2', 'n3');
    expect(bench.write('n1', 'x', 1)).toBe('ok');
  });

  it('has a small delay between commit and when the changes are visible in the standby', () => {
    const bench = new SqlBench().ms(10);
    bench.write('n1', 'x', 1);
    bench.write('n1', 'x', 2);
    // The answer takes a millisecond, the record one too and one more to the standby's disk.
    expect(bench.holds('n2', 'x')).toBe(1);
    expect(bench.after(2).holds('n2', 'x')).toBe(2);
  });

  it('loses transactions that were committed if the primary crashes before they are sent', () => {
    const bench = new SqlBench().ms(10).cut('n1', 'a1');
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    bench.crash('n1').heal('n1', 'a1').act('n2', 'promote').after(100);
    expect(bench.primaries).toEqual(['n2']);
    expect(bench.read('n2', 'x')).toBe(null);
  });
});

describe('synchronous_commit (20.5.1)', () => {
  it('off: returns before the disk; a crash loses at most three times wal_writer_delay', () => {
    const bench = new SqlBench({ config: { synchronousCommit: 'off' }, nodes: 1 }).ms(10);
    const before = bench.run.now;
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    expect(bench.run.now - before).toBe(2_000);
    bench.crash('n1').after(10).restart('n1').after(2_000);
    expect(bench.read('n1', 'x')).toBe(null);
    bench.write('n1', 'y', 1);
    bench
      .after(3 * 200)
      .crash('n1')
      .after(10)
      .restart('n1')
      .after(2_000);
    expect(bench.read('n1', 'y')).toBe(1);
  });

  it('local: waits for the local flush, and for no standby', () => {
    const bench = new SqlBench({ config: { ...SYNC, synchronousCommit: 'local' } }).ms(10);
    bench.cut('n2', 'n3');
    const before = bench.run.now;
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    expect(bench.run.now - before).toBe(3_000);
  });

  it.each([
    // There and back, and the disk of the primary: 3 ms. Then to the standby and back.
    { level: 'remote_write', ms: 5, survives: 'standby' },
    { level: 'on', ms: 6, survives: 'disk' },
    { level: 'remote_apply', ms: 26, survives: 'readers' },
  ] as const)('$level: waits until the standby has it ($ms ms)', ({ level, ms }) => {
    const config = {
      ...SYNC,
      synchronousCommit: level,
      replayTime: { kind: 'constant', ms: 20 },
    } as const;
    const bench = new SqlBench({ config, nodes: 2 }).ms(10);
    const before = bench.run.now;
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    expect((bench.run.now - before) / 1_000).toBe(ms);
    expect(bench.holds('n2', 'x')).toBe(level === 'remote_apply' ? 1 : null);
  });

  it('remote_write: is lost if the standby crashes with its operating system', () => {
    const config = { ...SYNC, synchronousCommit: 'remote_write' } as const;
    const disk = { fsync: { kind: 'constant', ms: 30 } } as const;
    const bench = new SqlBench({ config, disk, nodes: 2 }).ms(100);
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    bench.crash('n1').crash('n2').after(10).restart('n2').after(1_500).act('n2', 'promote');
    expect(bench.after(500).read('n2', 'x')).toBe(null);
  });
});

describe('synchronous_standby_names (20.6.2)', () => {
  it('waits for ever where no standby answers, and readers do not see the write', () => {
    const bench = new SqlBench({ config: SYNC }).ms(10).cut('n2', 'n3');
    expect(bench.write('n1', 'x', 1, 60_000)).toBe('timeout');
    expect(bench.read('n1', 'x')).toBe(null);
    bench.heal('n2', 'n3').after(3_000);
    expect(bench.read('n1', 'x')).toBe(1);
  });

  it('FIRST 1: the one of the highest priority; others take over when it is disconnected', () => {
    const config = { ...SYNC, walSenderTimeoutMs: 5_000 } as const;
    const bench = new SqlBench({ config }).ms(10).cut('n2');
    // n3 has it, but n2 counts as connected until wal_sender_timeout.
    expect(bench.write('n1', 'x', 1, 2_000)).toBe('timeout');
    expect(bench.holds('n3', 'x')).toBe(1);
    bench.after(4_000);
    expect(bench.write('n1', 'y', 1, 2_000)).toBe('ok');
  });

  it('FIRST 2: waits for both', () => {
    const bench = new SqlBench({ config: { ...SYNC, synchronousCount: 2 } }).ms(10);
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    bench.cut('n3');
    expect(bench.write('n1', 'y', 1, 2_000)).toBe('timeout');
  });

  it('ANY 1: whichever is the fastest', () => {
    const config = { ...SYNC, synchronousMethod: 'ANY' } as const;
    const bench = new SqlBench({ config }).ms(10).cut('n2');
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    bench.heal('n2').after(2_000).cut('n3');
    expect(bench.write('n1', 'y', 1)).toBe('ok');
  });

  it('ANY 2 of three: proceeds with any two', () => {
    const config = { ...SYNC, synchronousMethod: 'ANY', synchronousCount: 2 } as const;
    const bench = new SqlBench({ config, nodes: 4 }).ms(10).cut('n2');
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    bench.cut('n3');
    expect(bench.write('n1', 'y', 1, 2_000)).toBe('timeout');
  });
});

describe('hot standby and failover (26.3, 26.4)', () => {
  it('a standby answers reads and refuses writes', () => {
    const bench = new SqlBench().ms(10);
    bench.write('n1', 'x', 1);
    expect(bench.after(10).read('n2', 'x')).toBe(1);
    expect(bench.write('n2', 'x', 2)).toBe('not-leader');
    const cold = new SqlBench({ config: { hotStandby: false } }).ms(10);
    expect(cold.read('n2', 'x')).toBe('not-leader');
  });

  it('recovery_min_apply_delay: a standby holds every write back', () => {
    const bench = new SqlBench({ config: { recoveryMinApplyDelayMs: 500 } }).ms(10);
    bench.write('n1', 'x', 1);
    expect(bench.after(400).holds('n2', 'x')).toBe(null);
    expect(bench.after(200).holds('n2', 'x')).toBe(1);
  });

  it('one process applies one write after the other: lag grows while writes come faster', () => {
    const config = { replayTime: { kind: 'constant', ms: 10 } } as const;
    const bench = new SqlBench({ config, nodes: 2 }).ms(10);
    for (let i = 0; i < 30; i++) bench.write('n1', `k${i}`, i);
    // A write every 3 ms, and 10 ms each to apply: 30 writes take 300 ms, 90 of them have passed.
    const { applied } = bench.replica('n2');
    expect(applied).toBeGreaterThan(5);
    expect(applied).toBeLessThan(11);
    expect(bench.after(230).replica('n2').applied).toBe(30);
    expect(bench.replica('n2').replayLagMicros).toBeGreaterThan(200_000);
  });

  it('a promoted standby applies all that it has received before it takes writes', () => {
    const config = { replayTime: { kind: 'constant', ms: 50 } } as const;
    const bench = new SqlBench({ config, nodes: 2 }).ms(10);
    for (let i = 0; i < 10; i++) bench.write('n1', `k${i}`, i);
    bench.crash('n1').after(20).act('n2', 'promote');
    expect(bench.write('n2', 'y', 1)).toBe('not-leader');
    bench.after(600);
    expect(bench.read('n2', 'k9')).toBe(9);
    expect(bench.write('n2', 'y', 1)).toBe('ok');
    expect(bench.replica('n2').history).toHaveLength(2);
  });

  it('there is nothing that stops an old primary: with two at once, both take writes', () => {
    const bench = new SqlBench().ms(10).act('n2', 'promote').after(100);
    expect(bench.primaries).toEqual(['n1', 'n2']);
    expect([bench.write('n1', 'x', 1), bench.write('n2', 'x', 2)]).toEqual(['ok', 'ok']);
  });

  it('a restarted primary is primary again, and has what it had on disk', () => {
    const bench = new SqlBench().ms(10);
    bench.write('n1', 'x', 1);
    bench.crash('n1').after(100).restart('n1');
    expect(bench.after(500).read('n1', 'x')).toBe('starting-up');
    expect(bench.after(1_000).read('n1', 'x')).toBe(1);
    expect(bench.write('n1', 'y', 1)).toBe('ok');
  });
});

describe('pg_rewind', () => {
  function diverged(usePgRewind: boolean): SqlBench {
    const bench = new SqlBench({ nodes: 2, config: { usePgRewind } }).ms(10);
    bench.write('n1', 'a', 1);
    bench.after(10).cut('n1', 'a1');
    bench.write('n1', 'b', 1);
    bench.write('n1', 'a', 2);
    bench.heal('n1', 'a1').act('n2', 'promote').after(100);
    bench.write('n2', 'c', 1);
    return bench.act('n1', 'follow', { server: 2 }).after(5_000);
  }

  it('drops what the old primary has and the new one has not, and then it follows', () => {
    const bench = diverged(true);
    const [told] = bench.factsOf('replica.rewound', 'n1');
    expect(told?.fact).toMatchObject({ at: 1, dropped: 2, acknowledged: 2 });
    expect(told?.fact.writes.map(({ key }) => key)).toEqual(['b', 'a']);
    expect([bench.holds('n1', 'a'), bench.holds('n1', 'b'), bench.holds('n1', 'c')]).toEqual([
      1,
      null,
      1,
    ]);
    expect(bench.replica('n1').history).toEqual(bench.replica('n2').history);
  });

  it('without it a server whose timeline has diverged cannot follow', () => {
    const bench = diverged(false);
    expect(bench.factsOf('replica.stuck', 'n1')).toHaveLength(1);
    expect(bench.holds('n1', 'c')).toBe(null);
  });
});
