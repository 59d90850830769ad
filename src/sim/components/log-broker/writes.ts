/** Writes of producers that wait for their partitions: each is answered once, as a whole. */
import type { BrokerProduced, PartitionError, ProducedPart } from '../../contracts/broker.ts';
import type { TransactionMarkersWritten } from '../../contracts/log-transaction.ts';
import { ms } from '../../kernel/time.ts';
import type { CallRef } from '../../node/behaviour.ts';
import type { Ctx } from './asking.ts';
import type { LogBrokerState, PendingWrite } from './state.ts';

export function openWrite(
  state: LogBrokerState,
  ctx: Ctx,
  call: CallRef,
  partitions: readonly number[],
  timeoutMs: number,
  marks?: PendingWrite['marks'],
): number {
  const id = state.nextTag++;
  const parts: (ProducedPart | null)[] = partitions.map(() => null);
  const write = { call, partitions, parts, open: parts.length };
  state.writes.set(id, marks === undefined ? write : { ...write, marks });
  ctx.setTimer('write', id, ms(timeoutMs));
  return id;
}

/** The tag under which the protocol answers for a part. */
export function tagOfPart(state: LogBrokerState, write: number, place: number): number {
  const tag = state.nextTag++;
  state.writeOf.set(tag, [write, place]);
  return tag;
}

/** Nothing for a write that nobody waits for any more. */
export function answerTag(
  state: LogBrokerState,
  ctx: Ctx,
  tag: number,
  error: PartitionError | null,
  baseOffset: number,
): void {
  const found = state.writeOf.get(tag);
  if (found === undefined) return;
  state.writeOf.delete(tag);
  answerPart(state, ctx, found[0], found[1], error, baseOffset);
}

export function answerPart(
  state: LogBrokerState,
  ctx: Ctx,
  id: number,
  place: number,
  error: PartitionError | null,
  baseOffset: number,
): void {
  const write = state.writes.get(id);
  if (write === undefined) return;
  const partition = write.partitions[place] as number;
  write.parts[place] = { partition, error, baseOffset };
  if (error === null && write.marks !== undefined) tellShard(state, partition, write.marks);
  write.open -= 1;
  if (write.open > 0) return;
  ctx.cancelTimer('write', id);
  finish(state, ctx, id, write);
}

/** request.timeout.ms is over: what was appended stays, and may be committed later. */
export function timeOutWrite(state: LogBrokerState, ctx: Ctx, id: number): void {
  const write = state.writes.get(id);
  if (write === undefined) return;
  state.expired += 1;
  for (const [tag, [of]] of state.writeOf) if (of === id) state.writeOf.delete(tag);
  write.parts.forEach((part, place) => {
    if (part !== null) return;
    const partition = write.partitions[place] as number;
    write.parts[place] = { partition, error: 'REQUEST_TIMED_OUT', baseOffset: -1 };
  });
  finish(state, ctx, id, write);
}

/** The coordinator whose log that is: what it has in that transaction counts now, or does not. */
function tellShard(
  state: LogBrokerState,
  partition: number,
  marks: NonNullable<PendingWrite['marks']>,
): void {
  const shard = state.shards.get(partition);
  if (shard === undefined) return;
  state.inbox.push({ partition, epoch: shard.epoch, input: { type: 'marker', ...marks } });
}

function finish(state: LogBrokerState, ctx: Ctx, id: number, write: PendingWrite): void {
  state.writes.delete(id);
  const { call, marks } = write;
  const answered = write.parts as readonly ProducedPart[];
  if (marks !== undefined) {
    const parts = answered.map(({ partition, error }) => ({ partition, error }));
    return ctx.reply<TransactionMarkersWritten>(call, {
      type: 'transaction.markers-written',
      parts,
    });
  }
  ctx.reply<BrokerProduced>(call, { type: 'broker.produced', parts: answered });
}

/** Of a partition that is not here. */
export const errorOfAbsent = ({ cluster }: LogBrokerState, partition: number) =>
  cluster.partitions.has(partition) ? 'NOT_LEADER_OR_FOLLOWER' : 'UNKNOWN_TOPIC_OR_PARTITION';
