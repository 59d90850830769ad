/**
 * Leaders that go: what is lost of what was acknowledged, in exact numbers.
 *
 * Source: the outcomes follow from KIP-101, KIP-320 and the meaning of acks and min.insync.replicas
 */
import { describe, expect, it } from 'vitest';
import type { LogBrokerView } from '../../../../src/sim/components/log-broker/view.ts';
import { Cluster } from './support.ts';

const arrivals = { kind: 'constant', ratePerSecond: 100 };
const checks = [{ id: 'log', use: 'replicated-log' }];
const DAY_MS = 86_400_000;

/** So many of the acknowledged values are not in the log of this broker. */
const lostAt = (cluster: Cluster, broker: number): number => {
  const kept = new Set(cluster.values(broker));
  return cluster.acked().filter((value) => !kept.has(value)).length;
};

/** What the check of the replicated log has found. */
const found = ({ observers }: Cluster): string[] =>
  observers.checks.flatMap(({ findings }) => findings.map(({ why }) => why));

/** The leader takes writes while no follower reaches it; then it is fenced, and comes back. */
function isolate(cluster: Cluster): Cluster {
  cluster.ms(2_000);
  cluster.parts.injector.inject(
    'cut',
    {
      type: 'partition',
      groups: [
        ['b1', 'p1', 'c1'],
        ['b2', 'b3', 'ctl1'],
      ],
    },
    'person',
  );
  cluster.ms(4_000);
  cluster.command('fence', 1).ms(5_000);
  cluster.parts.injector.undo('cut');
  return cluster.command('release', 1).ms(12_000);
}

describe('acks=1 and a leader that goes (S5)', () => {
  const producer = { arrivals, stopMs: 3_000, acks: '1', enableIdempotence: false };
  const cluster = isolate(
    new Cluster({ checks, producer, consumer: { autoOffsetReset: 'earliest' } }),
  );
  const dropped = cluster.facts.flatMap(({ fact }) =>
    fact.type === 'partition.truncated' ? [(fact as unknown as { dropped: number }).dropped] : [],
  );

  it('loses exactly what only the old leader had, which truncates it', () => {
    expect(dropped).toEqual([100]);
    expect(lostAt(cluster, 2)).toBe(100);
    expect(cluster.values(1)).toEqual(cluster.values(2));
  });

  it('shows what was truncated last, and when', () => {
    const { replicas } = cluster.view('b1') as LogBrokerView;
    const told = cluster.facts.find(({ fact }) => fact.type === 'partition.truncated');
    expect(told).toBeDefined();
    expect(replicas[0]?.cut).toMatchObject({ to: 199, dropped: 100 });
    expect((cluster.view('b2') as LogBrokerView).replicas[0]?.cut).toBeNull();
  });

  it('and no consumer has seen any of it: it was not committed', () => {
    expect(found(cluster)).toEqual([]);
    expect(cluster.read()).toEqual(cluster.values(2));
  });
});

describe('consumers that read beyond the high watermark', () => {
  it('see what is gone after the failover', () => {
    const producer = { arrivals, stopMs: 3_000, acks: '1', enableIdempotence: false };
    const ablations = ['partition.high-watermark'];
    const cluster = isolate(new Cluster({ checks, producer, consumer: {}, ablations }));
    expect(found(cluster)).toEqual([expect.stringContaining('consistent-read')]);
    const kept = new Set(cluster.values(2));
    expect(cluster.read().filter((value) => !kept.has(value))).toHaveLength(100);
    const detected = cluster.facts.filter(({ fact }) => fact.type === 'consumer.truncated');
    expect(detected.map(({ fact }) => fact)).toMatchObject([{ position: 299, to: 199 }]);
  });

  it('with autoOffsetReset none read no more: nobody chooses for them where to go on', () => {
    const producer = { arrivals, stopMs: 8_000, acks: '1', enableIdempotence: false };
    const ablations = ['partition.high-watermark'];
    const read = (autoOffsetReset: string) => {
      const cluster = isolate(new Cluster({ producer, consumer: { autoOffsetReset }, ablations }));
      const told = cluster.facts.filter(({ fact }) =>
        ['consumer.truncated', 'consumer.reset'].includes(fact.type),
      );
      return { told: told.map(({ fact }) => fact), values: cluster.read() };
    };
    const [stopped, goesOn] = [read('none'), read('latest')];
    expect(stopped.told).toMatchObject([
      { type: 'consumer.truncated', position: 606, to: 199 },
      { type: 'consumer.reset', position: 606, to: 'none' },
    ]);
    expect(goesOn.told).toMatchObject([{ type: 'consumer.truncated' }]);
    expect(goesOn.values.slice(0, stopped.values.length)).toEqual(stopped.values);
    expect(goesOn.values.length).toBeGreaterThan(stopped.values.length);
  });
});

describe('acks=all and the same leader', () => {
  const producer = { arrivals, stopMs: 3_000 };
  const cluster = isolate(
    new Cluster({ checks, topic: { minInsyncReplicas: 2 }, producer, consumer: {} }),
  );

  it('loses nothing that was acknowledged, and writes nothing twice', () => {
    expect(cluster.acked()).toHaveLength(299);
    expect(lostAt(cluster, 2)).toBe(0);
    expect(cluster.values(1)).toEqual(cluster.values(2));
    expect(found(cluster)).toEqual([]);
    expect(new Set(cluster.values(2)).size).toBe(cluster.values(2).length);
  });
});

describe('unclean election (S4)', () => {
  /** Two followers leave the ISR; the leader goes on alone, and dies. */
  const run = (uncleanLeaderElection: boolean): Cluster => {
    const cluster = new Cluster({
      checks,
      topic: { uncleanLeaderElection },
      config: { replicaLagTimeMaxMs: 400 },
      producer: { arrivals, stopMs: 3_000 },
    }).ms(2_000);
    cluster.parts.injector.inject(
      'cut',
      {
        type: 'partition',
        groups: [
          ['b1', 'p1', 'ctl1'],
          ['b2', 'b3'],
        ],
      },
      'person',
    );
    cluster.ms(3_500);
    expect(cluster.replica(1).state.isr).toEqual([cluster.index('b1')]);
    cluster.crash('b1');
    cluster.parts.injector.undo('cut');
    return cluster.command('fence', 1).ms(6_000);
  };

  it('off: nobody leads, and nothing is lost', () => {
    const cluster = run(false);
    expect(cluster.replica(2).state.leader).toBe(-1);
    cluster.restart('b1').command('release', 1).ms(12_000);
    expect(found(cluster)).toEqual([]);
    expect(lostAt(cluster, 1)).toBe(0);
  });

  it('on: exactly what the new leader lacked is lost', () => {
    const cluster = run(true);
    const { state } = cluster.replica(2);
    expect(state.leader).toBe(cluster.index('b2'));
    const lost = lostAt(cluster, 2);
    expect(lost).toBe(cluster.acked().length - cluster.values(2).length);
    expect(lost).toBeGreaterThan(50);
    expect(found(cluster)).toEqual([expect.stringContaining(`${lost} committed records are lost`)]);
  });
});

describe('acks=all without enough in sync (S6)', () => {
  const run = (minInsyncReplicas: number): Cluster => {
    const cluster = new Cluster({
      checks,
      topic: { minInsyncReplicas },
      config: { replicaLagTimeMaxMs: 400 },
      producer: { arrivals, stopMs: 3_000, deliveryTimeoutMs: DAY_MS },
    }).ms(2_000);
    cluster.crash('b2').crash('b3').command('fence', 2).command('fence', 3);
    return cluster.ms(4_000);
  };

  it('min.insync.replicas=1: the leader alone acknowledges all', () => {
    const cluster = run(1);
    expect(cluster.acked()).toHaveLength(299);
    expect(cluster.replica(1).state.isr).toEqual([cluster.index('b1')]);
  });

  it('2: nothing more is acknowledged, and nothing is written by those that come then', () => {
    const cluster = run(2);
    const { state } = cluster.replica(1);
    expect(cluster.acked().length).toBeLessThan(202);
    expect(state.log.end).toBeLessThan(205);
    expect(lostAt(cluster, 1)).toBe(0);
  });
});
