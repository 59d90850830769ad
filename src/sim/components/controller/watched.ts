/** Changes of partitions, as each controller applies them, for whoever watches invariants. */
import type { Context } from '../../node/behaviour.ts';
import type { WatchedRegistration } from '../../protocols/partition-log/isr-invariants.ts';
import { nameOfPartition } from './machine.ts';
import type { ControllerCommand, Metadata, PlacedPartition } from './machine.ts';

export const PARTITION_REGISTERED = 'partition.registered';

/** Tells of the partitions that the decision at an offset, the last one, has changed. */
export function probeChanges(
  { records, partitions }: Metadata,
  offset: number,
  command: ControllerCommand,
  hasElr: boolean,
  ctx: Context,
): void {
  for (let at = records.length - 1; at >= 0 && records[at]?.offset === offset; at--) {
    const record = records[at];
    if (record?.kind !== 'partition') continue;
    const placed = partitions.get(record.partition) as PlacedPartition;
    const watched: WatchedRegistration = {
      partition: placed.partition,
      name: nameOfPartition(placed),
      registration: placed.registration,
      minInsyncReplicas: placed.topic.minInsyncReplicas,
      hasElr,
      isAfterUnclean: command.type === 'register' && command.isUnclean,
    };
    ctx.probe(PARTITION_REGISTERED, watched);
  }
}
