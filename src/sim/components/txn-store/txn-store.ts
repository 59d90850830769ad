/**
 * A shard of a transactional store: rows in versions, locks, and its part in atomic commitment.
 *
 * Invariants: those of `protocols/isolation` and `protocols/commit`; each request
 * of a client is answered once, as long as this shard lives.
 *
 * Sources: PostgreSQL 17, chapter 13; Clock-SI (SRDS 2013); Spanner (OSDI 2012); Gray and Lamport,
 * Consensus on Transaction Commit (TODS 2006)
 */
import { ScenarioError } from '../../kernel/errors.ts';
import { txn } from '../../contracts/txn.ts';
import type { TxnRequest } from '../../contracts/txn.ts';
import { txnCommit } from '../../contracts/txn-commit.ts';
import type {
  CommitNotice,
  ShardAbort,
  ShardStatement,
  ShardStruck,
} from '../../contracts/txn-commit.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import { applyCommitRecord, cloneTxnDisk, createTxnDisk } from '../../protocols/commit/disk.ts';
import type { TxnDisk } from '../../protocols/commit/disk.ts';
import { COMMIT_RULES } from '../../protocols/commit/rules.ts';
import type { CommitRecord, CommitTimer } from '../../protocols/commit/state.ts';
import { LOCKING_RULES } from '../../protocols/isolation/locking-rules.ts';
import { MVCC_RULES } from '../../protocols/isolation/mvcc-rules.ts';
import { txnStoreConfig } from './config.ts';
import type { TxnStoreConfig } from './config.ts';
import { txnStoreFacts } from './facts.ts';
import type { TxnStoreFact } from './facts.ts';
import { ruleNeeds } from './rule-needs.ts';
import { GATEWAY, abortAsked, begin, commit, onAway, onIdle, statement } from './gateway.ts';
import { abortHere, feedCommit, lockTimedOut, orphaned, statementAsked } from './shard.ts';
import { GAUGES, viewOf } from './show.ts';
import type { TxnStoreView } from './show.ts';
import { startState } from './state.ts';
import type { Ctx, TxnStoreState } from './state.ts';

type Handled = TxnRequest | ShardStatement | ShardAbort | ShardStruck | CommitNotice;

const receive = (state: TxnStoreState, ctx: Ctx, message: CommitNotice, from: NodeIndex): void =>
  feedCommit(state, ctx, GATEWAY, { type: 'message', from, message });

export const txnStore = defineBehaviour<
  TxnStoreState,
  TxnStoreConfig,
  Handled,
  TxnStoreView,
  TxnStoreFact,
  TxnDisk,
  CommitRecord
>({
  component: 'txn-store',
  about: 'A shard of a transactional store: isolation levels, and commits over several shards.',
  source: 'PostgreSQL 17, 13; Hermitage; Clock-SI; Spanner (OSDI 2012); Gray and Lamport (2006)',
  leavesOut: [
    'Replicas of a shard: a shard that is down is down, until it comes back with its disk.',
    'SQL: a row is a key with a number or a list, a predicate is a prefix of keys.',
    'Time on the processor; tables, indexes, foreign keys and constraints.',
    'Detection of circles of waits over several shards: wound-wait or the timeout ends them.',
    'One-phase commit at a single remote shard: it is asked to prepare, like many.',
  ],
  badge: 'TX',
  serves: [txn, txnCommit],
  countMax: 60,
  links: {},
  config: txnStoreConfig,
  facts: txnStoreFacts,
  rules: [...MVCC_RULES, ...LOCKING_RULES, ...COMMIT_RULES].map(({ id }) => id),
  ruleNeeds,
  roleNames: {
    shard: 'Keeps rows, and knows the fate of all transactions on them.',
    'in-doubt': 'Has voted yes for a transaction, and does not know its fate.',
  },
  durable: {
    empty: createTxnDisk,
    apply: applyCommitRecord,
    save: cloneTxnDisk,
    restore: (image) => cloneTxnDisk(image as TxnDisk),
  },
  check(config, group) {
    const acceptors = 2 * config.faultsTolerated + 1;
    if (config.commitProtocol !== 'paxos-commit' || acceptors <= group.count) return;
    throw new ScenarioError(
      `Paxos Commit with F = ${config.faultsTolerated} needs ${acceptors} acceptors, and the ` +
        `group has ${group.count} shards.`,
      {
        path: `${group.path}/config/faultsTolerated`,
        hint: 'Raise the count of the group, or lower faultsTolerated.',
      },
    );
  },
  gauges: GAUGES,
  start(ctx) {
    const state = startState(ctx);
    feedCommit(state, ctx, GATEWAY, { type: 'restart' });
    return state;
  },
  on: {
    'txn.begin': (state, ctx, message, _from, call) => begin(state, ctx, message, call),
    'txn.statement': (state, ctx, message, _from, call) => statement(state, ctx, message, call),
    'txn.commit': (state, ctx, message, _from, call) => commit(state, ctx, message, call),
    'txn.abort': (state, ctx, message, _from, call) => abortAsked(state, ctx, message.txn, call),
    'shard.statement': (state, ctx, message, _from, call) =>
      statementAsked(state, ctx, GATEWAY, message, call),
    'shard.abort': (state, ctx, message) => abortHere(state, ctx, GATEWAY, message.txn),
    'shard.struck': (state, ctx, message) => GATEWAY.struck(state, ctx, message.txn, message),
    'commit.prepare': receive,
    'commit.vote': receive,
    'commit.decide': receive,
    'commit.done': receive,
    'commit.inquire': receive,
    'commit.precommit': receive,
    'commit.precommitted': receive,
    'commit.state': receive,
    'commit.accept': receive,
    'commit.accepted': receive,
    'commit.ask-promise': receive,
    'commit.promise': receive,
    'commit.forget': receive,
  },
  onTimer(state, ctx, kind, key) {
    if (kind === 'lock') return lockTimedOut(state, ctx, GATEWAY, key);
    if (kind === 'idle') return onIdle(state, ctx, key);
    if (kind === 'orphan') return orphaned(state, ctx, GATEWAY, key);
    feedCommit(state, ctx, GATEWAY, { type: 'timer', timer: kind as CommitTimer, txn: key });
  },
  onResult: onAway,
  onSynced: (state, ctx, ticket) => feedCommit(state, ctx, GATEWAY, { type: 'persisted', ticket }),
  roles: ({ commit: { participating } }) => [participating.size > 0 ? 'in-doubt' : 'shard'],
  view: viewOf,
});
