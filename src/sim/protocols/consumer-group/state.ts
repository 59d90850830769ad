/** What a coordinator knows of its groups. */
import type { CommittedOffset } from '../../contracts/group.ts';

export interface Group {
  readonly id: string;
  /** By partition: what is committed, or on its way to be. */
  readonly offsets: Map<number, CommittedOffset>;
}

/** An answer that waits until what it tells of is committed. */
export interface Promised {
  readonly tag: number;
  readonly group: string;
  readonly offsets: readonly CommittedOffset[];
}

export interface GroupsState {
  readonly groups: Map<string, Group>;
  readonly promised: Map<number, Promised>;
}
