/** The part of the stormy plan in which a primary, its standbys and the store of its key suffer. */
import type { CheckPlan, FaultEntry, GroupPlan } from 'faultline';

export const REPLICA_CHECKS: readonly CheckPlan[] = [
  { id: 'kept', use: 'acknowledged', args: { clients: 'sql-users', store: 'pg' } },
  { id: 'replicas', use: 'replica-safety', args: { group: 'pg' } },
  { id: 'one', use: 'always', args: { predicate: 'two-primaries', with: { group: 'pg' } } },
];

export const REPLICA_FAULTS: readonly FaultEntry[] = [
  {
    id: 'failovers',
    fault: { type: 'pause', target: { role: 'primary', group: 'pg' } },
    every: { interval: { kind: 'uniform', minMs: 250, maxMs: 500 } },
    forMs: 220,
  },
  {
    id: 'watched',
    fault: { type: 'crash', target: { role: 'primary', group: 'rd' } },
    every: { interval: { kind: 'uniform', minMs: 300, maxMs: 500 } },
    forMs: 220,
  },
  { id: 'watcher', fault: { type: 'pause', target: 'sentinels1' }, atMs: 620, forMs: 250 },
  { id: 'standby', fault: { type: 'crash', target: 'pg3' }, atMs: 420, forMs: 60 },
];

export const REPLICA_GROUPS: readonly GroupPlan[] = [
  { name: 'keys', component: 'dcs', count: 1, config: { ttlMs: 120 } },
  {
    name: 'pg',
    component: 'sql-node',
    count: 3,
    links: { dcs: 'keys' },
    disk: { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true },
    config: {
      replication: 'semi-synchronous',
      rplSemiSyncSourceTimeoutMs: 40,
      walReceiverStatusIntervalMs: 30,
      walSenderTimeoutMs: 150,
      replayTime: { kind: 'exponential', meanMs: 2 },
      loopWaitMs: 40,
      retryTimeoutMs: 40,
      watchdogSafetyMarginMs: 15,
      healthTimeoutMs: 20,
      crashRecoveryMs: 30,
      rewindMs: 30,
    },
  },
  {
    name: 'rd',
    component: 'sql-node',
    count: 3,
    disk: { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true },
    config: {
      walReceiverStatusIntervalMs: 20,
      walSenderTimeoutMs: 100,
      minReplicasToWrite: 1,
      minReplicasMaxLagMs: 60,
      replicaPriorities: [100, 50],
      crashRecoveryMs: 20,
      rewindMs: 20,
    },
  },
  {
    name: 'sentinels',
    component: 'sentinel',
    count: 3,
    links: { servers: 'rd' },
    disk: { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true },
    config: {
      downAfterMs: 90,
      failoverTimeoutMs: 200,
      pingPeriodMs: 30,
      infoPeriodMs: 60,
      askPeriodMs: 30,
      publishPeriodMs: 20,
      electionTimeoutMs: 150,
      slaveReconfTimeoutMs: 60,
      tiltTriggerMs: 200,
      tiltPeriodMs: 200,
    },
  },
  {
    name: 'rd-users',
    component: 'kv-client',
    count: 1,
    links: { servers: 'rd', sentinels: 'sentinels' },
    config: { workers: 1, thinkMs: 15, keys: 8, tryTimeoutMs: 60, deadlineMs: 300 },
  },
  {
    name: 'sql-users',
    component: 'kv-client',
    count: 1,
    links: { servers: 'pg' },
    config: { workers: 3, thinkMs: 5, keys: 12, casShare: 0.2, deadlineMs: 300 },
  },
];
