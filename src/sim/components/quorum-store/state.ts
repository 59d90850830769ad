/** The state of a node of a quorum store: the protocol's, and who waits for what. */
import type { QuorumMessage } from '../../contracts/quorum.ts';
import type { CallRef, NodeIndex } from '../../node/behaviour.ts';
import type { QuorumConfig } from '../../protocols/quorum/config.ts';
import { cloneState } from '../../protocols/quorum/state.ts';
import type { QuorumState } from '../../protocols/quorum/state.ts';

/** A message that is still on its leg. */
interface Delayed {
  readonly to: NodeIndex;
  readonly message: QuorumMessage;
}

export interface QuorumStoreState {
  readonly config: QuorumConfig;
  readonly store: QuorumState;
  nextTag: number;
  /** Clients that wait, by tag. */
  readonly calls: Map<number, CallRef>;
  nextLeg: number;
  readonly legs: Map<number, Delayed>;
  reads: number;
  writes: number;
  /** Requests that ended without R or W replicas. */
  refused: number;
}

export const copyState = (state: QuorumStoreState): QuorumStoreState => ({
  ...state,
  store: cloneState(state.store),
  calls: new Map(state.calls),
  legs: new Map(state.legs),
});

/** Everything that tells two nodes apart, without what is fixed at the start. */
export function plainState(state: QuorumStoreState): unknown {
  const { config, ...rest } = state;
  return { ...rest, actor: config.actor };
}
