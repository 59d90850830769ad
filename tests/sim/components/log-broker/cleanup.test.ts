/** What becomes of old records in a cluster: they are deleted, or replaced, on every broker. */
import { makeRegistry } from 'faultline';
import type { GroupPlan } from 'faultline';
import { describe, expect, it } from 'vitest';
import type { LogReader } from '../../../../src/sim/traffic/log-reader/state.ts';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Cluster } from './support.ts';

const arrivals = { kind: 'constant', ratePerSecond: 100 };
const load = { arrivals, startMs: 1_000, lingerMs: 0 };
const checks = [
  { id: 'log', use: 'replicated-log' },
  { id: 'account', use: 'records' },
];
const short = { segmentMs: 500, retentionMs: 2_000 };
const often = { logRetentionCheckIntervalMs: 500, logCleanerBackoffMs: 500 };

const verdicts = ({ observers }: Cluster) =>
  observers.checks.map(({ running }) => running.standing(false).verdict);
const logOf = (cluster: Cluster, broker: number) => cluster.replica(broker).state.log;

describe('retention', () => {
  it('moves the log start on every broker, to within a segment and a check of retention.ms', () => {
    const cluster = new Cluster({ topic: short, config: often, producer: load, checks }).ms(8_000);
    for (const broker of [1, 2, 3]) {
      const { start, end } = logOf(cluster, broker);
      expect(end - start).toBeGreaterThanOrEqual(200);
      expect(end - start).toBeLessThanOrEqual(200 + 50 + 60);
    }
    cluster.crash('b1').after(1_000).restart('b1').after(2_000);
    expect(logOf(cluster, 1).start, 'it is on disk').toBeGreaterThan(500);
    expect(verdicts(cluster)).not.toContain('fail');
  });

  it('with retention.ms of seven days keeps all', () => {
    const cluster = new Cluster({ config: often, producer: load }).ms(8_000);
    expect(logOf(cluster, 1).start).toBe(0);
  });

  it('takes what a slow consumer has not read; it goes on as auto.offset.reset says', () => {
    const slow = { processMs: 20, autoOffsetReset: 'earliest', maxPartitionFetchBytes: 500 };
    const consumer = { ...slow, maxPollRecords: 10 };
    const cluster = new Cluster({ topic: short, config: often, producer: load, consumer, checks });
    cluster.ms(10_000);
    const { resets, tracks } = cluster.node('c1').state as LogReader;
    expect(resets).toBeGreaterThan(0);
    expect(tracks[0]!.position).toBeGreaterThanOrEqual(logOf(cluster, 1).start - 50);
    expect(cluster.read().length).toBeLessThan(logOf(cluster, 1).end - 200);
    expect(verdicts(cluster)).not.toContain('fail');
  });
});

describe('compaction', () => {
  const topic = { cleanupPolicy: 'compact', segmentMs: 500 };
  const keyed = { ...load, popularity: { kind: 'uniform', keys: 5 }, tombstoneShare: 0.1 };

  it('leaves the last record of each key before the active segment, on every broker', () => {
    const cluster = new Cluster({ topic, config: often, producer: keyed, checks }).ms(8_000);
    for (const broker of [1, 2, 3]) {
      const log = logOf(cluster, broker);
      expect(log.cleanedTo).toBeGreaterThan(500);
      expect(log.start).toBe(0);
      const keys = log.read(0, log.cleanedTo, Infinity).flatMap(({ records }) => {
        return records.map(({ key }) => key);
      });
      expect(new Set(keys).size).toBe(5);
      expect(keys).toHaveLength(5);
    }
    cluster.crash('b1').after(1_000).restart('b1').after(2_000);
    expect(logOf(cluster, 1).cleanedTo, 'it is on disk').toBeGreaterThan(500);
    expect(verdicts(cluster)).not.toContain('fail');
  });

  it('takes no record without a key', () => {
    const cluster = new Cluster({ topic, producer: { ...load, hasKeys: false } }).ms(3_000);
    expect(logOf(cluster, 1).end).toBe(0);
    expect(cluster.acked()).toEqual([]);
  });
});

describe('settings that would change nothing', () => {
  it.each([
    [{ cleanupPolicy: 'compact', retentionMs: 5_000 }, 'retentionMs'],
    [{ cleanupPolicy: 'compact', retentionBytes: 5_000 }, 'retentionBytes'],
    [{ deleteRetentionMs: 5_000 }, 'deleteRetentionMs'],
    [{ minCleanableDirtyRatio: 0.1 }, 'minCleanableDirtyRatio'],
    [{ minCompactionLagMs: 10 }, 'minCompactionLagMs'],
  ])('%o is refused, by place and with a hint', (topic, name) => {
    const config = { topics: [{ topic: 't', ...topic }] };
    const links = { controller: 'ctl' };
    const groups: GroupPlan[] = [
      { name: 'ctl', component: 'controller', count: 1 },
      { name: 'b', component: 'log-broker', count: 3, links, config },
    ];
    const network = { latency: { kind: 'constant', ms: 1 } } as const;
    const rest = { durationMs: 10_000, network, faults: [], checks: [], story: [] };
    const refused = () => checkPlan({ title: 'T', summary: '', groups, ...rest }, makeRegistry());
    const path = expect.stringMatching(new RegExp(`topics/0/${name}$`));
    expect(refused).toThrow(expect.objectContaining({ path, hint: expect.stringMatching(/\S/) }));
  });
});
