/**
 * How often a producer tries again, and after which pauses.
 *
 * Source: KIP-580
 */
import { describe, expect, it } from 'vitest';
import { Cluster } from '../log-broker/support.ts';

describe('a batch that is refused', () => {
  /** Two of three are gone: no write is taken. */
  const pauses = (): number[] => {
    const arrivals = { kind: 'constant', ratePerSecond: 1 };
    const cluster = new Cluster({
      topic: { minInsyncReplicas: 2 },
      config: { replicaLagTimeMaxMs: 400 },
      producer: { arrivals, startMs: 4_000, stopMs: 5_100, lingerMs: 0 },
    }).ms(2_000);
    cluster.crash('b2').crash('b3').command('fence', 2).command('fence', 3).ms(14_000);
    const sent = cluster.sent('broker.produce').map(({ atMicros }) => atMicros / 1_000);
    return sent.slice(1).map((time, i) => time - (sent[i] ?? 0));
  };

  it('is sent again after pauses that double up to the largest, a fifth more or less', () => {
    const all = pauses();
    const expected = [100, 200, 400, 800, 1_000, 1_000, 1_000];
    expect(all.length).toBeGreaterThanOrEqual(expected.length);
    expected.forEach((pause, i) => {
      // Two milliseconds on the way.
      expect(all[i], `pause ${i}`).toBeGreaterThan(0.8 * pause);
      expect(all[i], `pause ${i}`).toBeLessThan(1.2 * pause + 4);
    });
    expect(new Set(all).size, 'they are drawn').toBe(all.length);
  });
});
