/** The state of a sentinel: the protocol's, whom it has asked, and who waits for an answer. */
import type { CallRef, NodeIndex } from '../../node/behaviour.ts';
import { cloneSentinel } from '../../protocols/sentinel/state.ts';
import type { SentinelConfig, SentinelState } from '../../protocols/sentinel/state.ts';

export interface SentinelNodeState {
  readonly config: SentinelConfig;
  readonly sentinel: SentinelState;
  nextTag: number;
  /** Whom each call of its own went to, by tag. */
  readonly asked: Map<number, { readonly to: NodeIndex; readonly isServer: boolean }>;
  /** Who waits for an answer, by tag. */
  readonly calls: Map<number, CallRef>;
}

export const copyState = (state: SentinelNodeState): SentinelNodeState => ({
  ...state,
  sentinel: cloneSentinel(state.sentinel),
  asked: new Map(state.asked),
  calls: new Map(state.calls),
});
