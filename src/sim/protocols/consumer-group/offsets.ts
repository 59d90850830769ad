/**
 * Committed offsets: whoever is a member of the generation that the group is in may commit, and
 * anybody while it has no members; what is committed counts once it is replicated.
 *
 * Source: Apache Kafka 4.0, OffsetMetadataManager, ClassicGroup.validateOffsetCommit; KIP-447
 * Leaves out: the expiration of offsets (offsets.retention.minutes), and metadata of commits.
 */
import type {
  GroupCommit,
  GroupCommitted,
  GroupError,
  GroupFetchOffsets,
  GroupOffsets,
  GroupTxnCommit,
} from '../../contracts/group.ts';
import type { GroupFact } from './facts.ts';
import { armSession, refusalOf } from './roster.ts';
import { addOpen, recordOfOffset } from './records.ts';
import { groupOf } from './state.ts';
import type { ConsumerGroup } from './consumer-state.ts';
import type { Group, Step } from './state.ts';

/** It counts once it is written; whoever committed it hears when it is replicated. */
export function onCommit(at: Step, tag: number, request: GroupCommit): void {
  const { state, out } = at;
  const { offsets } = request;
  const group = committing(at, tag, request);
  if (group === null) return;
  const ticket = state.nextTicket++;
  state.promised.set(ticket, { for: 'commit', tag, group: group.id, offsets });
  const records = offsets.map((one) => recordOfOffset(group.id, one));
  out.push({ type: 'append', ticket, records });
}

/**
 * In a transaction: who is no member of this generation any more is refused, too, so that one
 * producer for each process is enough (KIP-447). From now on it is open where the group is.
 */
export function onTxnCommit(at: Step, tag: number, request: GroupTxnCommit): void {
  const { state, out } = at;
  const { offsets, producerId, producerEpoch } = request;
  const group = committing(at, tag, request);
  if (group === null) return;
  const ticket = state.nextTicket++;
  for (const one of offsets) {
    addOpen(state, producerId, { ...one, group: group.id, order: ticket });
  }
  state.promised.set(ticket, { for: 'commit', tag, group: group.id, offsets, producerId });
  const records = offsets.map((one) => recordOfOffset(group.id, one));
  const producer = { producerId, producerEpoch };
  out.push({ type: 'append', ticket, records, producer });
}

/** The group of whoever may commit, which is heard of by that; null: it is refused. */
function committing(at: Step, tag: number, request: GroupCommit | GroupTxnCommit): Group | null {
  const group = groupOf(at.state, request.group);
  const error = whyNot(at, group, request);
  if (error !== null) {
    const answer: GroupCommitted = { type: 'group.committed', error };
    at.out.push({ type: 'reply', tag, answer });
    return null;
  }
  const member = group.members.get(request.memberId);
  if (member !== undefined) armSession(at, group, member);
  return group;
}

function whyNot(
  { config }: Step,
  group: Group,
  request: GroupCommit | GroupTxnCommit,
): GroupError | null {
  if (!config.rules.generationCheck) return null;
  // A consumer without a group to speak of, which assigns partitions itself.
  const { consumer } = group;
  const isEmpty = group.phase === 'Empty' && (consumer?.members.size ?? 0) === 0;
  if (request.generation < 0 && isEmpty) return null;
  const isInTransaction = request.type === 'group.txn-commit';
  // Whoever does not say what it is a member of is asked nothing, as before KIP-447.
  if (isInTransaction && request.generation < 0 && request.memberId === '') return null;
  if (consumer !== undefined && consumer.members.size > 0) return staleError(consumer, request);
  const error = refusalOf(group, request);
  if (error !== null || isInTransaction) return error;
  return group.phase === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : null;
}

/** Of a group with the consumer protocol: whoever commits names the epoch that it is in. */
function staleError(
  { members }: ConsumerGroup,
  { memberId, generation }: GroupCommit | GroupTxnCommit,
): GroupError | null {
  const member = members.get(memberId);
  if (member === undefined) return 'UNKNOWN_MEMBER_ID';
  return member.epoch === generation ? null : 'STALE_MEMBER_EPOCH';
}

const UNKNOWN = { offset: -1, leaderEpoch: -1 } as const;

export function onFetchOffsets(at: Step, tag: number, request: GroupFetchOffsets): void {
  const mustWait = request.requireStable === true && at.config.rules.stableOffsets;
  if (mustWait && isUnstable(at, request)) {
    const fact: GroupFact = { type: 'group.offsets-unstable', group: request.group };
    at.out.push({ type: 'told', fact });
    const answer: GroupOffsets = {
      type: 'group.offsets',
      error: 'UNSTABLE_OFFSET_COMMIT',
      offsets: [],
    };
    at.out.push({ type: 'reply', tag, answer });
    return;
  }
  const known = at.state.groups.get(request.group)?.offsets;
  const offsets = request.partitions.map(
    (partition) => known?.get(partition) ?? { partition, ...UNKNOWN },
  );
  const answer: GroupOffsets = { type: 'group.offsets', error: null, offsets };
  at.out.push({ type: 'reply', tag, answer });
}

/** Whether a transaction that is open has offsets of the group in what is asked for. */
function isUnstable({ state }: Step, { group, partitions }: GroupFetchOffsets): boolean {
  return [...state.open.values()].some((offsets) =>
    offsets.some((one) => one.group === group && partitions.includes(one.partition)),
  );
}
