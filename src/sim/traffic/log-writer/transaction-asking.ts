/** What a writer asks coordinators, one thing at a time, and when it asks again. */
import type { BrokerFindCoordinator } from '../../contracts/broker.ts';
import type { Message } from '../../contracts/contract.ts';
import type { TransactionalProducer } from '../../contracts/log-transaction.ts';
import { ms } from '../../kernel/time.ts';
import { INIT_TAG } from './state.ts';
import type { AskedTransaction, Ctx, LogWriter, Transactional } from './state.ts';

export function ask(
  ctx: Ctx,
  of: Transactional,
  request: Message,
  asked: AskedTransaction,
  to = of.coordinator,
): void {
  of.asked = asked;
  ctx.call(to, request, { timeout: ms(ctx.config.requestTimeoutMs), tag: INIT_TAG });
}

/** The coordinator of its transactional.id, or of the group whose offsets it commits. */
export function find(ctx: Ctx, of: Transactional, isGroup: boolean): void {
  const brokers = ctx.members('brokers');
  const to = brokers[ctx.stream('brokers').below(Math.max(1, brokers.length))];
  if (to === undefined) return;
  const request: BrokerFindCoordinator = {
    type: 'broker.find-coordinator',
    kind: isGroup ? 'group' : 'transaction',
    key: isGroup ? (of.offsets?.group.group ?? '') : of.id,
  };
  ask(ctx, of, request, isGroup ? { what: 'offsets', step: 'find' } : { what: 'find' }, to);
}

export const whoOf = (
  { producerId, producerEpoch }: LogWriter,
  { id: transactionalId }: Transactional,
): TransactionalProducer => ({ transactionalId, producerId, producerEpoch });

export function comeAgain(ctx: Ctx, of: Transactional): void {
  const pause = ms(ctx.config.retryBackoffMs);
  of.readyMicros = ctx.mono() + pause;
  ctx.setTimer('transaction-retry', 0, pause);
}
