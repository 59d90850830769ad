/** A cluster in which nothing fails: what is written is replicated, committed and read in order. */
import { describe, expect, it } from 'vitest';
import { Cluster } from './support.ts';

const arrivals = { kind: 'constant', ratePerSecond: 1_000 };
const load = { arrivals, startMs: 1_000, stopMs: 2_000 };

describe('min.insync.replicas of more than there are', () => {
  it('is all that there are: what these have is committed', () => {
    const topic = { replicationFactor: 2, minInsyncReplicas: 3 };
    const cluster = new Cluster({ topic, producer: load }).ms(4_000);
    expect(cluster.acked()).toHaveLength(999);
  });
});

describe('a healthy cluster', () => {
  const cluster = new Cluster({
    topic: { partitions: 3, minInsyncReplicas: 2 },
    producer: load,
    consumer: { autoOffsetReset: 'earliest' },
  }).ms(4_000);

  it('acknowledges each record once, and every replica has it', () => {
    const acked = [...cluster.acked()].sort();
    expect(acked).toHaveLength(999);
    const logs = [0, 1, 2].map((partition) => cluster.values(1, partition));
    expect([...logs.flat()].sort()).toEqual(acked);
    for (const partition of [0, 1, 2]) {
      expect(cluster.values(2, partition)).toEqual(cluster.values(1, partition));
      expect(cluster.values(3, partition)).toEqual(cluster.values(1, partition));
    }
  });

  it('commits all of it, and followers know that', () => {
    for (const broker of [1, 2, 3]) {
      for (const partition of [0, 1, 2]) {
        const { state } = cluster.replica(broker, partition);
        expect(state.highWatermark).toBe(state.log.end);
        expect(state.isr).toHaveLength(3);
      }
    }
  });

  it('is read in the order of each partition', () => {
    const read = cluster.read();
    expect(read).toHaveLength(999);
    for (const partition of [0, 1, 2]) {
      const own = cluster.values(1, partition);
      expect(read.filter((value) => own.includes(value))).toEqual(own);
    }
  });

  it('sends batches: linger gathers several records', () => {
    const requests = cluster.packets.filter(({ message }) => message.type === 'broker.produce');
    expect(requests.length).toBeLessThan(999 / 3);
  });
});
