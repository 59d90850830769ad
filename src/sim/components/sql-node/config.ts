/** What a server of a replicated SQL-like store may be told: PostgreSQL, MySQL and Patroni. */
import { linked, over, word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import type { Distribution } from '../../policies/distribution.ts';
import { COMMIT_LEVELS, REPLICATION_MODES } from '../../protocols/primary-replica/config.ts';

const DAY_MS = 86_400_000;

const NEEDS: readonly Need[] = [
  { settings: ['walWriterDelayMs'], any: [word('synchronousCommit', 'off')] },
  {
    settings: ['synchronousMethod', 'synchronousCount'],
    any: [word('replication', 'synchronous')],
  },
  {
    settings: [
      'rplSemiSyncSourceTimeoutMs',
      'rplSemiSyncSourceWaitForReplicaCount',
      'rplSemiSyncSourceWaitPoint',
      'rplSemiSyncSourceWaitNoReplica',
    ],
    any: [word('replication', 'semi-synchronous')],
  },
  { settings: ['minReplicasMaxLagMs'], any: [over('minReplicasToWrite')] },
  { settings: ['tokenTimeoutMs'], any: [word('tokenPolicy', 'wait')] },
  {
    settings: [
      'loopWaitMs',
      'retryTimeoutMs',
      'maximumLagOnFailoverBytes',
      'primaryStartTimeoutMs',
      'watchdogMode',
      'watchdogSafetyMarginMs',
      'healthTimeoutMs',
    ],
    any: [linked('dcs')],
  },
  { settings: ['watchdogSafetyMarginMs'], any: [word('watchdogMode', 'automatic')] },
  {
    settings: ['synchronousModeStrict', 'synchronousNodeCount'],
    any: [word('synchronousMode', true)],
  },
];

/** How writes are replicated, and when they are answered. */
const replicationFields = {
  replication: field.choice(REPLICATION_MODES, {
    about: 'Whom a write waits for: the primary alone, replicas for a while, or standbys for ever.',
    default: 'asynchronous',
    source: 'PostgreSQL and MySQL: asynchronous unless it is configured',
  }),
  synchronousCommit: field.choice(COMMIT_LEVELS, {
    about:
      'What has happened when a write is answered: nothing yet, on the own disk, received by the ' +
      'standbys, on their disks, or applied there.',
    default: 'on',
    source: 'PostgreSQL synchronous_commit',
  }),
  walWriterDelayMs: field.millis({
    about: 'With synchronousCommit off: how often the log is brought to disk.',
    default: 200,
    min: 1,
    max: 10_000,
    source: 'PostgreSQL wal_writer_delay',
  }),
  synchronousMethod: field.choice(['FIRST', 'ANY'], {
    about: 'Of synchronous replication: the first so many that are connected, or any so many.',
    default: 'FIRST',
    source: 'PostgreSQL synchronous_standby_names, all standbys named in their order',
  }),
  synchronousCount: field.count({
    about: 'Of synchronous replication: for how many standbys a write waits.',
    default: 1,
    min: 1,
    max: 98,
    source: 'PostgreSQL synchronous_standby_names',
  }),
  walSenderTimeoutMs: field.millis({
    about: 'A standby that was not heard for so long counts as disconnected.',
    default: 60_000,
    min: 1,
    max: DAY_MS,
    source: 'PostgreSQL wal_sender_timeout: 60 s',
  }),
  minReplicasToWrite: field.count({
    about:
      'A primary takes no write unless it has heard so many replicas lately; 0: it always does.',
    default: 0,
    max: 98,
    source: 'Redis min-replicas-to-write: 0',
  }),
  minReplicasMaxLagMs: field.millis({
    about: 'How lately that is.',
    default: 10_000,
    min: 1,
    max: DAY_MS,
    source: 'Redis min-replicas-max-lag: 10 s',
  }),
  rplSemiSyncSourceTimeoutMs: field.millis({
    about: 'Semi-synchronous: a write that waited so long turns it off, until replicas catch up.',
    default: 10_000,
    min: 1,
    max: DAY_MS,
    source: 'MySQL rpl_semi_sync_source_timeout: 10 s',
  }),
  rplSemiSyncSourceWaitForReplicaCount: field.count({
    about: 'Semi-synchronous: how many replicas must have a write on disk.',
    default: 1,
    min: 1,
    max: 98,
    source: 'MySQL rpl_semi_sync_source_wait_for_replica_count',
  }),
  rplSemiSyncSourceWaitPoint: field.choice(['AFTER_SYNC', 'AFTER_COMMIT'], {
    about: 'Whether others see a write only when replicas have it, or while it still waits.',
    default: 'AFTER_SYNC',
    source: 'MySQL rpl_semi_sync_source_wait_point',
  }),
  rplSemiSyncSourceWaitNoReplica: field.flag({
    about: 'Wait for the whole timeout although fewer replicas are connected than must answer.',
    default: true,
    source: 'MySQL rpl_semi_sync_source_wait_no_replica',
  }),
};

/** What a standby does. */
const standbyFields = {
  walReceiverStatusIntervalMs: field.millis({
    about: 'How often a standby says what it has at the least; what was lost is sent again then.',
    default: 1_000,
    min: 1,
    max: 3_600_000,
    source: 'PostgreSQL wal_receiver_status_interval (10 s there, over a lossless stream)',
  }),
  hotStandby: field.flag({
    about: 'A standby answers reads.',
    default: true,
    source: 'PostgreSQL hot_standby',
  }),
  replayTime: Type.Unsafe<Distribution>(
    Type.Any({
      description: 'What it costs a standby to apply one write; one applier applies them all.',
      default: { kind: 'constant', ms: 0 },
      shape: 'distribution',
    }),
  ),
  recoveryMinApplyDelayMs: field.millis({
    about: 'A standby holds every write back for so long.',
    default: 0,
    max: DAY_MS,
    source: 'PostgreSQL recovery_min_apply_delay',
  }),
  tokenPolicy: field.choice(['wait', 'redirect'], {
    about: 'What a standby does with a read that names a position it has not applied yet.',
    default: 'wait',
    source: 'MySQL WAIT_FOR_EXECUTED_GTID_SET; proxies that go to the primary instead',
  }),
  tokenTimeoutMs: field.millis({
    about: 'How long such a read waits before it is sent to the primary.',
    default: 1_000,
    min: 1,
    max: 3_600_000,
  }),
  walRecordBytes: field.count({
    about: 'How many bytes of log a write makes.',
    default: 256,
    min: 1,
    max: 1_048_576,
  }),
};

/** Who takes over, and who gives way. */
const failoverFields = {
  loopWaitMs: field.millis({
    about: 'How often a member looks at the cluster, and the primary renews its key.',
    default: 10_000,
    min: 1,
    max: 3_600_000,
    source: 'Patroni loop_wait: 10 s',
  }),
  retryTimeoutMs: field.millis({
    about: 'How long the store of the cluster is asked in vain before the primary gives way.',
    default: 10_000,
    min: 10,
    max: 3_600_000,
    source: 'Patroni retry_timeout: 10 s',
  }),
  maximumLagOnFailoverBytes: field.count({
    about: 'A standby this many bytes behind what the primary last told does not take over.',
    default: 1_048_576,
    max: 1_000_000_000_000,
    source: 'Patroni maximum_lag_on_failover: 1 MiB',
  }),
  primaryStartTimeoutMs: field.millis({
    about: 'How long a primary that recovers from a crash keeps its key.',
    default: 300_000,
    max: DAY_MS,
    source: 'Patroni primary_start_timeout: 300 s',
  }),
  synchronousMode: field.flag({
    about: 'The keeper names the synchronous standbys, and only they may take over.',
    default: false,
    source: 'Patroni synchronous_mode',
  }),
  synchronousModeStrict: field.flag({
    about: 'With synchronousMode: where there is no such standby, writes wait.',
    default: false,
    source: 'Patroni synchronous_mode_strict',
  }),
  synchronousNodeCount: field.count({
    about: 'With synchronousMode: how many synchronous standbys there shall be.',
    default: 1,
    min: 1,
    max: 98,
    source: 'Patroni synchronous_node_count',
  }),
  usePgRewind: field.flag({
    about: 'An old primary drops what the new one has not; otherwise it cannot come back.',
    default: true,
    source: 'Patroni use_pg_rewind (false unless set; true in its sample configuration)',
  }),
  watchdogMode: field.choice(['off', 'automatic'], {
    about: 'Whether something beside the keeper stops a primary before its key ends.',
    default: 'automatic',
    source: 'Patroni watchdog.mode',
  }),
  watchdogSafetyMarginMs: field.millis({
    about: 'How long before the end of the key that is.',
    default: 5_000,
    max: 3_600_000,
    source: 'Patroni watchdog.safety_margin: 5 s',
  }),
  healthTimeoutMs: field.millis({
    about: 'How long a member that would take over waits for the others to say how far they are.',
    default: 2_000,
    min: 1,
    max: 600_000,
    source: 'Patroni: 2 s for requests to /patroni',
  }),
  replicaPriorities: Type.Array(Type.Integer({ minimum: 0, maximum: 1_000_000 }), {
    default: [],
    maxItems: 99,
    description:
      'For sentinels: the smaller, the sooner a server is promoted; 0: never. One for each ' +
      'member in order; 100 for those that are not named. Source: Redis replica-priority: 100.',
  }),
  crashRecoveryMs: field.millis({
    about: 'How long a server recovers after a crash.',
    default: 1_000,
    max: DAY_MS,
  }),
  rewindMs: field.millis({ about: 'How long a rewind takes.', default: 2_000, max: DAY_MS }),
};

export const sqlNodeConfig = Type.Object(
  { ...replicationFields, ...standbyFields, ...failoverFields },
  { additionalProperties: false, needs: NEEDS },
);

export type SqlNodeConfig = Static<typeof sqlNodeConfig>;
