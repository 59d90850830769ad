/**
 * What a broker keeps on its disk: logs, the high watermarks of the last checkpoint, and whether it
 * ended in good order.
 *
 * Kafka flushes nothing: a write is answered once it is in the page cache, which outlives the
 * process, not the machine. Differs: which of the two ends a node is the setting of its disk. With
 * `fsyncOn: false` what is younger than the write-back interval is lost (a loss of power);
 * otherwise the log is synced beside the work that nobody waits for, so that an end of the process
 * costs what the running fsync did not cover, where the page cache would have kept it.
 */
import type { RecordBatch } from '../../contracts/record-batch.ts';
import type { DurableSpec } from '../../node/behaviour.ts';
import { PartitionLog } from '../../protocols/partition-log/index.ts';

interface KeptPartition {
  readonly log: PartitionLog;
  highWatermark: number;
}

export interface LogBrokerDisk {
  readonly partitions: Map<number, KeptPartition>;
  /** Whether its last process ended by a controlled shutdown; true before the first start. */
  isClean: boolean;
}

export type LogBrokerRecord =
  | { readonly type: 'append'; readonly partition: number; readonly batch: RecordBatch }
  | { readonly type: 'truncate'; readonly partition: number; readonly to: number }
  | { readonly type: 'delete'; readonly partition: number; readonly to: number }
  | {
      readonly type: 'compact';
      readonly partition: number;
      readonly upTo: number;
      /** What is left of all before that. */
      readonly batches: readonly RecordBatch[];
    }
  | { readonly type: 'restart'; readonly partition: number; readonly at: number }
  | {
      readonly type: 'watermarks';
      readonly marks: readonly (readonly [partition: number, mark: number])[];
    }
  | { readonly type: 'clean'; readonly isClean: boolean };

function keptOf(disk: LogBrokerDisk, partition: number): KeptPartition {
  let kept = disk.partitions.get(partition);
  if (kept === undefined) {
    kept = { log: PartitionLog.of(), highWatermark: 0 };
    disk.partitions.set(partition, kept);
  }
  return kept;
}

function apply(disk: LogBrokerDisk, record: LogBrokerRecord): void {
  switch (record.type) {
    case 'append':
      return keptOf(disk, record.partition).log.append(record.batch);
    case 'truncate':
      return keptOf(disk, record.partition).log.truncateTo(record.to);
    case 'delete':
      return keptOf(disk, record.partition).log.deleteTo(record.to);
    case 'compact':
      return keptOf(disk, record.partition).log.replaceTo(record.upTo, record.batches);
    case 'restart':
      return keptOf(disk, record.partition).log.restartAt(record.at);
    case 'watermarks':
      for (const [partition, mark] of record.marks) keptOf(disk, partition).highWatermark = mark;
      return;
    case 'clean':
      disk.isClean = record.isClean;
  }
}

function clone({ partitions, isClean }: LogBrokerDisk): LogBrokerDisk {
  const copies = new Map<number, KeptPartition>();
  for (const [id, { log, highWatermark }] of partitions) {
    copies.set(id, { log: log.clone(), highWatermark });
  }
  return { partitions: copies, isClean };
}

export const plainLog = (log: PartitionLog): unknown => ({
  start: log.start,
  epochs: log.epochs.entries,
  batches: log.toArray(),
});

export const logBrokerDurable: DurableSpec<LogBrokerDisk, LogBrokerRecord> = {
  empty: () => ({ partitions: new Map(), isClean: true }),
  apply,
  size: (record) => (record.type === 'append' ? record.batch.bytes : 0),
  save: clone,
  restore: (image) => clone(image as LogBrokerDisk),
  plain: ({ partitions, isClean }) => ({
    isClean,
    partitions: [...partitions].map(([id, { log, highWatermark }]) => [
      id,
      highWatermark,
      plainLog(log),
    ]),
  }),
};
