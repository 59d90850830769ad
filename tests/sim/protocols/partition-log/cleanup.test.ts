/** Retention and compaction: a test for each sentence that is said of them. */
import { describe, expect, it } from 'vitest';
import type { RecordBatch } from '../../../../src/sim/contracts/record-batch.ts';
import { endOf, offsetIn, recordAt } from '../../../../src/sim/contracts/record-batch.ts';
import {
  cleanableTo,
  dirtyRatio,
  isSameBatch,
} from '../../../../src/sim/protocols/partition-log/compaction.ts';
import type { PartitionFact } from '../../../../src/sim/protocols/partition-log/effects.ts';
import type { PartitionLog } from '../../../../src/sim/protocols/partition-log/log.ts';
import { segmentsOf } from '../../../../src/sim/protocols/partition-log/segments.ts';
import type { CleanupConfig } from '../../../../src/sim/protocols/partition-log/segments.ts';
import { Replicas, batchOf } from './support/replicas.ts';
import type { BatchOptions, Options } from './support/replicas.ts';

const SECOND = 1_000_000;
const KEPT: CleanupConfig = {
  deletes: true,
  compacts: true,
  segmentBytes: 1_000,
  segmentMicros: 10 * SECOND,
  retentionMicros: Infinity,
  retentionBytes: Infinity,
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMicros: 0,
  deleteRetentionMicros: 100 * SECOND,
};

/** One replica that leads alone, so that all that it has is committed. */
class Leader {
  readonly replicas: Replicas;

  constructor(options: Options = {}, count = 1) {
    this.replicas = new Replicas(count, options);
    const isr = this.replicas.ids;
    this.replicas.metadata({ leader: 0, leaderEpoch: 0, partitionEpoch: 0, isr });
  }

  get log(): PartitionLog {
    return this.replicas.at(0).log;
  }

  /** A batch of 100 bytes, written at a second: `a=1 b=2`; `a=` is a tombstone. */
  write(words: string, second: number, options: BatchOptions = {}): this {
    const records = words.split(' ').map((word) => {
      const [key = '', value = ''] = word.split('=');
      return { key, value: value === '' ? null : value };
    });
    const timestampMicros = second * SECOND;
    this.replicas.produce(0, { ...batchOf([], options), bytes: 100, timestampMicros, records });
    return this;
  }

  do(type: 'retain' | 'compact', second: number, change: Partial<CleanupConfig> = {}, id = 0) {
    const cleanup = { ...KEPT, ...change };
    const effects = this.replicas.step(id, { type, cleanup, wallMicros: second * SECOND });
    return effects.flatMap((effect): PartitionFact[] =>
      effect.type === 'told' ? [effect.fact] : [],
    );
  }

  /** What a reader from the start sees. */
  get words(): readonly string[] {
    return this.log
      .toArray()
      .flatMap((batch: RecordBatch) =>
        batch.records.map(
          ({ key, value }, i) => `${offsetIn(batch, i)}:${key}=${String(value ?? '')}`,
        ),
      );
  }
}

const offsets = (log: PartitionLog, change: Partial<CleanupConfig> = {}) =>
  segmentsOf(log, { ...KEPT, ...change }).map(({ baseOffset }) => baseOffset);

/** Five batches, one every six seconds. */
const five = (): Leader => {
  const leader = new Leader();
  for (const i of [0, 1, 2, 3, 4]) leader.write(`k${i}=x`, 6 * i);
  return leader;
};

describe('segments', () => {
  it('roll before a batch that would make them larger than segment.bytes', () => {
    const still = { segmentMicros: Infinity };
    expect(offsets(five().log, { ...still, segmentBytes: 200 })).toEqual([0, 2, 4]);
    expect(offsets(five().log, { ...still, segmentBytes: 199 })).toEqual([0, 1, 2, 3, 4]);
    expect(offsets(five().log, { ...still, segmentBytes: 500 })).toEqual([0]);
  });

  it('roll before a batch that is more than segment.ms younger than their first', () => {
    expect(offsets(five().log, { segmentMicros: 12 * SECOND })).toEqual([0, 3]);
    expect(offsets(five().log, { segmentMicros: 12 * SECOND - 1 })).toEqual([0, 2, 4]);
  });
});

describe('retention', () => {
  const soon = { segmentMicros: SECOND, retentionMicros: 10 * SECOND };

  it('deletes segments whose last record is older than retention.ms: the log start moves', () => {
    const leader = five();
    expect(leader.do('retain', 17, soon)).toEqual([{ type: 'partition.deleted', from: 0, to: 2 }]);
    expect(leader.log.start).toBe(2);
    expect(leader.log.end).toBe(5);
    expect(leader.words).toEqual(['2:k2=x', '3:k3=x', '4:k4=x']);
  });

  it('keeps a segment until its youngest record is too old', () => {
    const leader = five();
    expect(leader.do('retain', 20, { ...soon, segmentMicros: 12 * SECOND })).toEqual([]);
    leader.do('retain', 23, { ...soon, segmentMicros: 12 * SECOND });
    expect(leader.log.start).toBe(3);
  });

  it('deletes the active segment, too, once all of it is too old', () => {
    const leader = five();
    leader.do('retain', 100, soon);
    expect([leader.log.start, leader.log.end]).toEqual([5, 5]);
    leader.write('k5=x', 101);
    expect(leader.words).toEqual(['5:k5=x']);
  });

  it('deletes the oldest segments while the rest is at least retention.bytes', () => {
    const small = { segmentBytes: 100, retentionBytes: 250 };
    const leader = five();
    leader.do('retain', 30, small);
    // 500 bytes; 400 and 300 are enough, 200 would not be.
    expect(leader.log.start).toBe(2);
    leader.do('retain', 30, small);
    expect(leader.log.start).toBe(2);
  });

  it('without limits deletes nothing', () => {
    expect(five().do('retain', 1e9)).toEqual([]);
  });

  it.each([
    ['retention.ms', soon],
    ['retention.bytes', { segmentBytes: 100, retentionBytes: 100 }],
  ])('by %s deletes only what is committed', (_name, change) => {
    const leader = new Leader({}, 2).write('a=1', 0).write('b=1', 2);
    expect(leader.do('retain', 100, change)).toEqual([]);
    leader.replicas.fetch(1, 0);
    leader.replicas.fetch(1, 0);
    expect(leader.do('retain', 100, change)).toHaveLength(1);
  });

  it('a follower drops what its leader has deleted, and one that lags begins anew', () => {
    const leader = new Leader({}, 3).write('a=1', 0).write('b=1', 2).write('c=1', 90);
    leader.replicas.fetch(1, 0);
    leader.replicas.at(0).highWatermark = 3;
    leader.do('retain', 95, soon);
    expect(leader.log.start).toBe(2);
    leader.replicas.fetch(1, 0);
    expect(leader.replicas.at(1).log.start).toBe(2);
    leader.replicas.fetch(2, 0);
    expect(leader.replicas.at(2).log.start).toBe(2);
    leader.replicas.fetch(2, 0);
    expect(leader.replicas.at(2).log.end).toBe(3);
  });

  it('a fetch from before the log start is out of range', () => {
    const leader = five();
    leader.do('retain', 17, soon);
    const fetch = { replica: 1, brokerEpoch: 0, offset: 1, leaderEpoch: 0, lastFetchedEpoch: -1 };
    const effects = leader.replicas.step(0, { type: 'fetch', tag: 0, fetch });
    expect(effects).toContainEqual(
      expect.objectContaining({
        type: 'fetch-reply',
        reply: expect.objectContaining({ error: 'OFFSET_OUT_OF_RANGE', logStart: 2 }),
      }),
    );
  });
});

/** Two segments with three batches, and an active one. */
const dirty = (options: Options = {}): Leader =>
  new Leader(options)
    .write('a=1 b=1 a=2', 0)
    .write('b=2 c=1', 20)
    .write('a=3 d=1', 40)
    .write('a=4', 60);

describe('compaction', () => {
  it('keeps the last record of each key at its offset, and the active segment alone', () => {
    const leader = dirty();
    expect(leader.do('compact', 60)).toEqual([
      { type: 'partition.compacted', upTo: 7, kept: 4, dropped: 3 },
    ]);
    // a=4 is in the active segment: it replaces nothing yet.
    expect(leader.words).toEqual(['3:b=2', '4:c=1', '5:a=3', '6:d=1', '7:a=4']);
    expect([leader.log.start, leader.log.end]).toEqual([0, 8]);
  });

  it('a batch goes on at the offset at which it ended, whatever is left of it', () => {
    const leader = dirty();
    const before = leader.log.toArray();
    leader.do('compact', 60);
    const after = leader.log.toArray();
    expect(after.map(endOf)).toEqual(before.map(endOf));
    const [emptied] = after as readonly [RecordBatch];
    expect([recordAt(emptied, 0), recordAt(emptied, 2)]).toEqual([undefined, undefined]);
    expect(recordAt(after[2] as RecordBatch, 5)).toBe((before[2] as RecordBatch).records[0]);
  });

  it('waits until more than min.cleanable.dirty.ratio of the bytes is dirty', () => {
    const leader = dirty();
    leader.do('compact', 60);
    const clean = leader.log.read(0, 7, Infinity).reduce((sum, { bytes }) => sum + bytes, 0);
    leader.write('e=1', 80);
    const upTo = cleanableTo(leader.replicas.at(0), KEPT, 80 * SECOND);
    expect(upTo).toBe(8);
    const ratio = dirtyRatio(leader.log, upTo);
    expect(ratio).toBe(100 / (clean + 100));
    expect(leader.do('compact', 80, { minCleanableDirtyRatio: ratio })).toEqual([]);
    expect(leader.do('compact', 80, { minCleanableDirtyRatio: ratio - 0.01 })).toHaveLength(1);
  });

  it('leaves records alone that are younger than min.compaction.lag.ms', () => {
    const leader = dirty();
    const lag = { minCompactionLagMicros: 30 * SECOND };
    expect(leader.do('compact', 60, lag)).toMatchObject([{ upTo: 5 }]);
    expect(leader.words).toContain('2:a=2');
  });

  it('keeps a tombstone for delete.retention.ms from the cleaning that first sees it', () => {
    const leader = new Leader().write('a=1 b=1', 0).write('a=', 20).write('c=1', 40);
    const always = { minCleanableDirtyRatio: 0 };
    leader.do('compact', 50, always);
    expect(leader.words).toEqual(['1:b=1', '2:a=', '3:c=1']);
    leader.write('d=1', 150).do('compact', 150, always);
    expect(leader.words, 'not longer than that').toContain('2:a=');
    leader.write('e=1', 170).do('compact', 170, always);
    expect(leader.words).toEqual(['1:b=1', '3:c=1', '4:d=1', '5:e=1']);
  });

  it('with the rule off it goes at once: a reader on its way never hears that a is gone', () => {
    const leader = new Leader({ off: ['partition.tombstones'] });
    leader.write('a=1 b=1', 0).write('a=', 20).write('c=1', 40);
    leader.do('compact', 50, { minCleanableDirtyRatio: 0 });
    expect(leader.words).toEqual(['1:b=1', '3:c=1']);
  });

  it('what was aborted replaces nothing and goes; markers stay', () => {
    const txn = { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true };
    const leader = new Leader().write('a=1', 0).write('a=2', 1, txn);
    const end = { producerId: 9, producerEpoch: 0, marker: 'abort', timestampMicros: 0 } as const;
    leader.replicas.step(0, { type: 'marker', tag: 0, ...end });
    leader.write('b=1', 20).write('c=1', 40);
    leader.do('compact', 50, { minCleanableDirtyRatio: 0 });
    expect(leader.words).toEqual(['0:a=1', '2:null=', '3:b=1', '4:c=1']);
  });

  it('stops before an open transaction', () => {
    const txn = { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true };
    const leader = new Leader().write('a=1', 0).write('a=2', 20, txn).write('a=3', 40);
    leader.write('b=1', 60);
    expect(leader.do('compact', 70, { minCleanableDirtyRatio: 0 })).toMatchObject([{ upTo: 1 }]);
  });

  it('a follower may copy what is left, and may clean by itself: the logs agree', () => {
    const leader = new Leader({}, 3);
    leader.write('a=1 b=1', 0).write('a=2 b=1', 20).write('c=1', 40);
    leader.replicas.fetch(1, 0);
    leader.replicas.at(0).highWatermark = 5;
    leader.do('compact', 50);
    leader.replicas.fetch(2, 0);
    const [own, early, late] = leader.replicas.states.map(({ log }) => log.toArray());
    expect(late).toEqual(own);
    own!.forEach((batch, i) => {
      expect(isSameBatch(batch, early![i]!)).toBe(true);
      expect(isSameBatch(early![i]!, batch)).toBe(true);
    });
    const other = { ...early![0]!, records: [{ key: 'x', value: '' }, ...early![0]!.records] };
    expect(isSameBatch(other, own![1]!)).toBe(false);
  });

  it('an idempotent producer goes on after a leader has read a cleaned log anew', () => {
    const from = (baseSequence: number) => ({ producerId: 7, producerEpoch: 0, baseSequence });
    const leader = new Leader().write('a=1 a=2', 0, from(0)).write('a=3', 20, from(2));
    leader.write('b=1', 40, from(3));
    leader.do('compact', 50);
    const { producers, log } = leader.replicas.at(0);
    producers.rebuild(log.toArray());
    leader.write('c=1', 60, from(4));
    expect(leader.words).toContain('4:c=1');
    leader.write('a=3', 60, from(2));
    expect(log.end, 'a duplicate is known').toBe(5);
  });
});
