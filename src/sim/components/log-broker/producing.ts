/**
 * Writes of producers: to each partition its own batch, answered together.
 *
 * Source: Apache Kafka, KafkaApis.handleProduceRequest, ReplicaManager.appendRecords
 */
import type { BrokerProduce, ProducePart } from '../../contracts/broker.ts';
import type { CallRef } from '../../node/behaviour.ts';
import type { Ctx } from './asking.ts';
import { isInvalid } from './cleanup.ts';
import { feed } from './feed.ts';
import type { LogBrokerState } from './state.ts';
import { mustVerify, verify } from './verification.ts';
import { answerPart, errorOfAbsent, openWrite, tagOfPart } from './writes.ts';

/** The tag under which nobody waits. */
const NO_TAG = -1;

export function onProduce(
  state: LogBrokerState,
  ctx: Ctx,
  { acks, timeoutMs, parts, transactionalId }: BrokerProduce,
  call: CallRef,
): void {
  const partitions = parts.map(({ partition }) => partition);
  const write = openWrite(state, ctx, call, partitions, timeoutMs);
  parts.forEach(({ partition, batch }, place) => {
    const hosted = state.hosted.get(partition);
    if (hosted === undefined) {
      answerPart(state, ctx, write, place, errorOfAbsent(state, partition), -1);
      return;
    }
    if (isInvalid(hosted, batch)) {
      return answerPart(state, ctx, write, place, 'INVALID_RECORD', -1);
    }
    if (mustVerify(state, hosted, batch)) {
      const waiting = { write, place, batch, acks };
      return verify(state, ctx, hosted, waiting, transactionalId ?? '', timeoutMs);
    }
    const tag = tagOfPart(state, write, place);
    state.records += batch.records.length;
    feed(state, ctx, hosted, { type: 'produce', tag, batch, acks });
  });
}

export function onUnacknowledged(
  state: LogBrokerState,
  ctx: Ctx,
  parts: readonly ProducePart[],
): void {
  for (const { partition, batch } of parts) {
    const hosted = state.hosted.get(partition);
    if (hosted === undefined || isInvalid(hosted, batch)) continue;
    state.records += batch.records.length;
    feed(state, ctx, hosted, { type: 'produce', tag: NO_TAG, batch, acks: 0 });
  }
}
