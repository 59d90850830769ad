/**
 * The high watermark of a leader: below it every member of the ISR has the records.
 *
 * It moves up only, and not at all while the ISR is smaller than min.insync.replicas (KIP-966): the
 * one that the controller has written down, since whoever has left it then stays eligible. While a
 * change of the ISR is under way, it waits for old and new members: the maximal ISR.
 *
 * Source: Apache Kafka, Partition.maybeIncrementLeaderHW
 * Leaves out: NOT_ENOUGH_REPLICAS_AFTER_APPEND. Since the high watermark waits for a large ISR,
 * that takes an ISR which shrinks between two threads, one that moves it and one that answers.
 */
import type { BrokerId } from './config.ts';
import type { Step } from './context.ts';
import { isCaughtUp } from './progress.ts';

/** The ISR, and whom the leader has asked the controller to add to it. */
export function maximalIsr({ config, state }: Pick<Step, 'config' | 'state'>): readonly BrokerId[] {
  const { isr, proposed } = state;
  if (proposed === null) return isr;
  if (!config.rules.maximalIsr) return proposed.isr;
  const joined = isr.slice();
  for (const id of proposed.isr) if (!joined.includes(id)) joined.push(id);
  return joined;
}

export function advanceWatermark(at: Step): void {
  const { config, state } = at;
  if (config.rules.minIsr && state.isr.length < config.minInsyncReplicas) return;
  const members = maximalIsr(at);
  let lowest = state.log.end;
  for (const follower of state.followers) {
    // Whoever is about to join holds it back, too: else it never catches up.
    const joins = follower.isEligible && isCaughtUp(at, follower);
    if (!joins && !members.includes(follower.id)) continue;
    lowest = Math.min(lowest, follower.end);
  }
  if (lowest <= state.highWatermark) return;
  state.highWatermark = lowest;
  state.producers.onReplicated(lowest);
  at.out.push({ type: 'moved' });
  answerCommitted(at);
}

/** Writes below the high watermark are committed: those who wait for them are told. */
function answerCommitted({ state, out }: Step): void {
  const { pending, highWatermark } = state;
  let done = 0;
  while (done < pending.length && pending[done]!.upTo <= highWatermark) done += 1;
  for (const { tag, baseOffset } of pending.splice(0, done)) {
    out.push({ type: 'produced', tag, error: null, baseOffset });
  }
}
