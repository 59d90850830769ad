/** Calls that a broker makes: to the controller, and to the leaders that it follows. */
import type { Message } from '../../contracts/contract.ts';
import type { ControllerAlter } from '../../contracts/controller.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { CallResult, Context, NodeIndex } from '../../node/behaviour.ts';
import type { ProposedIsr } from '../../protocols/partition-log/index.ts';
import type { LogBrokerConfig } from './config.ts';
import type { LogBrokerFact } from './facts.ts';
import type { Asked, Hosted, LogBrokerState } from './state.ts';

export type Ctx = Context<LogBrokerConfig>;

/** controller.quorum.retry.backoff.ms, and the first pause of a broker's heartbeats. */
export const CONTROLLER_RETRY = ms(20);

export function ask(
  state: LogBrokerState,
  ctx: Ctx,
  request: Message,
  timeoutMicros: number,
  asked: Asked,
): void {
  const tag = state.nextTag++;
  state.asked.set(tag, asked);
  ctx.call(asked.to, request, { timeout: micros(timeoutMicros), tag });
}

/** The leader's word on who should be in sync, to the controller. */
export function askAlter(
  state: LogBrokerState,
  ctx: Ctx,
  { partition, state: replica }: Hosted,
  proposed: ProposedIsr,
): void {
  const { controller: to, brokerEpoch } = state.cluster;
  const epochOf = (id: NodeIndex): number =>
    id === ctx.self
      ? brokerEpoch
      : (replica.followers.find((one) => one.id === id)?.brokerEpoch ?? -1);
  const request: ControllerAlter = {
    type: 'controller.alter',
    brokerEpoch,
    partition,
    leaderEpoch: replica.leaderEpoch,
    partitionEpoch: proposed.partitionEpoch,
    isr: proposed.isr,
    isrEpochs: proposed.isr.map((id) => epochOf(id)),
  };
  ask(state, ctx, request, ms(ctx.config.controllerSocketTimeoutMs), {
    about: 'alter',
    to,
    partition,
    proposed,
  });
}

/** Whoever was asked does not lead, or does not answer: the next one, or the one that it named. */
export function leaveController(
  { cluster }: LogBrokerState,
  ctx: Ctx,
  asked: NodeIndex,
  result: Exclude<CallResult, { readonly outcome: 'ok' }>,
): void {
  const { code, detail } = result.error;
  const named = (detail as { readonly leader?: NodeIndex | null } | undefined)?.leader;
  // Others that were asked at the same time have told already.
  if (cluster.controller !== asked) return;
  const members = ctx.members('controller');
  const next = members[(members.indexOf(asked) + 1) % members.length];
  const isKnown = typeof named === 'number';
  cluster.controller = code === 'not-controller' && isKnown ? named : (next ?? asked);
  if (code !== 'not-controller') ctx.tell<LogBrokerFact>({ type: 'broker.no-controller', code });
}
