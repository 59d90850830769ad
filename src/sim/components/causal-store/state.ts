/** The state of a datacentre of a causal store: the protocol's, and who waits for what. */
import type { CallRef } from '../../node/behaviour.ts';
import { cloneState } from '../../protocols/causal/state.ts';
import type { CausalConfig, CausalState } from '../../protocols/causal/state.ts';

export interface CausalStoreState {
  readonly config: CausalConfig;
  readonly store: CausalState;
  nextTag: number;
  /** Clients that wait, by tag. */
  readonly calls: Map<number, CallRef>;
  reads: number;
  writes: number;
}

export const copyState = (state: CausalStoreState): CausalStoreState => ({
  ...state,
  store: cloneState(state.store),
  calls: new Map(state.calls),
});

/** Everything that tells two nodes apart, without what is fixed at the start. */
export function plainState({ config: _config, ...rest }: CausalStoreState): unknown {
  return rest;
}
