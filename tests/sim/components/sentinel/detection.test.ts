/** Sentences of the Redis Sentinel documentation: who is down, and who may begin a failover. */
import { ScenarioError, makeRegistry } from 'faultline';
import type { SentinelIsDownReply } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { SentinelBench, groupsOf } from './support.ts';

const REAL = {
  downAfterMs: 30_000,
  failoverTimeoutMs: 180_000,
  pingPeriodMs: 1_000,
  infoPeriodMs: 10_000,
  askPeriodMs: 1_000,
  publishPeriodMs: 2_000,
  electionTimeoutMs: 10_000,
};

describe('S_DOWN', () => {
  it('comes when a server has not answered for down-after-milliseconds, 30 s', () => {
    const bench = new SentinelBench({ config: REAL }).ms(60_000).crash('n3').ms(89_000);
    expect(bench.factsOf('sentinel.s-down')).toEqual([]);
    bench.ms(92_000);
    expect(bench.factsOf('sentinel.s-down').map(({ fact }) => bench.nameOf(fact.server))).toEqual([
      'n3',
      'n3',
      'n3',
    ]);
    for (const { atMs } of bench.factsOf('sentinel.s-down')) expect(atMs).toBeGreaterThan(90_000);
  });

  it('servers are pinged once a second', () => {
    const bench = new SentinelBench({ config: REAL }).ms(60_000);
    const pings = bench.sent('control.ping').length / (3 * 3 * 60);
    expect(pings).toBeGreaterThan(0.9);
    expect(pings).toBeLessThanOrEqual(1.01);
  });

  it('ends when the server answers again; one that is back in time is never missed', () => {
    const bench = new SentinelBench().ms(5_000).crash('n1').ms(7_000).restart('n1').ms(20_000);
    expect(bench.factsOf('sentinel.s-down')).toEqual([]);
    expect(bench.primaries).toEqual(['n1']);
    bench.crash('n3').ms(25_000).restart('n3').ms(27_000);
    expect(bench.factsOf('sentinel.s-up')).toHaveLength(3);
  });

  it('a server that recovers answers: LOADING is a valid reply', () => {
    const server = { crashRecoveryMs: 20_000 };
    const bench = new SentinelBench({ server }).ms(5_000);
    bench.write('n1', 'x', 1);
    bench.crash('n1').after(100).restart('n1').after(15_000);
    expect(bench.factsOf('sentinel.s-down')).toEqual([]);
    expect(bench.after(10_000).primaries).toEqual(['n1']);
  });

  it('a primary that says for long that it is a replica is down, too', () => {
    const bench = new SentinelBench().ms(5_000).act('n1', 'follow', { server: 2 });
    // down-after and two periods of INFO; then it is replaced, although it answers.
    bench.ms(5_000 + 3_000 + 2_000);
    expect(bench.factsOf('sentinel.s-down')).toEqual([]);
    bench.ms(14_000);
    expect(bench.primaries).toHaveLength(1);
    expect(bench.primaries).not.toContain('n1');
  });
});

describe('O_DOWN', () => {
  it('needs the quorum: what one sentinel alone misses is only subjectively down', () => {
    const bench = new SentinelBench().ms(5_000).cut('s1').ms(30_000);
    expect(bench.factsOf('sentinel.s-down', 's1')).toHaveLength(3);
    expect(bench.factsOf('sentinel.o-down')).toEqual([]);
    expect(bench.primaries).toEqual(['n1']);
  });

  it('a quorum of one is one opinion, and no failover without the majority', () => {
    const bench = new SentinelBench({ config: { quorum: 1 } }).ms(5_000).cut('s1').ms(30_000);
    expect(bench.factsOf('sentinel.o-down', 's1')).toHaveLength(1);
    const [aborted] = bench.factsOf('sentinel.aborted', 's1');
    expect(aborted?.fact.why).toBe('not-elected');
    expect(bench.primaries).toEqual(['n1']);
  });

  it('quorum 2 of 5 while three are down: objectively down, and nobody can be elected', () => {
    const bench = new SentinelBench({ sentinels: 5 }).ms(5_000);
    bench.crash('s3').crash('s4').crash('s5').crash('n1').ms(60_000);
    expect(bench.factsOf('sentinel.o-down').length).toBeGreaterThan(0);
    expect(bench.factsOf('sentinel.elected')).toEqual([]);
    expect(bench.primaries).toEqual([]);
    // With one more there are three of five.
    bench.restart('s3').ms(120_000);
    expect(bench.factsOf('sentinel.elected')).toHaveLength(1);
    expect(bench.primaries).toHaveLength(1);
  });

  it('a quorum above the majority must vote, too: 3 of 3 with one down is no failover', () => {
    const bench = new SentinelBench({ config: { quorum: 3 } }).ms(5_000);
    bench.crash('s3').crash('n1').ms(60_000);
    expect(bench.factsOf('sentinel.o-down')).toEqual([]);
    expect(bench.primaries).toEqual([]);
  });
});

describe('the election', () => {
  it('one is elected in an epoch, by most; the others wait for twice failover-timeout', () => {
    forSeeds(15, import.meta.url, (seed) => {
      const bench = new SentinelBench({ seed }).ms(5_000).crash('n1').ms(9_500);
      const elected = bench.factsOf('sentinel.elected');
      expect(new Set(elected.map(({ fact }) => fact.epoch)).size).toBe(elected.length);
      for (const { fact } of elected) expect(fact.votes).toBeGreaterThanOrEqual(2);
      const voters = bench.factsOf('sentinel.voted').map(({ fact }) => fact.epoch);
      for (const epoch of voters) {
        expect(voters.filter((one) => one === epoch).length).toBeLessThanOrEqual(3);
      }
      if (elected.length === 0) {
        // A split vote: nobody tries again before that.
        bench.ms(5_000 + 36_000);
        expect(bench.factsOf('sentinel.elected')).toEqual([]);
        bench.ms(60_000);
        expect(bench.factsOf('sentinel.elected')).toHaveLength(1);
      }
    });
  });

  it('a sentinel gives its vote once in an epoch, also after a restart', () => {
    const bench = new SentinelBench().ms(1_000);
    const ask = (candidate: string, epoch: number): SentinelIsDownReply => {
      const primary = bench.index('n1');
      const request = { type: 'sentinel.is-down', primary, epoch } as const;
      const tag = bench.ask('a1', 's3', { ...request, candidate: bench.index(candidate) });
      bench.after(50);
      const { result } = bench.end('a1', tag)!;
      if (result.outcome !== 'ok') throw new Error('no answer');
      return result.value as SentinelIsDownReply;
    };
    expect(ask('s1', 5)).toMatchObject({ leader: bench.index('s1'), leaderEpoch: 5 });
    expect(ask('s2', 5)).toMatchObject({ leader: bench.index('s1'), leaderEpoch: 5 });
    bench.crash('s3').after(10).restart('s3').after(10);
    expect(ask('s2', 5)).toMatchObject({ leader: bench.index('s1'), leaderEpoch: 5 });
    expect(ask('s2', 4)).toMatchObject({ leader: bench.index('s1'), leaderEpoch: 5 });
    expect(ask('s2', 6)).toMatchObject({ leader: bench.index('s2'), leaderEpoch: 6 });
  });
});

describe('TILT', () => {
  it('a sentinel that was paused for more than 2 s acts not for 30 s', () => {
    const bench = new SentinelBench().ms(5_000);
    bench.inject('pause', { type: 'pause', target: 's2' });
    bench.crash('s3').ms(8_000).undo('pause').crash('n1').ms(35_000);
    expect(bench.factsOf('sentinel.tilt')).toHaveLength(1);
    expect(bench.factsOf('sentinel.tilt', 's2')).toHaveLength(1);
    // The other misses the primary; this one says that it does not.
    expect(bench.factsOf('sentinel.o-down')).toEqual([]);
    bench.ms(45_000);
    expect(bench.factsOf('sentinel.tilt-over')).toHaveLength(1);
    expect(bench.primaries).toHaveLength(1);
  });

  it('so does one whose clock is set back', () => {
    const bench = new SentinelBench().ms(5_000);
    bench.inject('jump', { type: 'clock-jump', target: 's1', byMs: -1_000 }).ms(6_000);
    expect(bench.factsOf('sentinel.tilt', 's1')).toHaveLength(1);
  });
});

describe('what would change nothing is refused', () => {
  const refused = (plan: Parameters<typeof groupsOf>[0]): string => {
    try {
      checkPlan(
        {
          title: 'x',
          summary: 'x',
          durationMs: 1_000,
          network: { latency: { kind: 'constant', ms: 1 } },
          groups: groupsOf(plan),
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

  it('names the place', () => {
    expect(refused({})).toBe('accepted');
    expect(refused({ config: { quorum: 4 } })).toMatch(/quorum: .* 3 sentinels/);
    expect(refused({ config: { parallelSyncs: 2 } })).toMatch(/parallelSyncs: /);
    expect(refused({ servers: 4, config: { parallelSyncs: 2 } })).toBe('accepted');
    expect(refused({ servers: 1 })).toMatch(/links\/servers: /);
    expect(refused({ server: { minReplicasToWrite: 3 } })).toMatch(/minReplicasToWrite: /);
    expect(refused({ server: { minReplicasMaxLagMs: 5_000 } })).toMatch(/minReplicasMaxLagMs: /);
    expect(refused({ server: { minReplicasToWrite: 1, minReplicasMaxLagMs: 500 } })).toMatch(
      /minReplicasMaxLagMs: /,
    );
    expect(refused({ server: { replicaPriorities: [1, 1, 1, 1] } })).toMatch(/replicaPriorities: /);
  });
});
