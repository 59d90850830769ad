/** Brokers register, are unfenced once they have caught up, and fenced when they fall silent. */
import { describe, expect, it } from 'vitest';
import { Cluster, topicOf } from './support.ts';

const MS = 1_000;

describe('a controller and its brokers', () => {
  it('registers at an offset, and unfences whoever has read up to it', () => {
    const cluster = new Cluster().settle();
    const registered = cluster.tells('controller.broker-registered');
    expect(registered.map(({ fact }) => fact.broker).sort()).toEqual(
      ['b1', 'b2', 'b3'].map((name) => cluster.index(name)),
    );
    for (const name of ['b1', 'b2', 'b3']) {
      const { epoch, isFenced, records } = cluster.broker(name);
      const { fact } = registered.find((one) => one.fact.broker === cluster.index(name))!;
      expect(epoch).toBe(fact.brokerEpoch);
      expect(isFenced).toBe(false);
      const own = records.filter((r) => r.kind === 'broker' && r.broker === cluster.index(name));
      expect(own.map((r) => [r.offset, r.kind === 'broker' && r.isFenced])).toEqual([
        [epoch, true],
        [expect.any(Number), false],
      ]);
    }
    expect(cluster.tells('controller.topics-created').map(({ fact }) => fact.partitions)).toEqual([
      6,
    ]);
  });

  it('keeps a broker fenced that has not read its registration', () => {
    const cluster = new Cluster({ brokerConfig: { fetches: false } }).settle().ms(20_000);
    expect(cluster.tells('controller.broker-registered')).toHaveLength(3);
    expect(cluster.tells('controller.broker-unfenced')).toHaveLength(0);
    expect(cluster.broker('b1').isFenced).toBe(true);
    expect(cluster.controllerView().partitions).toHaveLength(0);
  });

  it('fences a silent broker one session after its last heartbeat', () => {
    const cluster = new Cluster().settle();
    cluster.until(() => cluster.sent('controller.heartbeat').some((p) => p.atMicros > 7_000 * MS));
    cluster.after(5);
    const beats = cluster
      .sent('controller.heartbeat')
      .filter((p) => p.from === cluster.index('b2'));
    cluster.crash('b2').after(12_000);
    const [fenced] = cluster.tells('controller.broker-fenced');
    const last = beats[beats.length - 1]!.atMicros;
    // A millisecond to arrive, a session of nine seconds, and the round that commits the decision.
    const session = fenced!.atMicros - last - 1 * MS;
    expect(session).toBeGreaterThanOrEqual(9_000 * MS);
    expect(session).toBeLessThan(9_050 * MS);
    expect(fenced!.fact.broker).toBe(cluster.index('b2'));
  });

  it('has a new life of a broker wait for the session of the one before', () => {
    const cluster = new Cluster().settle().ms(8_000);
    cluster.crash('b1').after(500).restart('b1').after(3_000);
    const { refused } = cluster.broker('b1');
    expect(refused.length).toBeGreaterThan(10);
    expect(refused).toContain('duplicate-broker-registration');
    cluster.after(9_000);
    const epochs = cluster.tells('controller.broker-registered');
    const own = epochs.filter(({ fact }) => fact.broker === cluster.index('b1'));
    expect(own).toHaveLength(2);
    expect(cluster.broker('b1').isFenced).toBe(false);
    expect(cluster.broker('b1').epoch).toBe(own[1]!.fact.brokerEpoch);
    expect(own[1]!.fact.brokerEpoch).toBeGreaterThan(own[0]!.fact.brokerEpoch);
  });

  it('refuses heartbeats and ISRs under an old epoch', () => {
    const cluster = new Cluster().settle();
    const heartbeat = {
      type: 'controller.heartbeat' as const,
      brokerEpoch: 1,
      metadataOffset: 99,
      wantsShutdown: false,
    };
    const { result } = cluster.answer('b1', cluster.active(), heartbeat);
    expect(result).toMatchObject({ outcome: 'fail', error: { code: 'stale-broker-epoch' } });
    expect(cluster.alter(0, ['b1', 'b2'], { brokerEpoch: 1 })).toBe('stale-broker-epoch');
    const other = cluster.controllers.find((name) => name !== cluster.active())!;
    const answer = cluster.answer('b1', other, { ...heartbeat });
    expect(answer.result).toMatchObject({
      error: { code: 'not-controller', detail: { leader: cluster.index(cluster.active()) } },
    });
  });

  it('lets a broker shut down once it leads nothing and the others know', () => {
    const cluster = new Cluster().settle();
    expect(cluster.controllerView().partitions.some(({ leader }) => leader === 'b1')).toBe(true);
    cluster.broker('b1').wantsShutdown = true;
    cluster.until(() => cluster.tells('controller.broker-shutting-down').length > 0);
    cluster.after(10);
    for (const { leader, isr } of cluster.controllerView().partitions) {
      expect(leader).not.toBe('b1');
      expect(isr).not.toContain('b1');
      expect(isr).toHaveLength(2);
    }
    expect(cluster.broker('b1').mayShutDown).toBe(false);
    cluster.after(5_000);
    expect(cluster.broker('b1').mayShutDown).toBe(true);
    expect(cluster.tells('controller.broker-fenced').map(({ fact }) => fact.broker)).toEqual([
      cluster.index('b1'),
    ]);
    expect(cluster.tells('controller.offline')).toHaveLength(0);
  });

  it('waits for all brokers before it places replicas, but not for ever', () => {
    const cluster = new Cluster({ brokers: 4, topics: [topicOf(4)] });
    cluster.crash('b4').ms(4_500);
    expect(cluster.controllerView().brokers).toHaveLength(3);
    expect(cluster.controllerView().partitions).toHaveLength(0);
    cluster.ms(10_000);
    expect(cluster.controllerView().partitions).toHaveLength(4);
    const all = new Cluster({ brokers: 4, topics: [topicOf(4)] }).settle();
    const used = all.controllerView().partitions.flatMap(({ replicas }) => replicas);
    expect([...new Set(used)].sort()).toEqual(['b1', 'b2', 'b3', 'b4']);
  });

  it('spreads the replicas of each partition over the racks', () => {
    const brokerConfig = { racks: 3 };
    const cluster = new Cluster({ brokers: 6, topics: [topicOf(12)], brokerConfig }).settle();
    const rackOf = (name: string) => Number(name.slice(1)) % 3;
    const { partitions } = cluster.controllerView();
    expect(partitions).toHaveLength(12);
    for (const { replicas } of partitions) {
      expect(new Set(replicas.map(rackOf)).size).toBe(3);
    }
  });
});
