/** What people see of a node of a quorum store: what it holds, what it keeps, whom it misses. */
import type { View } from '../../node/behaviour.ts';

/** The newest keys that are shown. */
export const SHOWN_KEYS = 8;

export interface QuorumKeyView {
  readonly key: string;
  /** The values that are not deleted, the latest last; none: a tombstone. */
  readonly values: readonly string[];
}

/** An operation under way at its coordinator: which replicas answered, and how many must. */
export interface QuorumOpView {
  readonly kind: 'read' | 'write';
  readonly key: string;
  readonly needed: number;
  readonly replicas: readonly { readonly name: string; readonly answered: boolean }[];
}

export interface QuorumStoreView extends View {
  readonly component: 'quorum-store';
  readonly keys: readonly QuorumKeyView[];
  readonly ops: readonly QuorumOpView[];
  /** Hints waiting, by the short name of the replica that they are for. */
  readonly hints: readonly { readonly target: string; readonly count: number }[];
  readonly down: readonly string[];
  readonly siblings: number;
}
