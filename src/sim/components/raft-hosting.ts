/**
 * What every host of Raft has alike: the channels on which checks watch it, and what it keeps on
 * its disk: what the protocol writes, and who founded its group.
 *
 * The founders are the configuration before any is in the log. They are written down at the first
 * start (as etcd and hashicorp/raft do at their bootstrap), because the group may have others when
 * the server starts again; whoever joins later is no founder, and waits to be told.
 */
import type { Context, DurableSpec, NodeIndex } from '../node/behaviour.ts';
import type { PersistEffect, RaftEffect, RaftInput } from '../protocols/raft/effects.ts';
import { RAFT_RULES } from '../protocols/raft/rules.ts';
import type { RaftAblation } from '../protocols/raft/rules.ts';
import { applyPersist, cloneRaftDisk, createRaftDisk } from '../protocols/raft/state.ts';
import type { RaftDisk, RaftState } from '../protocols/raft/state.ts';

/** Channel on which checks watch every step of the protocol; the payload is a HostedRaft. */
export const RAFT_STEP = 'raft.step';
/** Told once after each start, with the state built from the disk. */
export const RAFT_START = 'raft.start';

/** What checks see of a host. */
export interface HostedRaft {
  readonly raft: RaftState;
  /** The effects of the step under way or, between steps, of the last one. */
  readonly effects: readonly RaftEffect[];
  /** Which of several groups that a node belongs to; left out: its only one. */
  readonly part?: number;
}

/** Of hosts that nobody asks for reads or for other members: the rest of the rules. */
const OF_REQUESTS =
  /joint|configuration|-change|self-after-removal|transfer|read-index|dedupe|answers|lost-is/;
export const LOG_RULES: readonly RaftAblation[] = RAFT_RULES.map(({ id }) => id).filter(
  (id) => !OF_REQUESTS.test(id),
);

/** What the protocol is fed when a timer that it asked for runs out. */
export const RAFT_TIMEOUTS: ReadonlyMap<string, RaftInput> = new Map<string, RaftInput>([
  ['election', { type: 'election-timeout' }],
  ['heartbeat', { type: 'heartbeat-timeout' }],
  ['transfer', { type: 'transfer-timeout' }],
  ['check-quorum', { type: 'check-quorum-timeout' }],
]);

export interface HostedRaftDisk extends RaftDisk {
  /** Nobody for a server that joined; null before the first start. */
  founders: readonly NodeIndex[] | null;
}

interface FoundRecord {
  readonly type: 'found';
  readonly founders: readonly NodeIndex[];
}

export type HostedRaftRecord = PersistEffect | FoundRecord;

const clone = (disk: HostedRaftDisk): HostedRaftDisk => ({
  ...cloneRaftDisk(disk),
  founders: disk.founders,
});

export const hostedRaftDurable: DurableSpec<HostedRaftDisk, HostedRaftRecord> = {
  empty: () => ({ ...createRaftDisk(), founders: null }),
  apply(disk, record) {
    if (record.type === 'persist') applyPersist(disk, record);
    else disk.founders = record.founders;
  },
  save: clone,
  restore: (image) => clone(image as HostedRaftDisk),
  plain({ snapshot, log, ...rest }) {
    const plain = { ...rest, log: log.toArray() };
    return snapshot === null ? plain : { ...plain, snapshot, from: log.compactedIndex };
  },
};

/** The voters of the group before its log says anything else; nobody for who joins later. */
export function foundersOf(ctx: Context, initialVoters: number): readonly NodeIndex[] {
  const { founders } = ctx.durable as HostedRaftDisk;
  if (founders !== null) return founders;
  const found = founding(ctx, initialVoters);
  ctx.write({ type: 'found', founders: found } satisfies FoundRecord);
  // With what it writes first. Who joins has nothing to write until it is told, and must not take
  // itself for a founder by then.
  if (found.length === 0) ctx.sync(0);
  return found;
}

/** Those of its group, with itself, that begin together; nobody for who joins later. */
export function founding(ctx: Context, initialVoters: number): readonly NodeIndex[] {
  const isLate = ctx.life === 0 && ctx.mono() > 0;
  if (isLate) return [];
  const peers = ctx.members('peers');
  const voters = initialVoters === 0 ? peers : peers.slice(0, initialVoters);
  return voters.includes(ctx.self) ? voters : [];
}
