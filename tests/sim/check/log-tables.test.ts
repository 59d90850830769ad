/** The tables that readers build from a log of changes, and what is wrong with them. */
import { describe, expect, it } from 'vitest';
import { faultsOf, fold, LogTables } from '../../../src/sim/check/history/log-table.ts';
import type { LogRecord, RecordBatch } from '../../../src/sim/contracts/record-batch.ts';
import { Cluster } from '../components/log-broker/support.ts';

const batchOf = (baseOffset: number, ...records: readonly (readonly [string, string | null])[]) => {
  const kept: LogRecord[] = records.map(([key, value]) => ({ key, value }));
  const batch: RecordBatch = {
    baseOffset,
    leaderEpoch: 0,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    isTransactional: false,
    marker: null,
    timestampMicros: 0,
    bytes: 100,
    records: kept,
  };
  return batch;
};

const tableOf = (...batches: readonly RecordBatch[]) => {
  const table = new Map<string, string | number | null>();
  for (const batch of batches) fold(table, batch);
  return table;
};

describe('a table', () => {
  it('has of each key the last value, and no key whose last record is a tombstone', () => {
    const table = tableOf(batchOf(0, ['a', '1'], ['b', '1']), batchOf(2, ['a', '2'], ['b', null]));
    expect([...table]).toEqual([['a', '2']]);
  });
  it('is made of the records at the offsets that were read', () => {
    const table = new Map();
    fold(table, batchOf(5, ['a', '1'], ['b', '1'], ['c', '1']), 6, 7);
    expect([...table.keys()]).toEqual(['b']);
  });
  it('differs from the log in keys that are missing, resurrected or stale', () => {
    const seen = tableOf(batchOf(0, ['gone', '1'], ['old', '1'], ['same', '1']));
    const there = tableOf(batchOf(0, ['old', '2'], ['same', '1'], ['new', '1']));
    expect(faultsOf(seen, there)).toEqual({
      missing: ['new'],
      resurrected: ['gone'],
      stale: ['old'],
    });
    expect(faultsOf(there, there)).toEqual({ missing: [], resurrected: [], stale: [] });
  });
});

describe('tables of readers', () => {
  const read = (tables: LogTables, life = 1) =>
    tables.read(7, life, 0, batchOf(0, ['a', '1'], ['b', '1']), 0, 2);

  it('end with the process that has them', () => {
    const tables = new LogTables();
    read(tables);
    expect(tables.of(7, 1, 0).size).toBe(2);
    expect(tables.of(7, 2, 0).size, 'it was started anew').toBe(0);
    expect(tables.of(7, 1, 1).size, 'another partition').toBe(0);
  });
  it('are the same after they were saved and restored', () => {
    const [tables, restored] = [new LogTables(), new LogTables()];
    read(tables);
    restored.restore(tables.save());
    expect([...restored.of(7, 1, 0)]).toEqual([...tables.of(7, 1, 0)]);
  });
});

describe('the check', () => {
  const topic = { cleanupPolicy: 'compact', segmentMs: 500, deleteRetentionMs: 1_000 };
  const config = { logCleanerBackoffMs: 500 };
  const producer = {
    arrivals: { kind: 'constant', ratePerSecond: 100 },
    startMs: 1_000,
    stopMs: 6_000,
    lingerMs: 0,
    popularity: { kind: 'uniform', keys: 5 },
    tombstoneShare: 0.3,
  };
  const consumer = { autoOffsetReset: 'earliest' };
  const checks = [{ id: 'tables', use: 'log-tables' }];
  const judged = (cluster: Cluster) => {
    const [check] = cluster.observers.checks;
    cluster.observers.end(true);
    return check!.running.standing(true);
  };

  it('holds for a reader that keeps up, whatever is compacted', () => {
    const cluster = new Cluster({ topic, config, producer, consumer, checks }).ms(8_000);
    expect(judged(cluster)).toMatchObject({ verdict: 'pass', text: /^0 resurrected, 0 missing/ });
  });
});
