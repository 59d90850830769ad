/**
 * What there is in the end of a partitioned log: the logs of leaders, and what groups have
 * committed.
 */
import { logBroker } from '../components/log-broker/log-broker.ts';
import type { RecordBatch } from '../contracts/record-batch.ts';
import type { Isolation } from '../contracts/broker.ts';
import { endOf, recordAt } from '../contracts/record-batch.ts';
import type { GroupsState } from '../protocols/consumer-group/index.ts';
import { isAborted } from '../protocols/partition-log/index.ts';
import type { ProducerStates } from '../protocols/partition-log/producers.ts';
import { stateOf } from '../world/world.ts';
import type { World } from '../world/world.ts';

const brokersOf = (world: World) =>
  world.nodes.flatMap((node) => {
    const state = stateOf(logBroker, node);
    return state === null ? [] : [{ index: node.index, state }];
  });

/** Of the coordinator of the newest epoch; null: there is none. */
export function committedOf(groupId: string, world: World): ReadonlyMap<number, number> | null {
  let newest = -1;
  let committed: ReadonlyMap<number, number> | null = null;
  for (const { state } of brokersOf(world)) {
    for (const shard of state.shards.values()) {
      if (shard.kind !== 'group' || !shard.isLoaded || shard.epoch <= newest) continue;
      const { groups } = shard.state as GroupsState;
      const found = [...groups.values()].find(({ id }) => groupId === '' || id === groupId);
      if (found === undefined) continue;
      newest = shard.epoch;
      committed = new Map([...found.offsets.values()].map((one) => [one.partition, one.offset]));
    }
  }
  return committed;
}

export interface LeaderLog {
  readonly epoch: number;
  readonly start: number;
  readonly highWatermark: number;
  readonly batches: readonly RecordBatch[];
  readonly producers: Pick<ProducerStates, 'aborted' | 'firstUnstableOffset'>;
}

/** Of the leaders of the newest epochs, by partition; null: one has none. */
export function leaderLogs(world: World): ReadonlyMap<number, LeaderLog> | null {
  const logs = new Map<number, LeaderLog>();
  const all = new Set<number>();
  for (const { index, state } of brokersOf(world)) {
    for (const { partition, isInternal, state: replica } of state.hosted.values()) {
      if (isInternal) continue;
      all.add(partition);
      const { leader, leaderEpoch: epoch, log, highWatermark, producers } = replica;
      if (leader !== index || epoch <= (logs.get(partition)?.epoch ?? -1)) continue;
      const batches = log.toArray();
      logs.set(partition, { epoch, start: log.start, highWatermark, batches, producers });
    }
  }
  return logs.size < all.size ? null : logs;
}

/** Batches ascend; after compaction there are gaps. */
export function batchAt(batches: readonly RecordBatch[], offset: number): RecordBatch | undefined {
  let [from, to] = [0, batches.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const batch = batches[middle] as RecordBatch;
    if (endOf(batch) <= offset) from = middle + 1;
    else to = middle;
  }
  const batch = batches[from];
  return batch !== undefined && batch.baseOffset <= offset ? batch : undefined;
}

/** Those that a reader of that isolation gets, from an offset up to, not including, another one. */
export function forEachRecord(
  log: LeaderLog,
  isolation: Isolation,
  from: number,
  upTo: number,
  visit: (offset: number, value: unknown) => void,
): void {
  const isCommitted = isolation === 'read_committed';
  const unstable = log.producers.firstUnstableOffset(log.highWatermark);
  const to = isCommitted ? Math.min(upTo, unstable) : upTo;
  for (const batch of log.batches) {
    if (batch.marker !== null || (isCommitted && isAborted(batch, log.producers.aborted))) continue;
    const end = Math.min(endOf(batch), to);
    for (let offset = Math.max(from, batch.baseOffset); offset < end; offset++) {
      const record = recordAt(batch, offset);
      if (record !== undefined) visit(offset, record.value);
    }
  }
}
