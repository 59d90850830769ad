/**
 * The conversation between the replicas of a quorum store: what is held for a key, and the
 * messages that carry it.
 *
 * Messages are plain, immutable data: a cell is shared by messages, stores and checkpoints.
 * Source: DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store" (SOSP 2007), 4.3 to
 * 4.7; Cassandra's MUTATION, READ, HINT and validation messages.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';
import type { ActorCounts, ActorId, CrdtState } from './crdt.ts';
import type { KvMessage, KvReply, KvValue } from './kv.ts';
import type { PeerId } from './raft.ts';

/** One value of a key; a null value is a tombstone. */
export interface QuorumVersion {
  readonly value: KvValue;
  /** By the clock of the coordinator that made it. */
  readonly wallMicros: number;
  /**
   * With `count` its dot: which write of which actor it is. Where the last write wins, `count` is
   * what a hybrid clock tells the stamps of one microsecond apart by, and 0 of a physical one.
   */
  readonly actor: ActorId;
  readonly count: number;
}

/** What a replica holds for a key. */
export interface QuorumCell {
  /** Every dot that this cell has seen; empty where the last write wins. */
  readonly context: ActorCounts;
  /** Sorted by dot: one, or concurrent siblings. */
  readonly versions: readonly QuorumVersion[];
  /** Instead of versions, where keys hold a replicated data type. */
  readonly crdt: CrdtState | null;
}

export interface QuorumWrite {
  readonly type: 'quorum.write';
  readonly id: number;
  readonly key: string;
  readonly cell: QuorumCell;
  /** Keep it for this replica, which cannot be reached. */
  readonly hintFor: PeerId | null;
}
export interface QuorumWritten {
  readonly type: 'quorum.written';
  readonly id: number;
}
export interface QuorumRead {
  readonly type: 'quorum.read';
  readonly id: number;
  readonly key: string;
}
export interface QuorumHeld {
  readonly type: 'quorum.held';
  readonly id: number;
  readonly cell: QuorumCell | null;
}
/** A request for a replica of its key, from a coordinator that is none (Dynamo 4.3). */
export interface QuorumForward {
  readonly type: 'quorum.forward';
  readonly id: number;
  readonly request: Extract<KvMessage, { readonly type: 'kv.put' | 'kv.update' }>;
}
export interface QuorumForwarded {
  readonly type: 'quorum.forwarded';
  readonly id: number;
  /** The reply for the client, or the code of an error. */
  readonly reply: KvReply | string;
}
export interface QuorumPing {
  readonly type: 'quorum.ping';
}
export interface QuorumPong {
  readonly type: 'quorum.pong';
}
/** Hashes of places of one level of a Merkle tree: 1 is the root, 2i and 2i+1 are below i. */
export interface QuorumTree {
  readonly type: 'quorum.tree';
  readonly session: number;
  readonly places: readonly number[];
  readonly hashes: readonly number[];
}
/** Those of the places whose hashes differ. */
export interface QuorumTreeReply {
  readonly type: 'quorum.tree-reply';
  readonly session: number;
  readonly differing: readonly number[];
}
/** All that the sender holds in leaves that differ. */
export interface QuorumRange {
  readonly type: 'quorum.range';
  readonly session: number;
  readonly leaves: readonly number[];
  readonly cells: readonly (readonly [key: string, cell: QuorumCell])[];
  /** The other side answers with what it holds. */
  readonly wantsReply: boolean;
}

export type QuorumMessage =
  | QuorumWrite
  | QuorumWritten
  | QuorumRead
  | QuorumHeld
  | QuorumForward
  | QuorumForwarded
  | QuorumPing
  | QuorumPong
  | QuorumTree
  | QuorumTreeReply
  | QuorumRange;

function mix(a: number, b: number): number {
  const h = Math.imul(a ^ (b >>> 15), 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  return h ^ (h >>> 13);
}

const ofValue = (value: KvValue): number =>
  typeof value === 'number' ? value | 0 : value === null ? -1 : hashText(value);

function ofCounts(counts: ActorCounts): number {
  let h = counts.length;
  for (const [actor, count] of counts) h = mix(h, mix(actor, count));
  return h;
}

function ofCrdt(state: CrdtState): number {
  switch (state.kind) {
    case 'g-counter':
      return ofCounts(state.counts);
    case 'pn-counter':
      return mix(ofCounts(state.up), ofCounts(state.down));
    case 'lww-register':
      return mix(mix(ofValue(state.value), state.wallMicros), state.actor);
    case 'or-set': {
      let h = ofCounts(state.context);
      for (const { element, dots } of state.elements)
        h = mix(h, mix(ofValue(element), ofCounts(dots)));
      return h;
    }
  }
}

/** A 32-bit word for the content of a cell: for the trace and for Merkle trees. */
export function digestOfCell(cell: QuorumCell | null): number {
  if (cell === null) return 0;
  let h = mix(1, ofCounts(cell.context));
  for (const version of cell.versions) {
    const dot = mix(version.actor, version.count);
    h = mix(h, mix(mix(ofValue(version.value), version.wallMicros), dot));
  }
  return cell.crdt === null ? h : mix(h, ofCrdt(cell.crdt));
}

function digestOfList(numbers: readonly number[]): number {
  let h = numbers.length;
  for (const n of numbers) h = mix(h, n);
  return h;
}

const say = (cell: QuorumCell | null): string => {
  if (cell === null) return 'nothing';
  if (cell.crdt !== null) return `a ${cell.crdt.kind}`;
  const values = cell.versions.map((v) => (v.value === null ? 'a tombstone' : String(v.value)));
  return values.join(' beside ');
};

export const quorum = defineContract<QuorumMessage>({
  name: 'quorum',
  about: 'The replicas of a quorum store write, read, repair and compare what they hold.',
  source: 'Dynamo (SOSP 2007) 4.3 to 4.7; Cassandra',
  messages: {
    'quorum.write': {
      role: 'notice',
      flight: 'replication',
      digest: (m) =>
        mix(
          mix(m.id, hashText(m.key)),
          mix(digestOfCell(m.cell), m.hintFor === null ? -1 : m.hintFor),
        ),
      label: (m) =>
        m.hintFor === null
          ? `${m.key} = ${say(m.cell)}`
          : `keep ${m.key} = ${say(m.cell)} for another`,
    },
    'quorum.written': {
      role: 'notice',
      flight: 'acknowledgement',
      digest: (m) => m.id | 0,
      label: () => 'written',
    },
    'quorum.read': {
      role: 'notice',
      flight: 'request',
      digest: (m) => mix(m.id, hashText(m.key)),
      label: (m) => `what is ${m.key}?`,
    },
    'quorum.held': {
      role: 'notice',
      flight: 'response',
      digest: (m) => mix(m.id, digestOfCell(m.cell)),
      label: (m) => `holds ${say(m.cell)}`,
    },
    'quorum.forward': {
      role: 'notice',
      flight: 'request',
      digest: (m) => mix(m.id, hashText(m.request.key)),
      label: (m) => `coordinate a write of ${m.request.key}`,
    },
    'quorum.forwarded': {
      role: 'notice',
      flight: 'response',
      digest: (m) => mix(m.id, typeof m.reply === 'string' ? hashText(m.reply) : 1),
      label: (m) => (typeof m.reply === 'string' ? m.reply : 'done'),
    },
    'quorum.ping': {
      role: 'notice',
      flight: 'heartbeat',
      digest: () => 1,
      label: () => 'are you there?',
    },
    'quorum.pong': {
      role: 'notice',
      flight: 'heartbeat',
      digest: () => 2,
      label: () => 'here',
    },
    'quorum.tree': {
      role: 'notice',
      flight: 'control',
      digest: (m) => mix(m.session, mix(digestOfList(m.places), digestOfList(m.hashes))),
      label: (m) => `${plural(m.places.length, 'hash', 'hashes')} of a Merkle tree`,
    },
    'quorum.tree-reply': {
      role: 'notice',
      flight: 'control',
      digest: (m) => mix(m.session, digestOfList(m.differing)),
      label: (m) => (m.differing.length === 0 ? 'the same here' : `${m.differing.length} differ`),
    },
    'quorum.range': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => {
        let h = mix(m.session, digestOfList(m.leaves));
        for (const [key, cell] of m.cells) h = mix(h, mix(hashText(key), digestOfCell(cell)));
        return h;
      },
      label: (m) => `${plural(m.cells.length, 'key')} of ranges that differ`,
    },
  },
  errors: [],
});
