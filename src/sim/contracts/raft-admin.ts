/**
 * What an operator asks of a Raft group: other members, another leader.
 *
 * Source: Ongaro's dissertation, chapter 4 (AddServer, RemoveServer) and section 3.10; etcd's
 * ConfChangeV2 and MoveLeader.
 */
import { defineContract } from './contract.ts';
import type { PeerId } from './raft.ts';

export interface RaftMemberChange {
  readonly type: 'add-voter' | 'add-learner' | 'remove';
  readonly peer: PeerId;
}

/**
 * No changes at all end a joint configuration. `auto` is joint only for more than one change, and
 * ends by itself; `joint-implicit` is always joint and ends by itself; `joint-explicit` waits for
 * the change that ends it.
 */
export interface RaftMembersChange {
  readonly transition: 'auto' | 'joint-implicit' | 'joint-explicit';
  readonly changes: readonly RaftMemberChange[];
  /** A new voter learns first, and votes once it has caught up (dissertation 4.2.1). */
  readonly catchUp?: boolean;
}

/** Answered when the configuration is committed; of a joint one, the joint one. */
export interface RaftAdminChange extends RaftMembersChange {
  readonly type: 'raft-admin.change';
}
/** Answered when the leader leads no more. */
export interface RaftAdminTransfer {
  readonly type: 'raft-admin.transfer';
  readonly to: PeerId;
}
export interface RaftAdminDone {
  readonly type: 'raft-admin.done';
}
export type RaftAdminRequest = RaftAdminChange | RaftAdminTransfer;
export type RaftAdminMessage = RaftAdminRequest | RaftAdminDone;

const KINDS: readonly RaftMemberChange['type'][] = ['add-voter', 'add-learner', 'remove'];

function digestChange({ changes, transition, catchUp }: RaftAdminChange): number {
  let word = transition.length * 2 + (catchUp === true ? 1 : 0);
  for (const { type, peer } of changes) {
    word = (Math.imul(word, 31) ^ (KINDS.indexOf(type) * 1_009 + peer)) | 0;
  }
  return word;
}

function labelOf({ changes }: RaftAdminChange): string {
  if (changes.length === 0) return 'end the joint configuration';
  const [first, ...more] = changes.map(({ type }) => type.replace('-', ' a '));
  return more.length === 0 ? (first ?? '') : `change ${changes.length} members`;
}

export const raftAdmin = defineContract<RaftAdminMessage>({
  name: 'raft-admin',
  about: 'An operator changes who belongs to a Raft group, or who leads it.',
  source: "Ongaro's dissertation, chapter 4 and 3.10; etcd ConfChangeV2, MoveLeader",
  messages: {
    'raft-admin.change': {
      role: 'request',
      flight: 'control',
      digest: digestChange,
      label: labelOf,
    },
    'raft-admin.transfer': {
      role: 'request',
      flight: 'control',
      digest: (m) => m.to,
      label: () => 'hand over the leadership',
    },
    'raft-admin.done': {
      role: 'reply',
      flight: 'response',
      digest: () => 1,
      label: () => 'done',
    },
  },
  errors: [
    {
      code: 'not-leader',
      definite: true,
      means: 'this server does not lead; the detail names the leader it knows of, if any',
    },
    {
      code: 'lost-leadership',
      definite: false,
      means: 'the server stopped leading while the change was under way',
    },
    {
      code: 'busy',
      definite: true,
      means: 'another change or transfer is under way, or nothing of this term is committed yet',
    },
    {
      code: 'not-possible',
      definite: true,
      means: 'there is no such change or transfer; the detail says why',
    },
    {
      code: 'too-slow',
      definite: true,
      means: 'the new member did not catch up, and learns on without a vote',
    },
    {
      code: 'transfer-aborted',
      definite: false,
      means: 'nobody took over within an election timeout; the target may yet stand',
    },
  ],
});
