/**
 * What a Raft server keeps on its disk: what the protocol writes, and who founded its group.
 *
 * The founders are the configuration before any is in the log. They are written down at the first
 * start (as etcd and hashicorp/raft do at their bootstrap), because the group may have others when
 * the server starts again; whoever joins later is no founder, and waits to be told.
 */
import type { DurableSpec, NodeIndex } from '../../node/behaviour.ts';
import type { PersistEffect } from '../../protocols/raft/effects.ts';
import { applyPersist, cloneRaftDisk, createRaftDisk } from '../../protocols/raft/state.ts';
import type { RaftDisk } from '../../protocols/raft/state.ts';

export interface RaftKvDisk extends RaftDisk {
  /** Nobody for a server that joined; null before the first start. */
  founders: readonly NodeIndex[] | null;
}

export interface FoundRecord {
  readonly type: 'found';
  readonly founders: readonly NodeIndex[];
}

export type RaftKvRecord = PersistEffect | FoundRecord;

const clone = (disk: RaftKvDisk): RaftKvDisk => ({
  ...cloneRaftDisk(disk),
  founders: disk.founders,
});

export const raftKvDurable: DurableSpec<RaftKvDisk, RaftKvRecord> = {
  empty: () => ({ ...createRaftDisk(), founders: null }),
  apply(disk, record) {
    if (record.type === 'persist') applyPersist(disk, record);
    else disk.founders = record.founders;
  },
  save: clone,
  restore: (image) => clone(image as RaftKvDisk),
  plain({ snapshot, log, ...rest }) {
    const plain = { ...rest, log: log.toArray() };
    return snapshot === null ? plain : { ...plain, snapshot, from: log.compactedIndex };
  },
};
