/** Writes of producers that wait for their partitions: each is answered once, as a whole. */
import type { BrokerProduced, PartitionError, ProducedPart } from '../../contracts/broker.ts';
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
): number {
  const id = state.nextTag++;
  const parts: (ProducedPart | null)[] = partitions.map(() => null);
  state.writes.set(id, { call, partitions, parts, open: parts.length });
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
  write.parts[place] = { partition: write.partitions[place] as number, error, baseOffset };
  write.open -= 1;
  if (write.open > 0) return;
  ctx.cancelTimer('write', id);
  finish(state, ctx, id, write);
}

/** request.timeout.ms is over: what was appended stays, and may be committed later. */
export function timeOutWrite(state: LogBrokerState, ctx: Ctx, id: number): void {
  const write = state.writes.get(id);
  if (write === undefined) return;
  for (const [tag, [of]] of state.writeOf) if (of === id) state.writeOf.delete(tag);
  write.parts.forEach((part, place) => {
    if (part !== null) return;
    const partition = write.partitions[place] as number;
    write.parts[place] = { partition, error: 'REQUEST_TIMED_OUT', baseOffset: -1 };
  });
  finish(state, ctx, id, write);
}

function finish(state: LogBrokerState, ctx: Ctx, id: number, { call, parts }: PendingWrite): void {
  state.writes.delete(id);
  const answered = parts as readonly ProducedPart[];
  ctx.reply<BrokerProduced>(call, { type: 'broker.produced', parts: answered });
}
