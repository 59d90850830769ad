/** The part of the stormy plan in which queues and their consumers suffer. */
import type { CheckPlan, FaultEntry, GroupPlan } from 'faultline';

export const QUEUE_CHECKS: readonly CheckPlan[] = [
  { id: 'post', use: 'queue-total' },
  { id: 'effects', use: 'effects' },
  { id: 'sagas', use: 'sagas' },
  { id: 'streams', use: 'event-streams' },
  { id: 'rows', use: 'projections' },
];

export const QUEUE_FAULTS: readonly FaultEntry[] = [
  {
    id: 'queue-crashes',
    fault: { type: 'crash', target: 'mq' },
    every: { interval: { kind: 'uniform', minMs: 300, maxMs: 500 } },
    forMs: 60,
  },
  {
    id: 'lender-crashes',
    fault: { type: 'crash', target: 'vq' },
    every: { interval: { kind: 'uniform', minMs: 300, maxMs: 500 } },
    forMs: 60,
  },
  {
    id: 'teller-crashes',
    fault: { type: 'crash', target: ['obs', 'obc', 'sgo', 'sgs1', 'evs', 'evp'] },
    every: { interval: { kind: 'uniform', minMs: 150, maxMs: 300 } },
    forMs: 50,
  },
  {
    id: 'worker-crashes',
    fault: { type: 'crash', target: { first: 1, of: 'mc' } },
    every: { interval: { kind: 'uniform', minMs: 150, maxMs: 300 } },
    forMs: 50,
  },
];

const disk = { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true } as const;
const links = { queue: 'mq' };

export const QUEUE_GROUPS: readonly GroupPlan[] = [
  {
    name: 'mq',
    component: 'queue-broker',
    count: 1,
    disk,
    config: {
      queues: [
        {
          name: 'work',
          deliveryLimit: 2,
          deadLetterQueue: 'dead',
          messageTtlMs: 200,
          maxLength: 30,
        },
        { name: 'dead' },
      ],
      consumerTimeoutMs: 150,
    },
  },
  {
    name: 'mp',
    component: 'queue-producer',
    count: 1,
    links,
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: 200 },
      poisonEvery: 20,
      confirmTimeoutMs: 40,
      retries: 3,
      retryMs: 10,
    },
  },
  {
    name: 'mc',
    component: 'queue-consumer',
    count: 2,
    links,
    config: { prefetch: 4, onPoison: 'crash', restartMs: 30, heartbeatMs: 60, reconnectMs: 20 },
  },
  {
    name: 'vq',
    component: 'visibility-queue',
    count: 1,
    disk,
    config: {
      visibilityTimeoutMs: 60,
      maxReceiveCount: 3,
      fifoQueue: true,
      deduplicationMs: 100,
    },
  },
  {
    name: 'vp',
    component: 'queue-producer',
    count: 1,
    links: { queue: 'vq' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: 150 },
      poisonEvery: 15,
      hasGroups: true,
      popularity: { keys: 5 },
      confirmTimeoutMs: 40,
      retries: 3,
      retryMs: 10,
    },
  },
  {
    name: 'vw',
    component: 'queue-poller',
    count: 2,
    links: { queue: 'vq' },
    config: {
      maxNumberOfMessages: 3,
      waitTimeMs: 40,
      pollMs: 10,
      heartbeatMs: 25,
      extendMs: 40,
      onPoison: 'crash',
      restartMs: 30,
      timeoutMs: 40,
    },
  },
  { name: 'obq', component: 'queue-broker', count: 1, disk },
  {
    name: 'obs',
    component: 'outbox-service',
    count: 1,
    disk,
    links: { broker: 'obq' },
    config: { pollMs: 20, retryMs: 15, timeoutMs: 30 },
  },
  {
    name: 'obp',
    component: 'queue-producer',
    count: 1,
    links: { queue: 'obs' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: 150 },
      hasGroups: true,
      popularity: { keys: 5 },
      confirmTimeoutMs: 40,
      retries: 3,
      retryMs: 10,
    },
  },
  {
    name: 'obc',
    component: 'inbox-consumer',
    count: 1,
    disk,
    links: { queue: 'obq' },
    config: { prefetch: 4, heartbeatMs: 60, reconnectMs: 20 },
  },
  {
    name: 'sgo',
    component: 'saga-orchestrator',
    count: 1,
    disk,
    links: { participants: 'sgs' },
    config: { timeoutMs: 30, retryMs: 15 },
  },
  { name: 'sgs', component: 'saga-participant', count: 3, disk },
  {
    name: 'sgp',
    component: 'queue-producer',
    count: 1,
    links: { queue: 'sgo' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: 60 },
      poisonEvery: 5,
      confirmTimeoutMs: 40,
      retries: 3,
      retryMs: 10,
    },
  },
  { name: 'evs', component: 'event-store', count: 1, disk },
  {
    name: 'evw',
    component: 'command-service',
    count: 2,
    links: { store: 'evs' },
    config: { timeoutMs: 30, snapshotEvery: 5, snapshotMs: 10 },
  },
  {
    name: 'evp',
    component: 'projection',
    count: 1,
    disk,
    links: { store: 'evs' },
    config: { timeoutMs: 100 },
  },
  {
    name: 'evc',
    component: 'account-client',
    count: 2,
    links: { service: 'evw', projection: 'evp' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: 25 },
      accounts: 2,
      reads: 'with-token',
      timeoutMs: 80,
      retries: 2,
      retryMs: 10,
    },
  },
];
