/** The settings of a shard of a transactional store. */
import { word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { COMMIT_PROTOCOLS } from '../../protocols/commit/state.ts';
import { ISOLATION } from '../../protocols/isolation/levels.ts';
import { DEADLOCK_POLICIES } from '../../protocols/isolation/state.ts';

const NEEDS: readonly Need[] = [
  { settings: ['faultsTolerated'], any: [word('commitProtocol', 'paxos-commit')] },
];

export const txnStoreConfig = Type.Object(
  {
    isolation: field.choice(ISOLATION, {
      about:
        'What transactions may see of each other. repeatable-read locks what it reads (SQL ' +
        'Server); innodb-repeatable-read reads a snapshot and overwrites what is newer (MySQL); ' +
        'snapshot is what PostgreSQL calls repeatable read.',
      default: 'read-committed',
      source: 'PostgreSQL default_transaction_isolation; Hermitage',
    }),
    deadlocks: field.choice(DEADLOCK_POLICIES, {
      about:
        'What ends a circle of waits: looking for circles on each shard, aborting the younger of ' +
        'two (which also ends circles over several shards), or only the timeout.',
      default: 'detect',
      source: 'PostgreSQL and InnoDB detect; Spanner wounds',
    }),
    lockTimeoutMs: field.millis({
      about: 'How long a statement waits for a lock.',
      default: 50_000,
      min: 1,
      max: 3_600_000,
      source: 'InnoDB innodb_lock_wait_timeout: 50 s; PostgreSQL lock_timeout: none',
    }),
    commitProtocol: field.choice(COMMIT_PROTOCOLS, {
      about: 'How shards agree whether a transaction that touched several of them commits.',
      default: '2pc',
      source: 'Gray (1978); Skeen (1981); Gray and Lamport (2006)',
    }),
    faultsTolerated: field.count({
      about: 'F of Paxos Commit: the first 2F + 1 shards are its acceptors.',
      default: 1,
      max: 10,
      source: 'Gray and Lamport (TODS 2006)',
    }),
    voteTimeoutMs: field.millis({
      about: 'How long a coordinator waits for votes.',
      default: 500,
      min: 1,
      max: 600_000,
    }),
    inquireMs: field.millis({
      about:
        'After how long a shard that has voted yes and hears nothing asks, or ends its doubt as ' +
        'its protocol says; then again and again.',
      default: 1_500,
      min: 1,
      max: 600_000,
    }),
    clockUncertaintyMs: field.millis({
      about:
        'By how much a clock may be wrong, at most (epsilon of TrueTime): commits are stamped so ' +
        'much later than the clock, and wait until that is past by every clock. 0: no waiting.',
      default: 0,
      max: 10_000,
      source: 'Spanner (OSDI 2012), 3: 1 to 7 ms',
    }),
    statementTimeoutMs: field.millis({
      about: 'How long a shard waits for another one to do a statement.',
      default: 60_000,
      min: 1,
      max: 3_600_000,
    }),
    idleInTransactionSessionTimeoutMs: field.millis({
      about: 'A transaction whose client says nothing for so long is aborted.',
      default: 10_000,
      min: 1,
      max: 3_600_000,
      source: 'PostgreSQL idle_in_transaction_session_timeout (off by default)',
    }),
    keepVersionsMs: field.millis({
      about: 'How long old versions are kept; a snapshot that is older than that is refused.',
      default: 60_000,
      min: 1,
      max: 3_600_000,
      source: 'Oracle UNDO_RETENTION; old_snapshot_threshold of PostgreSQL up to 16',
    }),
    rows: Type.Array(
      Type.Object(
        {
          key: Type.String({ minLength: 1, default: 'x', description: 'Its key.' }),
          value: Type.Number({ default: 0, description: 'Its value.' }),
        },
        { additionalProperties: false },
      ),
      { default: [], description: 'Rows that are there from the start, each on its shard.' },
    ),
  },
  { additionalProperties: false, needs: NEEDS },
);
export type TxnStoreConfig = Static<typeof txnStoreConfig>;
