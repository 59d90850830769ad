/**
 * The rules of a quorum store that can be switched off, one by one, to see what each is for.
 *
 * `QUORUM_RULES` is what a person reads and what `--off` names; `QuorumRules` is the same set as
 * booleans, resolved once when a node is built.
 */

export type QuorumAblation =
  | 'quorum.read-repair-writeback'
  | 'quorum.hinted-handoff'
  | 'quorum.tombstones'
  | 'quorum.gc-grace'
  | 'quorum.hint-expiry'
  | 'quorum.idempotent-merge'
  | 'quorum.version-vectors'
  | 'quorum.replica-coordinates'
  | 'quorum.actor-epoch'
  | 'quorum.persist-before-reply';

export interface QuorumRule {
  readonly id: QuorumAblation;
  /** What the rule says, in one sentence. */
  readonly rule: string;
  /** What can be observed once it is off. */
  readonly breaks: string;
  readonly source: string;
}

export const QUORUM_RULES: readonly QuorumRule[] = [
  {
    id: 'quorum.read-repair-writeback',
    rule: 'A blocking read answers only after the replicas that were behind have what it returns.',
    breaks: 'Atomicity: a read may return an older value than a read that ended before it began.',
    source: 'Attiya, Bar-Noy & Dolev (1995); Cassandra read_repair = BLOCKING',
  },
  {
    id: 'quorum.hinted-handoff',
    rule: 'A write that a replica missed is kept as a hint and handed over when it is back.',
    breaks: 'Convergence: a replica that was down stays behind until it is repaired otherwise.',
    source: 'Dynamo 4.6; Cassandra hinted_handoff_enabled',
  },
  {
    id: 'quorum.tombstones',
    rule: 'A delete leaves a tombstone that wins over what it deleted.',
    breaks: 'A deleted key comes back from a replica that missed the delete.',
    source: 'Cassandra, deletes and tombstones',
  },
  {
    id: 'quorum.gc-grace',
    rule: 'A tombstone is dropped no earlier than gc_grace after the delete.',
    breaks: 'A deleted key comes back from a replica that missed the delete for a short while.',
    source: 'Cassandra gc_grace_seconds',
  },
  {
    id: 'quorum.hint-expiry',
    rule: 'A hint older than gc_grace is not handed over any more.',
    breaks: 'An old write returns after the tombstone that deleted it was dropped.',
    source: 'Cassandra, the time to live of hints',
  },
  {
    id: 'quorum.idempotent-merge',
    rule: 'Merging a replicated data type with what is already in it changes nothing.',
    breaks: 'A counter counts twice what a message that came twice, or a repair, brought.',
    source: 'Shapiro et al., INRIA 7506 (2011), definition 2.5',
  },
  {
    id: 'quorum.version-vectors',
    rule: 'Of two versions one replaces the other only if it has seen it; else both stay.',
    breaks: 'One of two concurrent acknowledged writes is lost, and replicas may disagree.',
    source: 'Dynamo 4.4; Preguica et al., Dotted Version Vectors (2010)',
  },
  {
    id: 'quorum.replica-coordinates',
    rule: 'A write that makes a dot is coordinated by a replica of its key, which keeps it.',
    breaks: 'A coordinator that does not know its earlier dots gives one twice: a write is lost.',
    source: 'Dynamo 4.3 and 5',
  },
  {
    id: 'quorum.actor-epoch',
    rule: 'Each life of a replica makes dots under a name of its own.',
    breaks: 'After a crash without fsync a dot is made twice, and one of the writes is lost.',
    source: 'Riak, key epochs of virtual nodes',
  },
  {
    id: 'quorum.persist-before-reply',
    rule: 'With commitLogSync batch a replica acknowledges a write once it is on disk.',
    breaks: 'Durability: a crash of all replicas loses a write that was acknowledged.',
    source: 'Cassandra commitlog_sync: batch',
  },
];

export interface QuorumRules {
  readonly writeback: boolean;
  readonly hintedHandoff: boolean;
  readonly tombstones: boolean;
  readonly gcGrace: boolean;
  readonly hintExpiry: boolean;
  readonly idempotentMerge: boolean;
  readonly versionVectors: boolean;
  readonly replicaCoordinates: boolean;
  readonly actorEpoch: boolean;
  readonly persistBeforeReply: boolean;
}

export function resolveRules(off: ReadonlySet<QuorumAblation>): QuorumRules {
  return Object.freeze({
    writeback: !off.has('quorum.read-repair-writeback'),
    hintedHandoff: !off.has('quorum.hinted-handoff'),
    tombstones: !off.has('quorum.tombstones'),
    gcGrace: !off.has('quorum.gc-grace'),
    hintExpiry: !off.has('quorum.hint-expiry'),
    idempotentMerge: !off.has('quorum.idempotent-merge'),
    versionVectors: !off.has('quorum.version-vectors'),
    replicaCoordinates: !off.has('quorum.replica-coordinates'),
    actorEpoch: !off.has('quorum.actor-epoch'),
    persistBeforeReply: !off.has('quorum.persist-before-reply'),
  });
}
