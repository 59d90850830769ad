/**
 * Who is in sync: the leader watches its followers' fetches, and asks the controller for changes.
 *
 * Source: Apache Kafka, Partition.maybeExpandIsr, maybeShrinkIsr, handleAlterPartitionError;
 * KIP-497 (AlterPartition)
 */
import type { BrokerId } from './config.ts';
import type { Step } from './context.ts';
import type { AlterReply } from './effects.ts';
import type { FollowerProgress, ProposedIsr } from './state.ts';
import { advanceWatermark } from './watermark.ts';

/** Asks for a follower to join, if it has what it must have. */
export function expandIsr(at: Step, follower: FollowerProgress): void {
  const { config, state } = at;
  if (state.proposed !== null || !follower.isEligible) return;
  if (state.isr.includes(follower.id)) return;
  if (follower.end < state.highWatermark) return;
  if (config.rules.epochStart && follower.end < state.epochStart) return;
  const joined = config.replicas.filter((id) => id === follower.id || state.isr.includes(id));
  propose(at, joined);
}

/** Asks for those to leave that have not caught up for too long. */
export function shrinkIsr(at: Step): void {
  const { config, state, nowMicros } = at;
  if (state.proposed !== null) return;
  const isLate = (id: BrokerId): boolean => {
    if (id === config.id) return false;
    const follower = state.followers.find((one) => one.id === id);
    if (follower === undefined || follower.end === state.log.end) return false;
    return nowMicros - follower.caughtUpMicros > config.replicaLagTimeMaxMicros;
  };
  const left = state.isr.filter((id) => !isLate(id));
  if (left.length < state.isr.length) propose(at, left);
}

function propose(at: Step, isr: readonly BrokerId[]): void {
  const proposed = { isr, partitionEpoch: at.state.partitionEpoch };
  at.state.proposed = proposed;
  at.out.push({ type: 'alter', proposed });
}

/**
 * Only one refusal says that the change was not made and never will be. After any other it may have
 * been, by an earlier try whose answer was lost: those whom it names count until the metadata tell.
 */
const NOT_MADE = 'INELIGIBLE_REPLICA';

export function onAltered(at: Step, proposed: ProposedIsr, reply: AlterReply): void {
  const { state, out } = at;
  if (state.proposed !== proposed) return;
  if ('error' in reply) {
    if (reply.error === NOT_MADE) state.proposed = null;
    return;
  }
  state.proposed = null;
  state.isr = reply.isr;
  state.partitionEpoch = reply.partitionEpoch;
  out.push({ type: 'told', fact: { type: 'partition.isr', isr: reply.isr } });
  advanceWatermark(at);
}
