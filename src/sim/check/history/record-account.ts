/**
 * What became of the records that producers sent to a partitioned log, counted in the end.
 *
 * Of each partition the leader's log is what counts. An acknowledged record that is not in it is
 * lost, unless retention has deleted it; one that is in it twice is duplicated; one that stands
 * behind a record that its producer sent later is out of order. What a later record of its key has
 * replaced in a compacted log has expired, too; tombstones are not counted. Where two replicas hold
 * different records at one offset, they have diverged there.
 *
 * Source: the accounting of KIP-101 and of Jepsen's kafka workload
 */
import type { RecordValue } from '../../contracts/record-batch.ts';
import type { Op } from '../../observe/history.ts';
import { actorOf, callTime } from './result.ts';

interface PlacedRecord {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly key?: string | null;
  readonly value: RecordValue;
  /** Of a transaction that was aborted: it stays in the log, for nobody to read. */
  readonly isAborted?: boolean;
}

/** The log of one replica, without markers. */
export interface ReplicaLog {
  readonly broker: string;
  /** Records before this offset were deleted by retention. */
  readonly start: number;
  /** Compaction has been before this one; absent: nowhere. */
  readonly cleanedTo?: number;
  readonly records: readonly PlacedRecord[];
}

export interface PartitionLogs {
  readonly name: string;
  readonly partition: number;
  readonly leader: ReplicaLog;
  readonly followers: readonly ReplicaLog[];
}

/** Something that should not be, and the operations that show it. */
interface RecordFinding {
  readonly why: string;
  readonly ops: readonly number[];
}

export interface RecordAccount {
  readonly acknowledged: number;
  /** Of those: deleted by retention. */
  readonly expired: number;
  /** Of those that nobody knows of, or that surely failed: in the log all the same. */
  readonly recovered: number;
  readonly lost: readonly RecordFinding[];
  readonly duplicated: readonly RecordFinding[];
  readonly reordered: readonly RecordFinding[];
  readonly diverged: readonly RecordFinding[];
  /** Surely not written, and there; or there, and nobody sent it. */
  readonly refuted: readonly RecordFinding[];
}

type Sent = { readonly partition: number; readonly offset: number };

export function accountRecords(all: readonly Op[], logs: readonly PartitionLogs[]): RecordAccount {
  const account = {
    lost: [] as RecordFinding[],
    duplicated: [] as RecordFinding[],
    reordered: [] as RecordFinding[],
    refuted: [] as RecordFinding[],
  };
  const sends = all.filter(({ input }) => input !== null);
  const byValue = new Map(sends.map((op) => [op.input as RecordValue, op]));
  const there = new Set<RecordValue>();
  for (const { name, leader } of logs) {
    const lastOf = new Map<string, Op>();
    for (const { value, offset, isAborted = false } of leader.records) {
      if (value === null) continue;
      const op = byValue.get(value);
      const place = `${name} at offset ${offset}`;
      if (op === undefined) {
        account.refuted.push({ why: `Nobody sent what is in ${place}.`, ops: [] });
        continue;
      }
      if (isAborted && op.outcome !== 'ok') continue;
      const what = recordOf(op);
      const ops = [op.id];
      if (op.outcome === 'fail') {
        account.refuted.push({ why: `${what} surely failed and is in ${place}.`, ops });
      }
      if (there.has(value)) {
        account.duplicated.push({ why: `${what} is written a second time, in ${place}.`, ops });
        continue;
      }
      there.add(value);
      const before = lastOf.get(actorOf(op));
      if (before !== undefined && before.call > op.call) {
        const why = `${what} is in ${place}, behind ${recordOf(before)}, which was sent later.`;
        account.reordered.push({ why, ops: [op.id, before.id] });
      } else lastOf.set(actorOf(op), op);
    }
  }
  const acknowledged = sends.filter(({ outcome }) => outcome === 'ok');
  const leaders = new Map(logs.map(({ partition, leader }) => [partition, leader]));
  let expired = 0;
  for (const op of acknowledged) {
    if (there.has(op.input as RecordValue)) continue;
    const { partition, offset } = op.output as Sent;
    const leader = leaders.get(partition);
    if (leader === undefined) continue;
    if (offset >= 0 && (offset < leader.start || isReplaced(op, offset, leader))) expired += 1;
    else account.lost.push({ why: lossOf(op, logs), ops: [op.id] });
  }
  const recovered = sends.filter(
    ({ outcome, input }) => outcome !== 'ok' && there.has(input as RecordValue),
  ).length;
  const diverged = logs.flatMap(divergences);
  return { acknowledged: acknowledged.length, expired, recovered, diverged, ...account };
}

/** Whether compaction was right to drop what stood at the offset. */
function isReplaced({ key }: Op, offset: number, { cleanedTo = 0, records }: ReplicaLog): boolean {
  if (offset >= cleanedTo || key === undefined) return false;
  return records.some((record) => record.key === key && record.offset > offset);
}

const recordOf = (op: Op): string => `Record ${String(op.input)} of ${actorOf(op)}`;

function lossOf(op: Op, logs: readonly PartitionLogs[]): string {
  const { partition, offset } = op.output as Sent;
  const of = logs.find((one) => one.partition === partition);
  const where = of === undefined ? `partition ${partition}` : of.name;
  const what = `${recordOf(op)} was acknowledged (sent at ${callTime(op)}`;
  if (offset < 0) return `${what}) and is not in ${where}.`;
  const instead = of?.leader.records.find((record) => record.offset === offset);
  const now =
    instead === undefined ? 'nothing is there now' : `${String(instead.value)} is there now`;
  return `${what}, ${where} at offset ${offset}) and is lost: ${now}.`;
}

/** One for each offset of a follower at which it holds another record than the leader. */
function divergences({ name, leader, followers }: PartitionLogs): RecordFinding[] {
  const at = new Map(leader.records.map((record) => [record.offset, record]));
  return followers.flatMap(({ broker, records }) =>
    records.flatMap((record) => {
      const other = at.get(record.offset);
      if (other === undefined) return [];
      if (other.value === record.value && other.leaderEpoch === record.leaderEpoch) return [];
      const why =
        `${name} at offset ${record.offset}: ${broker} holds ${String(record.value)} of epoch ` +
        `${record.leaderEpoch}, its leader ${leader.broker} ${String(other.value)} of epoch ` +
        `${other.leaderEpoch}.`;
      return [{ why, ops: [] }];
    }),
  );
}
