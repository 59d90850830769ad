/** What a shard has on disk: its rows as committed, and what it promised. */
import type { Fate } from '../../contracts/txn-commit.ts';
import type { Stamp, TxnValue } from '../../contracts/txn.ts';
import type { Accepting, CommitRecord } from './state.ts';
import { remember } from './state.ts';

export interface StoredRow {
  readonly value: TxnValue;
  readonly at: Stamp;
  readonly writer: number;
}
type RecordOf<T extends CommitRecord['type']> = Extract<CommitRecord, { readonly type: T }>;

export interface TxnDisk {
  readonly rows: Map<string, StoredRow>;
  readonly prepared: Map<number, RecordOf<'prepared'>>;
  readonly precommitted: Map<number, Fate>;
  readonly decided: Map<number, RecordOf<'decided'>>;
  readonly outcomes: Map<number, Fate>;
  readonly accepting: Map<number, Accepting>;
}

export const createTxnDisk = (): TxnDisk => ({
  rows: new Map(),
  prepared: new Map(),
  precommitted: new Map(),
  decided: new Map(),
  outcomes: new Map(),
  accepting: new Map(),
});

export const cloneTxnDisk = (disk: TxnDisk): TxnDisk => ({
  rows: new Map(disk.rows),
  prepared: new Map(disk.prepared),
  precommitted: new Map(disk.precommitted),
  decided: new Map(disk.decided),
  outcomes: new Map(disk.outcomes),
  accepting: cloneAccepting(disk.accepting),
});

export const cloneAccepting = (accepting: ReadonlyMap<number, Accepting>): Map<number, Accepting> =>
  new Map(
    [...accepting].map(([txn, { promised, votes }]) => [txn, { promised, votes: new Map(votes) }]),
  );

export function applyCommitRecord(disk: TxnDisk, record: CommitRecord): void {
  const { txn } = record;
  switch (record.type) {
    case 'prepared':
      disk.prepared.set(txn, record);
      return;
    case 'precommitted':
      disk.precommitted.set(txn, record.fate);
      return;
    case 'decided':
      disk.decided.set(txn, record);
      return;
    case 'ended':
      disk.decided.delete(txn);
      return;
    case 'outcome':
      return applyOutcome(disk, record);
    case 'promised':
      acceptorOn(disk.accepting, txn).promised = record.ballot;
      return;
    case 'accepted':
      return applyAccepted(disk.accepting, record);
    case 'forgotten':
      disk.accepting.delete(txn);
      remember(disk.outcomes, txn, record.fate);
  }
}

function applyOutcome(disk: TxnDisk, { txn, fate, writes }: RecordOf<'outcome'>): void {
  disk.prepared.delete(txn);
  disk.precommitted.delete(txn);
  remember(disk.outcomes, txn, fate);
  if (!fate.commit) return;
  for (const { key, value } of writes) disk.rows.set(key, { value, at: fate.at, writer: txn });
}

export function acceptorOn(accepting: Map<number, Accepting>, txn: number): Accepting {
  const known = accepting.get(txn);
  if (known !== undefined) return known;
  const fresh: Accepting = { promised: 0, votes: new Map() };
  accepting.set(txn, fresh);
  return fresh;
}

export function applyAccepted(
  accepting: Map<number, Accepting>,
  { txn, ballot, votes }: RecordOf<'accepted'>,
): void {
  const acceptor = acceptorOn(accepting, txn);
  acceptor.promised = Math.max(acceptor.promised, ballot);
  for (const [participant, vote] of votes) {
    acceptor.votes.set(participant, Object.freeze({ ballot, vote }));
  }
}
