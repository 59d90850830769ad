/** KIP-74: a fetch with room for nothing brings one batch, so that whoever reads gets on. */
import { describe, expect, it } from 'vitest';
import { Cluster } from './support.ts';

const arrivals = { kind: 'constant', ratePerSecond: 100 };

describe('a fetch with room for nothing', () => {
  const clusterOf = (config: object, consumer: object): Cluster =>
    new Cluster({
      topic: { partitions: 2, minInsyncReplicas: 3 },
      config,
      producer: { arrivals, startMs: 1_000, stopMs: 2_000 },
      consumer: { autoOffsetReset: 'earliest', ...consumer },
    }).ms(20_000);

  it('lets a consumer read everything', () => {
    expect(clusterOf({}, { fetchMaxBytes: 0 }).read()).toHaveLength(99);
  });

  it('lets followers replicate everything', () => {
    const cluster = clusterOf({ replicaFetchResponseMaxBytes: 0 }, {});
    expect(cluster.acked()).toHaveLength(99);
    for (const partition of [0, 1]) {
      expect(cluster.values(3, partition)).toEqual(cluster.values(1, partition));
    }
  });

  it('brings one batch, not more: the next partition waits for the next fetch', () => {
    const cluster = new Cluster({
      topic: { partitions: 4 },
      producer: { arrivals, startMs: 1_000, stopMs: 2_000 },
      hasAsker: true,
    }).ms(20_000);
    const self = cluster.index('b1');
    const led = [0, 1, 2, 3].filter((at) => cluster.replica(1, at).state.leader === self);
    expect(led.length).toBeGreaterThan(1);
    const asked = { offset: 0, leaderEpoch: -1, lastFetchedEpoch: -1 };
    const answer = cluster.askBroker(1, {
      type: 'broker.fetch',
      replica: -1,
      brokerEpoch: -1,
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 0,
      partitionMaxBytes: 1_000_000,
      isolation: 'read_uncommitted',
      parts: led.map((partition) => ({ partition, ...asked })),
    } as never) as unknown as { parts: { batches: unknown[] }[] };
    const counts = answer.parts.map(({ batches }) => batches.length);
    expect(counts).toEqual(led.map((_, at) => (at === 0 ? 1 : 0)));
  });
});
