/** Sentences of the Patroni documentation: dynamic configuration, replication modes, watchdog. */
import { ScenarioError, makeRegistry } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { JudgedBench, SqlBench, groupsOf } from './support.ts';

const SYNC_MODE = { replication: 'synchronous', synchronousMode: true } as const;

describe('the leader key', () => {
  it('failover takes between ttl - loop_wait and ttl + loop_wait, and the promotion', () => {
    forSeeds(12, import.meta.url, (seed, random) => {
      const bench = new SqlBench({ dcs: true, seed });
      const crashMs = 40_000 + random.int(10_000);
      bench
        .ms(crashMs)
        .crash('n1')
        .ms(crashMs + 45_000);
      const [promoted] = bench.factsOf('replica.promoted');
      expect(promoted!.atMs - crashMs).toBeGreaterThan(19_900);
      expect(promoted!.atMs - crashMs).toBeLessThan(40_200);
    });
  });

  it('and as long where those who are asked how far they are answer late', () => {
    const config = { loopWaitMs: 1_000, retryTimeoutMs: 1_000, watchdogSafetyMarginMs: 500 };
    const bench = new SqlBench({ dcs: { ttlMs: 3_000 }, config }).ms(8_000).crash('n1');
    // 2 s for an answer of the dead one, twice the time of a loop.
    expect(bench.ms(8_000 + 3_000 + 1_000 + 2_500).primaries).toHaveLength(1);
  });

  it('retry_timeout: DCS failures shorter than this do not demote the primary', () => {
    const bench = new SqlBench({ dcs: true }).ms(9_500).cut('d1').ms(18_500).heal('d1');
    expect(bench.ms(60_000).factsOf('replica.demoted')).toEqual([]);
    expect(bench.primaries).toEqual(['n1']);
  });

  it('failsafe_mode off: a primary that cannot reach the DCS is demoted', () => {
    const bench = new SqlBench({ dcs: true }).ms(9_500).cut('d1').ms(60_000);
    expect(bench.factsOf('replica.demoted').map(({ fact }) => fact.reason)).toEqual(['no-dcs']);
    expect(bench.primaries).toEqual([]);
    // Nobody else knows more: it becomes primary again.
    bench.heal('d1').ms(120_000);
    expect(bench.primaries).toHaveLength(1);
  });

  it('is given up before it ends: there are never two primaries', () => {
    forSeeds(10, import.meta.url, (seed, random) => {
      const bench = new JudgedBench({ dcs: true, seed });
      bench
        .ms(20_000 + random.int(10_000))
        .cut('n1', 'a1')
        .ms(100_000)
        .heal('n1', 'a1');
      bench.ms(150_000);
      expect(bench.judge()).toEqual([]);
      expect(bench.factsOf('replica.promoted')).toHaveLength(1);
    });
  });

  it('a primary that is back within ttl, or whose key nobody has taken, goes on', () => {
    const bench = new SqlBench({ dcs: true }).ms(25_000);
    bench.write('n1', 'x', 1);
    bench.crash('n1').after(2_000).restart('n1').after(3_000);
    expect(bench.primaries).toEqual(['n1']);
    expect(bench.read('n1', 'x')).toBe(1);
    expect(bench.replica('n1').history).toHaveLength(1);
    expect(bench.factsOf('replica.resumed')).toHaveLength(1);
  });

  it('primary_start_timeout: a primary that recovers for longer releases it', () => {
    const config = { crashRecoveryMs: 600_000, primaryStartTimeoutMs: 15_000 };
    const bench = new SqlBench({ dcs: true, config }).ms(25_000);
    bench.crash('n1').after(100).restart('n1');
    expect(bench.after(14_000).primaries).toEqual([]);
    bench.after(30_000);
    expect(bench.factsOf('replica.released', 'n1')).toHaveLength(1);
    expect(bench.primaries).toHaveLength(1);
    expect(bench.primaries).not.toContain('n1');
  });

  it('an orderly stop gives it back at once', () => {
    const bench = new SqlBench({ dcs: true }).ms(25_000);
    bench.inject('stop', { type: 'terminate', target: 'n1', graceMs: 30_000 });
    bench.after(11_000);
    expect(bench.primaries).toHaveLength(1);
  });
});

describe('who takes over', () => {
  it('maximum_lag_on_failover: nobody who is further behind what the primary last told', () => {
    const config = { maximumLagOnFailoverBytes: 1_024, walRecordBytes: 256 };
    const bench = new SqlBench({ dcs: true, config }).ms(25_000).cut('n2', 'n3');
    // The store is on the side of the primary: what it told is more than 4 records ahead.
    for (let i = 0; i < 5; i++) bench.write('n1', `k${i}`, i);
    bench.ms(36_000).crash('n1').heal('n2', 'n3').ms(120_000);
    expect(bench.primaries).toEqual([]);
    const why = bench.factsOf('replica.not-candidate').map(({ fact }) => [fact.why, fact.behind]);
    expect(why).toContainEqual(['lag', 5]);
  });

  it('and with less lag it does, and the difference is lost', () => {
    const config = { maximumLagOnFailoverBytes: 1_280, walRecordBytes: 256 };
    const bench = new SqlBench({ dcs: true, config }).ms(25_000).cut('n2', 'n3');
    for (let i = 0; i < 5; i++) bench.write('n1', `k${i}`, i);
    bench.ms(36_000).crash('n1').heal('n2', 'n3').ms(120_000);
    const [primary] = bench.primaries;
    expect(bench.read(primary!, 'k0')).toBe(null);
  });

  it('nobody while the old primary answers, although its key is over', () => {
    const bench = new SqlBench({ dcs: true, ablations: ['replica.lease-fencing'] }).ms(15_000);
    bench.inject('deaf', { type: 'one-way', from: 'n1', to: 'd1' });
    bench.ms(80_000);
    expect(bench.primaries).toEqual(['n1']);
    const why = bench.factsOf('replica.not-candidate').map(({ fact }) => fact.why);
    expect(new Set(why)).toEqual(new Set(['primary-alive']));
  });

  it('use_pg_rewind: the old primary comes back as a standby of the new one', () => {
    const bench = new SqlBench({ dcs: true }).ms(25_000).cut('n1', 'a1');
    expect([bench.write('n1', 'x', 1), bench.write('n1', 'y', 1)]).toEqual(['ok', 'ok']);
    bench.ms(80_000).heal('n1', 'a1').ms(120_000);
    expect(bench.factsOf('replica.rewound', 'n1')[0]?.fact).toMatchObject({
      dropped: 2,
      acknowledged: 2,
    });
    expect(bench.replica('n1').role).toBe('standby');
    expect(bench.replica('n1').wal.length).toBe(bench.replica(bench.primaries[0]!).wal.length);
  });
});

describe('the watchdog', () => {
  const paused = (watchdogMode: 'off' | 'automatic'): SqlBench => {
    const bench = new SqlBench({ dcs: true, config: { watchdogMode } }).ms(25_000);
    bench.inject('hang', { type: 'pause', target: 'n1' }).after(60_000).undo('hang');
    return bench;
  };

  it('stops a primary that hung past the end of its key before it takes another write', () => {
    const bench = paused('automatic');
    expect(bench.write('n1', 'x', 1)).toBe('not-leader');
    expect(bench.factsOf('replica.demoted', 'n1')[0]?.fact.reason).toBe('watchdog');
  });

  it('strikes safety_margin before the key ends', () => {
    // The key was renewed at 20 s, so it ends at 50 s.
    const hung = (untilMs: number): readonly string[] => {
      const bench = new SqlBench({ dcs: true }).ms(29_500);
      bench.inject('hang', { type: 'pause', target: 'n1' }).ms(untilMs).undo('hang').after(1_000);
      return bench.factsOf('replica.demoted').map(({ fact }) => fact.reason);
    };
    expect(hung(44_900)).toEqual([]);
    expect(hung(45_100)).toEqual(['watchdog']);
  });

  it('off: a primary that hung takes writes until its keeper has looked', () => {
    const bench = paused('off');
    expect(bench.write('n1', 'x', 1)).toBe('ok');
    bench.after(1_000);
    expect(bench.factsOf('replica.demoted', 'n1')[0]?.fact.reason).toBe('other-leader');
    expect(bench.after(10_000).factsOf('replica.rewound', 'n1')[0]?.fact.acknowledged).toBe(1);
  });
});

describe('the store of the leader key', () => {
  it('that crashes comes back with the key and the names of the synchronous standbys', () => {
    const bench = new SqlBench({ dcs: true, config: SYNC_MODE }).ms(45_000);
    const { sync } = bench.store.status;
    bench.crash('d1').after(2_000).restart('d1').after(100);
    expect(bench.store.status).toMatchObject({ owner: bench.index('n1'), sync });
    bench.after(60_000);
    expect(bench.primaries).toEqual(['n1']);
    expect(bench.factsOf('replica.demoted')).toEqual([]);
  });
});

describe('synchronous_mode', () => {
  it('names one standby, and a failover to it loses nothing', () => {
    forSeeds(6, import.meta.url, (seed) => {
      const bench = new JudgedBench({ dcs: true, config: SYNC_MODE, seed }).ms(45_000);
      expect(bench.store.status.sync).toHaveLength(1);
      bench.writes('n1', 5).crash('n1').ms(120_000);
      expect(bench.acknowledged).toHaveLength(5);
      expect(bench.judge()).toEqual([]);
    });
  });

  it('without strict: where no standby is left, the primary goes on alone', () => {
    const config = { ...SYNC_MODE, walSenderTimeoutMs: 3_000 };
    const bench = new SqlBench({ dcs: true, config }).ms(45_000).crash('n2').crash('n3');
    expect(bench.write('n1', 'x', 1, 1_000)).toBe('timeout');
    bench.after(25_000);
    expect(bench.store.status.sync).toEqual([]);
    expect(bench.write('n1', 'y', 1, 1_000)).toBe('ok');
  });

  it('and then nobody but that primary may take over', () => {
    const config = { ...SYNC_MODE, walSenderTimeoutMs: 3_000 };
    const bench = new SqlBench({ dcs: true, config }).ms(45_000).crash('n2').crash('n3');
    bench.after(25_000);
    bench.write('n1', 'y', 1);
    bench.crash('n1').restart('n2').restart('n3').after(90_000);
    expect(bench.primaries).toEqual([]);
    bench.restart('n1').after(30_000);
    expect(bench.primaries).toEqual(['n1']);
    expect(bench.read('n1', 'y')).toBe(1);
  });

  it('synchronous_mode_strict: where no standby is left, writes wait', () => {
    const config = { ...SYNC_MODE, synchronousModeStrict: true, walSenderTimeoutMs: 3_000 };
    const bench = new SqlBench({ dcs: true, config }).ms(45_000).crash('n2').crash('n3');
    bench.after(25_000);
    expect(bench.write('n1', 'y', 1, 3_000)).toBe('timeout');
  });
});

describe('what cannot be', () => {
  it.each([
    [{ loopWaitMs: 15_000 }, 'loop_wait + 2 * retry_timeout <= ttl'],
    [{ watchdogSafetyMarginMs: 20_000 }, 'watchdog'],
    [{ synchronousMode: true }, 'replication to synchronous'],
    [{ replication: 'synchronous', synchronousCount: 3 }, 'count of the group'],
  ] as const)('%o is refused', (config, hint) => {
    const plan = {
      title: 'A cluster',
      summary: '',
      durationMs: 1_000,
      network: {},
      groups: groupsOf({ dcs: true, config }),
      faults: [],
      checks: [],
      story: [],
    };
    let error: unknown;
    try {
      checkPlan(plan, makeRegistry());
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ScenarioError);
    const { message, hint: told } = error as ScenarioError;
    expect(`${message} ${told}`).toContain(hint);
  });
});

describe('whatever happens', () => {
  it('with synchronous_mode no acknowledged write is lost, and logs agree after healing', () => {
    forSeeds(8, import.meta.url, (seed, random) => {
      const bench = new JudgedBench({
        dcs: { ttlMs: 3_000 },
        seed,
        config: {
          ...SYNC_MODE,
          loopWaitMs: 1_000,
          retryTimeoutMs: 1_000,
          watchdogSafetyMarginMs: 500,
          walSenderTimeoutMs: 2_000,
          crashRecoveryMs: 200,
          rewindMs: 200,
        },
      });
      bench.ms(5_000);
      for (let round = 0; round < 12; round++) {
        const name = `n${1 + random.int(3)}`;
        const isCut = random.int(2) === 0;
        if (isCut) bench.cut(name);
        else bench.crash(name);
        for (let i = 0; i < 4; i++) {
          const to = bench.primaries[random.int(2)] ?? `n${1 + random.int(3)}`;
          if (bench.isUp(to)) bench.writes(to, 1, 100);
          bench.after(random.int(1_500));
        }
        if (isCut) bench.heal(name);
        else bench.restart(name);
        bench.after(random.int(3_000));
      }
      bench.after(30_000);
      expect(bench.acknowledged.length).toBeGreaterThan(5);
      expect(bench.judge()).toEqual([]);
      const [primary] = bench.primaries;
      for (const name of bench.names) {
        expect(bench.replica(name).store).toEqual(bench.replica(primary!).store);
      }
    });
  });
});
