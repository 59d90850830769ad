/** A producer with five batches under way, over a network whose packets overtake each other. */
import { describe, expect, it } from 'vitest';
import { Cluster } from '../log-broker/support.ts';
import type { LogProducerState } from '../../../../src/sim/components/log-producer/state.ts';

const poisson = (ratePerSecond: number) => ({
  arrivals: { kind: 'poisson', ratePerSecond },
});

describe('batches on one connection', () => {
  it.each([poisson(500), { ...poisson(80), transactionalId: 'x' }])(
    'come as they were sent, so none is sent again: %o',
    (own) => {
      const cluster = new Cluster({
        config: { transactionStateLogNumPartitions: 1 },
        network: { latency: { kind: 'uniform', minMs: 0.3, maxMs: 4 } },
        producer: { hasKeys: false, lingerMs: 0, startMs: 2_000, stopMs: 6_000, ...own },
      }).ms(15_000);
      const { counts } = cluster.node('p1').state as LogProducerState;
      expect(counts.records).toBeGreaterThan(250);
      expect(counts).toMatchObject({ ok: counts.records, fail: 0, unknown: 0, retries: 0 });
      // Values are numbers of operations: they rise as the records come. Markers have none.
      const values = cluster.values(1).filter((value) => value !== null) as number[];
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    },
  );
});
