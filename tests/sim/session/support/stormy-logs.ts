/** The part of the stormy plan in which the brokers of a replicated log suffer. */
import type { CheckPlan, FaultEntry, GroupPlan } from 'faultline';

export const LOG_CHECKS: readonly CheckPlan[] = [
  { id: 'quorum', use: 'raft-safety', args: { group: 'kc' } },
  { id: 'log', use: 'replicated-log' },
  { id: 'account', use: 'records' },
  { id: 'seen', use: 'log-history' },
  { id: 'given', use: 'group-deliveries', args: { groupId: 'readers' } },
  { id: 'dealt', use: 'group-deliveries', args: { groupId: 'others' } },
  { id: 'tables', use: 'log-tables', args: { consumers: 'kr' } },
];

export const LOG_FAULTS: readonly FaultEntry[] = [
  {
    id: 'broker-crashes',
    fault: { type: 'crash', target: { first: 1, of: 'kb' } },
    every: { interval: { kind: 'uniform', minMs: 200, maxMs: 400 } },
    forMs: 80,
  },
  {
    id: 'member-crashes',
    fault: {
      type: 'crash',
      target: [
        { first: 1, of: 'kg' },
        { first: 1, of: 'kn' },
      ],
    },
    every: { interval: { kind: 'uniform', minMs: 200, maxMs: 400 } },
    forMs: 60,
  },
];

const links = { brokers: 'kb' };

export const LOG_GROUPS: readonly GroupPlan[] = [
  {
    name: 'kc',
    component: 'controller',
    count: 3,
    config: { controllerQuorumFetchTimeoutMs: 100, controllerQuorumElectionBackoffMaxMs: 100 },
  },
  {
    name: 'kb',
    component: 'log-broker',
    count: 3,
    links: { controller: 'kc' },
    disk: { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true },
    config: {
      topics: [
        {
          topic: 'events',
          partitions: 2,
          replicationFactor: 3,
          minInsyncReplicas: 2,
          cleanupPolicy: 'compact,delete',
          segmentBytes: 1_000,
          retentionMs: 300,
          minCleanableDirtyRatio: 0.2,
          deleteRetentionMs: 50,
        },
      ],
      logRetentionCheckIntervalMs: 40,
      logCleanerBackoffMs: 30,
      replicaLagTimeMaxMs: 100,
      replicaFetchWaitMaxMs: 40,
      replicaFetchBackoffMs: 20,
      replicaSocketTimeoutMs: 60,
      replicaHighWatermarkCheckpointIntervalMs: 70,
      brokerHeartbeatIntervalMs: 20,
      brokerSessionTimeoutMs: 60,
      offsetsTopicNumPartitions: 1,
      offsetsCommitTimeoutMs: 60,
      groupInitialRebalanceDelayMs: 10,
      groupMinSessionTimeoutMs: 50,
      groupConsumerSessionTimeoutMs: 60,
      groupConsumerHeartbeatIntervalMs: 15,
    },
  },
  {
    name: 'kp',
    component: 'log-producer',
    count: 1,
    links,
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: 300 },
      batchSize: 800,
      tombstoneShare: 0.1,
      requestTimeoutMs: 60,
      deliveryTimeoutMs: 200,
      retryBackoffMs: 10,
    },
  },
  {
    name: 'kr',
    component: 'log-consumer',
    count: 2,
    links,
    config: {
      autoOffsetReset: 'earliest',
      maxPollRecords: 7,
      processMs: 1,
      fetchMaxWaitMs: 40,
      requestTimeoutMs: 80,
      retryBackoffMs: 10,
    },
  },
  {
    name: 'kg',
    component: 'log-consumer',
    count: 2,
    links,
    config: {
      groupId: 'readers',
      autoOffsetReset: 'earliest',
      sessionTimeoutMs: 60,
      heartbeatIntervalMs: 15,
      maxPollIntervalMs: 50,
      autoCommitIntervalMs: 20,
      maxPollRecords: 7,
      processMs: 2,
      fetchMaxWaitMs: 40,
      requestTimeoutMs: 80,
      retryBackoffMs: 10,
    },
  },
  {
    name: 'kn',
    component: 'log-consumer',
    count: 2,
    links,
    config: {
      groupId: 'others',
      groupProtocol: 'consumer',
      autoOffsetReset: 'earliest',
      maxPollIntervalMs: 50,
      autoCommitIntervalMs: 20,
      maxPollRecords: 7,
      processMs: 2,
      fetchMaxWaitMs: 40,
      requestTimeoutMs: 80,
      retryBackoffMs: 10,
    },
  },
];
