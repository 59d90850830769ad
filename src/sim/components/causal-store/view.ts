/** What people see of a datacentre of a causal store: what it shows, and what it holds back. */
import type { View } from '../../node/behaviour.ts';

/** The newest keys that are shown. */
export const SHOWN_KEYS = 8;

export interface CausalKeyView {
  readonly key: string;
  /** Null: deleted. */
  readonly value: string | null;
  /** "n1 7": whose write it is, and its stamp. */
  readonly version: string;
}

/** A write that has arrived, and is not shown before what it depends on. */
export interface HeldView {
  readonly key: string;
  readonly value: string;
  readonly from: string;
  /** "n1 3": the first write that is missing here. */
  readonly waitsFor: string;
}

export interface CausalStoreView extends View {
  readonly component: 'causal-store';
  readonly keys: readonly CausalKeyView[];
  readonly held: readonly HeldView[];
  /** Own writes that some other datacentre has not applied. */
  readonly unsent: number;
}
