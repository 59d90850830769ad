/** What a shard of a transactional store tells: who waits, who aborts, how commits end. */
import type { FactTable } from '../../contracts/facts.ts';
import type { CommitFact } from '../../protocols/commit/state.ts';
import { plural } from '../../kernel/plural.ts';

export type TxnStoreFact =
  | CommitFact
  | { readonly type: 'txn.committed'; readonly txn: number; readonly shards: number }
  | {
      readonly type: 'txn.aborted';
      readonly txn: number;
      readonly code: string;
      readonly why: string;
    }
  | {
      readonly type: 'txn.waits';
      readonly txn: number;
      readonly on: readonly number[];
      readonly why: 'lock' | 'prepared';
    }
  | { readonly type: 'txn.deadlock'; readonly circle: readonly number[] };

const end = (commit: boolean): string => (commit ? 'commits' : 'aborts');

export const txnStoreFacts: FactTable<TxnStoreFact> = {
  'txn.committed': {
    weight: 'minor',
    sentence: (f) => `commits transaction ${f.txn}`,
  },
  'txn.aborted': {
    weight: 'minor',
    sentence: (f) => `aborts transaction ${f.txn} (${f.code}): ${f.why}`,
  },
  'txn.waits': {
    weight: 'minor',
    sentence: (f) =>
      f.why === 'lock'
        ? `lets transaction ${f.txn} wait for a lock of ${f.on.join(', ')}`
        : `lets transaction ${f.txn} wait until the fate of ${f.on.join(', ')} is known`,
  },
  'txn.deadlock': {
    weight: 'major',
    sentence: (f) => `finds a deadlock of transactions ${f.circle.join(', ')}, and aborts one`,
  },
  'commit.prepared': {
    weight: 'minor',
    sentence: (f) => `has voted yes for transaction ${f.txn}, and is bound by it`,
  },
  'commit.decided': {
    weight: 'minor',
    sentence: (f) =>
      `decides that transaction ${f.txn} ${end(f.commit)} on ${plural(f.shards, 'shard')}`,
  },
  'commit.blocked': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `does not know what has become of transaction ${f.txn}, and keeps its locks: it asks ` +
      nameOf(f.coordinator),
  },
  'commit.terminated': {
    weight: 'major',
    sentence: (f) => `${end(f.commit)} transaction ${f.txn} without its coordinator`,
  },
  'commit.took-over': {
    weight: 'major',
    sentence: (f) => `leads the commit of transaction ${f.txn} at ballot ${f.ballot}`,
  },
  'commit.split': {
    weight: 'major',
    sentence: (f) =>
      `learns that others did not do what it did: here transaction ${f.txn} ` +
      (f.commit ? 'committed' : 'aborted'),
  },
};
