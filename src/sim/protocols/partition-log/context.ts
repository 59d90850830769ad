/** What the parts of one step hand to each other. */
import type { PartitionConfig } from './config.ts';
import type { LeaderError, PartitionEffect } from './effects.ts';
import type { PartitionState } from './state.ts';

export interface Step {
  readonly config: PartitionConfig;
  readonly state: PartitionState;
  readonly nowMicros: number;
  readonly out: PartitionEffect[];
}

export const isLeader = ({ config, state }: Step): boolean => state.leader === config.id;

/** Whether a request that is meant for the leader of `epoch` is for this replica (KIP-320). */
export function fence(at: Step, epoch: number): LeaderError | null {
  const { config, state } = at;
  if (config.rules.epochFencing) {
    if (epoch < state.leaderEpoch) return 'FENCED_LEADER_EPOCH';
    if (epoch > state.leaderEpoch) return 'UNKNOWN_LEADER_EPOCH';
  }
  return isLeader(at) ? null : 'NOT_LEADER_OR_FOLLOWER';
}
