/** The part of the stormy plan in which a stream job suffers. */
import type { CheckPlan, FaultEntry, GroupPlan } from 'faultline';

export const STREAM_CHECKS: readonly CheckPlan[] = [{ id: 'totals', use: 'stream-totals' }];

export const STREAM_FAULTS: readonly FaultEntry[] = [
  {
    id: 'task-crashes',
    fault: { type: 'crash', target: ['sjs1', 'sjw2', 'sjk'] },
    every: { interval: { kind: 'uniform', minMs: 200, maxMs: 400 } },
    forMs: 40,
  },
  {
    id: 'coordinator-crashes',
    fault: { type: 'crash', target: ['sjm', 'sjr', 'sjl'] },
    every: { interval: { kind: 'uniform', minMs: 300, maxMs: 500 } },
    forMs: 40,
  },
];

const disk = { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true } as const;
const partition = {
  arrivals: { kind: 'poisson', ratePerSecond: 30 },
  delay: { kind: 'exponential', meanMs: 10 },
  keys: 3,
} as const;
const patience = { timeoutMs: 40, retryMs: 10, bufferMax: 20 };

export const STREAM_GROUPS: readonly GroupPlan[] = [
  {
    name: 'sjl',
    component: 'event-log',
    count: 1,
    disk,
    config: { partitions: [partition, partition, partition] },
  },
  {
    name: 'sjs',
    component: 'stream-task',
    count: 2,
    links: { log: 'sjl' },
    config: {
      role: 'source',
      autoWatermarkIntervalMs: 40,
      maxOutOfOrdernessMs: 20,
      withIdlenessMs: 60,
      ...patience,
    },
  },
  {
    name: 'sjw',
    component: 'stream-task',
    count: 2,
    config: {
      role: 'window',
      windows: 'hopping',
      sizeMs: 60,
      slideMs: 30,
      allowedLatenessMs: 20,
      lateRecords: 'side-output',
      recordMs: 0.5,
      ...patience,
    },
  },
  {
    name: 'sjk',
    component: 'stream-task',
    count: 1,
    links: { store: 'sjr' },
    config: { role: 'sink', delivery: 'transactional', transactionTimeoutMs: 300, ...patience },
  },
  { name: 'sjr', component: 'result-store', count: 1, disk },
  {
    name: 'sjm',
    component: 'job-coordinator',
    count: 1,
    disk,
    links: { sources: 'sjs', operators: 'sjw', sinks: 'sjk' },
    config: {
      checkpointIntervalMs: 80,
      unaligned: true,
      checkpointTimeoutMs: 60,
      tolerableFailedCheckpoints: 1,
      heartbeatIntervalMs: 40,
      heartbeatTimeoutMs: 30,
      restartDelayMs: 10,
      deployRetryMs: 10,
    },
  },
];
