/** Plans in which a rule cannot act, and in which it can: each with the least difference. */
import type { Plan } from 'faultline';
import { group, linked } from './plan-groups.ts';
import type { Config, Group } from './plan-groups.ts';
import { lent, published, replicated, worked } from './queue-plans.ts';
import { CHECKPOINTED, TRANSACTIONAL, UNALIGNED, streamed } from './stream-plans.ts';

export const planOf = (groups: readonly Group[]): Plan => ({
  title: 'T',
  summary: '',
  durationMs: 10_000,
  network: {},
  groups,
  faults: [],
  checks: [],
  story: [],
});

/** A store, a client of it, and what else there is. */
const stored =
  (component: string) =>
  (config: Config = {}, client: Config = {}, count = 3, others: readonly Group[] = []) => [
    group('n', component, config, count),
    linked(group('c', 'kv-client', client), { servers: 'n' }),
    ...others,
  ];
const raft = stored('raft-kv');
const paxos = stored('paxos-kv');
const quorum = stored('quorum-store');
const sql = stored('sql-node');
const ordered = (...orders: readonly Config[]) => [
  linked(group('o', 'raft-operator', { orders }), { servers: 'n' }),
];
const listed = (...deeds: readonly Config[]): Config => ({
  mode: 'listed',
  operations: deeds.map((deed) => ({ atMs: 1, ...deed })),
});
const UNCOUNTED = { queueType: 'quorum', deliveryLimit: -1 };
const DELETES = listed({ do: 'delete' });
const COUNTS = listed({ do: 'increment', value: 1 });
const ADDS = listed({ do: 'add', value: 1 });
const READS = { readShare: 1 };
const WRITES = { readShare: 0 };

const dcs = (config: Config = {}, count = 3) => {
  const [servers, client] = sql(config, {}, count) as [Group, Group];
  return [linked(servers, { dcs: 'd' }), client, group('d', 'dcs')];
};
const watched = (count: number, quorumOf: number) => [
  ...sql({}, {}, count),
  linked(group('s', 'sentinel', { quorum: quorumOf }, 3), { servers: 'n' }),
];
const shards = (config: Config, count = 3) => [
  group('n', 'txn-store', config, count),
  linked(group('c', 'txn-client'), { store: 'n' }),
];
const log = (topic: Config, brokers: Config = {}, producer: Config = {}, consumer: Config = {}) => [
  group('k', 'controller'),
  linked(group('n', 'log-broker', { topics: [topic], ...brokers }, 3), { controller: 'k' }),
  linked(group('p', 'log-producer', producer), { brokers: 'n' }),
  linked(group('c', 'log-consumer', consumer), { brokers: 'n' }),
];
const processed = (processingGuarantee: string) => [
  group('k', 'controller'),
  linked(group('n', 'log-broker', { topics: [{}, { topic: 'output' }] }, 3), { controller: 'k' }),
  linked(group('p', 'log-processor', { processingGuarantee }), { brokers: 'n' }),
];
const controlled = (config: Config, count: number) => {
  const [, ...others] = log({});
  return [group('k', 'controller', config, count), ...others];
};
const locked = (storage: Config) => [
  group('l', 'lock-service'),
  group('n', 'fenced-storage', storage),
  linked(group('c', 'lock-client'), { locks: 'l', storage: 'n' }),
];
const sourced = (service: Config) => [
  group('n', 'event-store'),
  linked(group('w', 'command-service', service), { store: 'n' }),
];
const saga = (config: Config) => [
  linked(group('n', 'saga-orchestrator', config), { participants: 'p' }),
  group('p', 'saga-participant', {}, 3),
  linked(group('c', 'queue-producer'), { queue: 'n' }),
];
const told = (config: Config) => [
  group('b', 'queue-broker'),
  linked(group('n', 'outbox-service', config), { broker: 'b' }),
  linked(group('c', 'queue-producer'), { queue: 'n' }),
];
const suspected = (config: Config) => [
  group('n', 'failure-monitor', config),
  linked(group('h', 'heartbeat-sender'), { monitors: 'n' }),
];

export type Row = readonly [rules: string, idle: readonly Group[], acting: readonly Group[]];
const each = (prefix: string, names: string, idle: readonly Group[], acting: readonly Group[]) =>
  names.split(' ').map((name): Row => [`${prefix}.${name}`, idle, acting]);

const AMONG_SERVERS =
  'election-restriction quorum-intersection current-term-commit log-matching-check ' +
  'truncate-only-on-conflict truncate-conflicting-suffix commit-min-last-new ' +
  'ignore-stale-replies read-index-round step-down-on-higher-term snapshot-keeps-log';
const OF_SEVERAL = AMONG_SERVERS.replace(' read-index-round', '');
const QUORUM_QUEUES =
  OF_SEVERAL + ' persist-term persist-vote persist-before-reply leader-no-op randomised-timeout';
const SESSIONS = { sessions: true };
const CHANGED = raft({}, {}, 3, ordered({ add: ['n3'] }));
const TRANSFERRED = ordered({ transferTo: 'n2' });
const TRANSACTION = { transactionalId: 't' };
/** Members of a group: they deal the partitions, or the coordinator does. */
const CLASSIC = { groupId: 'g' };
const DEALT = { groupId: 'g', groupProtocol: 'consumer' };
const COMMITTED = { isolationLevel: 'read_committed' };

export const ROWS: readonly Row[] = [
  ...each('raft', AMONG_SERVERS, raft({}, {}, 1), raft()),
  ...each('raft', 'read-index-round', raft({ readMode: 'log-read' }), raft({ readMode: 'lease' })),
  ...each('raft', 'read-index-round', raft({}, WRITES), raft({}, READS)),
  ...each('raft', 'lost-is-not-done lost-is-not-failed', raft({}, READS), raft({}, WRITES)),
  ...each(
    'raft',
    'configuration-at-append one-change-at-a-time own-term-commit-before-change',
    raft({}, {}, 3, TRANSFERRED),
    CHANGED,
  ),
  ...each('raft', 'joint-consensus', CHANGED, raft({}, {}, 3, ordered({ remove: ['n2', 'n3'] }))),
  ...each(
    'raft',
    'count-self-after-removal',
    CHANGED,
    raft({}, {}, 3, ordered({ remove: ['n2'] })),
  ),
  ...each('raft', 'transfer-caught-up', CHANGED, raft({}, {}, 3, TRANSFERRED)),
  ...each(
    'raft',
    'lease-ends-before-transfer',
    raft({}, {}, 3, TRANSFERRED),
    raft({ readMode: 'lease' }, {}, 3, TRANSFERRED),
  ),
  ...each(
    'raft',
    'lease-ends-before-transfer',
    raft({ readMode: 'lease' }),
    raft({ readMode: 'lease' }, {}, 3, TRANSFERRED),
  ),
  ...each('raft', 'snapshot-keeps-log', raft({ snapshotThreshold: 0 }), raft()),
  ...each(
    'raft',
    'snapshot-keeps-answers',
    raft({ snapshotThreshold: 0 }, SESSIONS),
    raft({}, SESSIONS),
  ),
  ...each('raft', 'dedupe snapshot-keeps-answers', raft(), raft({}, SESSIONS)),
  ...each('raft', OF_SEVERAL, controlled({}, 1), controlled({}, 3)),
  ...each('raft', 'snapshot-keeps-log', controlled({ snapshotThreshold: 0 }, 3), controlled({}, 3)),
  ...each(
    'paxos',
    'promise-respected adopt-accepted adopt-highest quorum-intersection unique-ballots ' +
      'ignore-stale-replies learn-same-ballot fill-gaps back-off',
    paxos({}, {}, 1),
    paxos(),
  ),
  ...each('paxos', 'read-index-round recover-before-read', paxos({ readMode: 'local' }), paxos()),
  ...each('paxos', 'read-index-round recover-before-read', paxos({}, WRITES), paxos({}, READS)),
  ...each('quorum', 'read-repair-writeback', quorum({ readRepair: 'async' }), quorum()),
  ...each('quorum', 'read-repair-writeback', quorum({}, WRITES), quorum()),
  ...each('quorum', 'hinted-handoff hint-expiry', quorum({ hintedHandoff: false }), quorum()),
  ...each(
    'quorum',
    'read-repair-writeback hinted-handoff hint-expiry',
    quorum({}, {}, 1),
    quorum(),
  ),
  ...each(
    'quorum',
    'idempotent-merge',
    quorum({ conflicts: 'g-counter' }, COUNTS, 1),
    quorum({ conflicts: 'g-counter' }, COUNTS),
  ),
  ...each('quorum', 'tombstones gc-grace', quorum(), quorum({}, DELETES)),
  ...each('quorum', 'gc-grace', quorum({ gcGraceMs: 0 }, DELETES), quorum({}, DELETES)),
  ...each(
    'quorum',
    'tombstones gc-grace',
    quorum({ conflicts: 'lww-register' }, DELETES),
    quorum({ conflicts: 'version-vectors' }, DELETES),
  ),
  ...each(
    'quorum',
    'idempotent-merge',
    quorum({ conflicts: 'or-set' }, ADDS),
    quorum({ conflicts: 'pn-counter' }, COUNTS),
  ),
  ...each(
    'quorum',
    'version-vectors actor-epoch',
    quorum(),
    quorum({ conflicts: 'version-vectors' }),
  ),
  ...each(
    'quorum',
    'replica-coordinates',
    quorum({ conflicts: 'version-vectors' }),
    quorum({ conflicts: 'version-vectors' }, {}, 4),
  ),
  ...each(
    'quorum',
    'replica-coordinates',
    quorum({}, {}, 4),
    quorum({ conflicts: 'version-vectors' }, {}, 4),
  ),
  ...each('quorum', 'persist-before-reply', quorum(), quorum({ commitLogSync: 'batch' })),
  ...each(
    'causal',
    'dependency-check last-writer-wins clock-advance resend',
    stored('causal-store')({}, {}, 1),
    stored('causal-store')(),
  ),
  ...each(
    'replica',
    'flush-before-send flush-before-acknowledge wait-for-standbys rewind replay-before-promote',
    dcs({}, 1),
    dcs({ replication: 'synchronous' }),
  ),
  ...each('replica', 'lease-fencing most-advanced', sql(), dcs()),
  ...each('replica', 'most-advanced', dcs({}, 2), dcs()),
  ...each('replica', 'wait-for-standbys', sql(), sql({ replication: 'semi-synchronous' })),
  ...each(
    'replica',
    'wait-for-standbys',
    sql({ replication: 'synchronous', synchronousCommit: 'local' }),
    sql({ replication: 'synchronous' }),
  ),
  ...each('replica', 'rewind replay-before-promote', sql(), watched(3, 2)),
  ...each(
    'replica',
    'sync-candidates',
    dcs({ replication: 'synchronous' }),
    dcs({ replication: 'synchronous', synchronousMode: true }),
  ),
  ...each('sentinel', 'majority', watched(3, 2), watched(3, 1)),
  ...each('sentinel', 'most-advanced', watched(2, 2), watched(3, 2)),
  ...each('mvcc', 'committed-reads', shards({ isolation: 'serializable-2pl' }), shards({})),
  ...each('mvcc', 'one-snapshot', shards({}), shards({ isolation: 'snapshot' })),
  ...each(
    'mvcc',
    'first-committer-wins',
    shards({ isolation: 'innodb-repeatable-read' }),
    shards({ isolation: 'snapshot' }),
  ),
  ...each(
    'mvcc',
    'ssi-pivot',
    shards({ isolation: 'read-committed' }),
    shards({ isolation: 'serializable-ssi' }),
  ),
  ...each('mvcc', 'wait-for-prepared', shards({ isolation: 'read-uncommitted' }), shards({})),
  ...each('mvcc', 'commit-wait', shards({}), shards({ clockUncertaintyMs: 7 })),
  ...each('locking', 'reads-until-commit', shards({}), shards({ isolation: 'repeatable-read' })),
  ...each(
    'locking',
    'predicates',
    shards({ isolation: 'repeatable-read' }),
    shards({ isolation: 'serializable-2pl' }),
  ),
  ...each('locking', 'deadlocks', shards({ deadlocks: 'timeout' }), shards({})),
  ...each('mvcc', 'wait-for-prepared', shards({}, 1), shards({}, 2)),
  ...each(
    'commit',
    'prepare-logged decision-logged wait-when-prepared',
    shards({}, 1),
    shards({}, 2),
  ),
  ...each(
    'commit',
    'majority-of-acceptors',
    shards({ commitProtocol: 'paxos-commit', faultsTolerated: 0 }, 1),
    shards({ commitProtocol: 'paxos-commit' }),
  ),
  ...each(
    'commit',
    'decision-logged',
    shards({ commitProtocol: 'paxos-commit' }),
    shards({ commitProtocol: '3pc' }),
  ),
  ...each(
    'commit',
    'majority-of-acceptors',
    shards({}),
    shards({ commitProtocol: 'paxos-commit' }),
  ),
  ...each(
    'commit',
    'majority-of-acceptors',
    shards({ commitProtocol: 'paxos-commit', faultsTolerated: 0 }),
    shards({ commitProtocol: 'paxos-commit' }),
  ),
  ...each(
    'swim',
    'suspicion refutation',
    [group('n', 'swim-member', {}, 1)],
    [group('n', 'swim-member', {}, 2)],
  ),
  ...each(
    'swim',
    'indirect-probes round-robin',
    [group('n', 'swim-member', {}, 2)],
    [group('n', 'swim-member', {}, 3)],
  ),
  ...each(
    'swim',
    'indirect-probes',
    [group('n', 'swim-member', { indirectChecks: 0 }, 3)],
    [group('n', 'swim-member', {}, 3)],
  ),
  ...each(
    'partition',
    'epoch-truncation epoch-lookup high-watermark maximal-isr epoch-start',
    log({}),
    log({ replicationFactor: 2 }),
  ),
  ...each(
    'partition',
    'min-isr',
    log({ replicationFactor: 2 }),
    log({ replicationFactor: 2, minInsyncReplicas: 2 }),
  ),
  ...each('partition', 'sequence-numbers', log({}, {}, { enableIdempotence: false }), log({})),
  ...each('partition', 'tombstones', log({}), log({ cleanupPolicy: 'compact' })),
  ...each('group', 'generation-check join-barrier', log({}), log({}, {}, {}, CLASSIC)),
  ...each('group', 'join-barrier', log({}, {}, {}, DEALT), log({}, {}, {}, CLASSIC)),
  ...each('group', 'revoke-before-assign', log({}), log({}, {}, {}, DEALT)),
  ...each('group', 'stable-offsets', log({}), processed('exactly_once_v2')),
  ...each('group', 'stable-offsets', processed('at_least_once'), processed('exactly_once_v2')),
  ...each('group', 'revoke-before-assign', log({}, {}, {}, CLASSIC), log({}, {}, {}, DEALT)),
  ...each(
    'transaction',
    'epoch-fencing verification epoch-bump last-stable-offset aborted-ranges',
    log({}, {}, {}, COMMITTED),
    log({}, {}, TRANSACTION, COMMITTED),
  ),
  ...each(
    'transaction',
    'epoch-bump',
    log({}, { transactionVersion: 1 }, TRANSACTION),
    log({}, {}, TRANSACTION),
  ),
  ...each(
    'transaction',
    'last-stable-offset aborted-ranges',
    log({}, {}, TRANSACTION),
    log({}, {}, TRANSACTION, COMMITTED),
  ),
  ...each('queue', 'delivery-limit', worked({}), replicated(3)),
  ...each('queue', 'delivery-limit', replicated(3, UNCOUNTED), replicated(3)),
  ...each('queue', 'original-place', replicated(3, UNCOUNTED), worked({})),
  ...each('queue', 'prefetch', worked({}, { autoAck: true }), worked({}, { prefetch: 1 })),
  ...each('queue', 'confirm-after-sync', replicated(3), worked({})),
  ...each('queue', 'confirm-all-copies', published('work'), published('work', 'other')),
  ...each('queue', 'confirm-after-majority return-on-failover', worked({}), replicated(3)),
  ...each('raft', QUORUM_QUEUES, worked({}), replicated(3)),
  ...each('raft', OF_SEVERAL, replicated(1), replicated(3)),
  ...each('visibility', 'redrive', lent({}), lent({ maxReceiveCount: 3 })),
  ...each('visibility', 'group-order deduplication', lent({}), lent({ fifoQueue: true })),
  ...each('lock', 'fencing fence-reads', locked({ checkTokens: false }), locked({})),
  ...each('events', 'snapshot-version', sourced({}), sourced({ snapshotEvery: 5 })),
  ...each('saga', 'reverse-order', saga({ pivot: 2, refusedStep: 2 }), saga({})),
  ...each(
    'outbox',
    'one-transaction mark-after-confirm key-order',
    told({ publish: 'after-commit' }),
    told({}),
  ),
  ...each(
    'detectors',
    'skip-failures',
    suspected({ detector: 'timeout' }),
    suspected({ detector: 'phi-normal' }),
  ),
  ...each('stream', 'idle-excluded', streamed({}), streamed({}, { withIdlenessMs: 100 })),
  ...each('stream', 'align-barriers', streamed(UNALIGNED), streamed(CHECKPOINTED)),
  ...each('stream', 'in-flight-in-snapshot', streamed(CHECKPOINTED), streamed(UNALIGNED)),
  ...each('stream', 'restore-offsets-with-state', streamed({}), streamed(CHECKPOINTED)),
  ...each(
    'stream',
    'commit-on-complete commit-on-restore',
    streamed(CHECKPOINTED),
    streamed(CHECKPOINTED, {}, TRANSACTIONAL),
  ),
];
