/** What people see of a Multi-Paxos server: its ballot, and the tail of its log. */
import type { View } from '../../node/behaviour.ts';

/** The strip shows this many slots at the most: the newest. */
export const SLOT_STRIP = 12;

export interface SlotCell {
  readonly slot: number;
  /** The round in which it was accepted here. */
  readonly round: number;
  readonly chosen: boolean;
  /** "no-op", "x = 3". */
  readonly label: string;
  /** Of an open slot of a leader: how many accepted it. */
  readonly acks: number;
  /** Of an open slot: it has its quorum, and waits for those before it. */
  readonly hasQuorum: boolean;
}

export interface PaxosKvView extends View {
  readonly component: 'paxos-kv';
  readonly role: 'follower' | 'candidate' | 'leader';
  readonly round: number;
  /** Short name of whose ballot was promised, or null. */
  readonly owner: string | null;
  readonly leader: string | null;
  readonly chosen: number;
  readonly lastSlot: number;
  /** How many servers there are, this one among them. */
  readonly servers: number;
  readonly phase1Quorum: number;
  readonly phase2Quorum: number;
  /** Of a candidate: who has promised. */
  readonly promises: readonly string[];
  /** Oldest first. */
  readonly slots: readonly SlotCell[];
  readonly store: readonly { readonly key: string; readonly value: string }[];
}
