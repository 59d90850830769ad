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
    name: 'sql-users',
    component: 'kv-client',
    count: 1,
    links: { servers: 'pg' },
    config: { workers: 3, thinkMs: 5, keys: 12, casShare: 0.2, deadlineMs: 300 },
  },
];
