/**
 * How far a follower is, by its fetches.
 *
 * It is caught up when it asks for the end of the leader's log, or for what was the end at its
 * fetch before: it cannot be ahead of the news.
 *
 * Source: Apache Kafka, Replica.updateFetchStateOrThrow, ReplicaState.isCaughtUp
 */
import type { BrokerId } from './config.ts';
import type { Step } from './context.ts';
import type { ReplicaFetch } from './effects.ts';
import type { FollowerProgress } from './state.ts';

export function newProgress(id: BrokerId, caughtUpMicros: number): FollowerProgress {
  return {
    id,
    end: -1,
    fetchedMicros: -Infinity,
    leaderEndAtFetch: -1,
    caughtUpMicros,
    brokerEpoch: -1,
    isEligible: true,
  };
}

/** It was late: in its life since then the follower may have less (KIP-903). */
export const isOfEarlierLife = (
  { brokerEpoch }: FollowerProgress,
  fetch: Pick<ReplicaFetch, 'brokerEpoch'>,
): boolean => fetch.brokerEpoch < brokerEpoch;

/** A follower that has asked for `fetch.offset` has all that comes before. */
export function noteFetch(at: Step, follower: FollowerProgress, fetch: ReplicaFetch): void {
  const { state, nowMicros } = at;
  const { end } = state.log;
  if (fetch.offset >= end) follower.caughtUpMicros = nowMicros;
  else if (follower.leaderEndAtFetch >= 0 && fetch.offset >= follower.leaderEndAtFetch) {
    follower.caughtUpMicros = Math.max(follower.caughtUpMicros, follower.fetchedMicros);
  }
  follower.end = fetch.offset;
  follower.fetchedMicros = nowMicros;
  follower.leaderEndAtFetch = end;
  follower.brokerEpoch = fetch.brokerEpoch;
}

export function isCaughtUp(
  { config, state, nowMicros }: Step,
  follower: FollowerProgress,
): boolean {
  if (follower.end < 0) return false;
  if (follower.end === state.log.end) return true;
  return nowMicros - follower.caughtUpMicros <= config.replicaLagTimeMaxMicros;
}
