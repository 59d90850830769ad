/**
 * The catalogue: every scenario by topic, in the order in which a newcomer should meet them. An
 * explicit list; nothing registers itself.
 */
import type { AnyScenario } from 'faultline';
import metastableFailure from './anti-patterns/metastable-failure.ts';
import retryStorm from './anti-patterns/retry-storm.ts';
import dualWrite from './anti-patterns/dual-write.ts';
import stampede from './caching/stampede.ts';
import invalidationRace from './caching/invalidation-race.ts';
import lostNode from './caching/lost-node.ts';
import eviction from './caching/eviction.ts';
import writePolicies from './caching/write-policies.ts';
import missingObjects from './caching/missing-objects.ts';
import coldStart from './caching/cold-start.ts';
import nearAndFar from './caching/near-and-far.ts';
import apPartition from './cap/ap-partition.ts';
import causal from './cap/causal.ts';
import cpPartition from './cap/cp-partition.ts';
import availability from './cap/availability.ts';
import wanReads from './cap/wan-reads.ts';
import failedWrite from './cap/failed-write.ts';
import followerReads from './cap/follower-reads.ts';
import hintWindow from './cap/hint-window.ts';
import lastWriteWins from './cap/last-write-wins.ts';
import mergingTypes from './cap/merging-types.ts';
import pacelc from './cap/pacelc.ts';
import quorumOverlap from './cap/quorum-overlap.ts';
import resurrection from './cap/resurrection.ts';
import readTwice from './cap/read-twice.ts';
import sessionGuarantees from './cap/session-guarantees.ts';
import sloppyQuorum from './cap/sloppy-quorum.ts';
import flappingLink from './consensus/flapping-link.ts';
import clockJump from './coordination/clock-jump.ts';
import commitWait from './distributed-transactions/commit-wait.ts';
import lostUpdate from './distributed-transactions/lost-update.ts';
import twoPhaseCommit from './distributed-transactions/two-phase-commit.ts';
import writeSkew from './distributed-transactions/write-skew.ts';
import failureDetectors from './coordination/failure-detectors.ts';
import forgetfulLock from './coordination/forgetful-lock.ts';
import gossipMembership from './coordination/gossip-membership.ts';
import leaderElection from './coordination/leader-election.ts';
import pausedClient from './coordination/paused-client.ts';
import uniqueIds from './coordination/unique-ids.ts';
import flexibleQuorums from './consensus/flexible-quorums.ts';
import leaderFailover from './consensus/leader-failover.ts';
import partialConnectivity from './consensus/partial-connectivity.ts';
import splitVote from './consensus/split-vote.ts';
import electionTime from './consensus/election-time.ts';
import membershipChange from './consensus/membership-change.ts';
import majorityLost from './consensus/majority-lost.ts';
import lostFsync from './consensus/lost-fsync.ts';
import duplicateCommands from './consensus/duplicate-commands.ts';
import raftStorm from './consensus/raft-storm.ts';
import adaptiveThrottling from './patterns/adaptive-throttling.ts';
import backpressure from './patterns/backpressure.ts';
import bulkhead from './patterns/bulkhead.ts';
import circuitBreaker from './patterns/circuit-breaker.ts';
import oneSlowBackend from './load-balancing/one-slow-backend.ts';
import deadlines from './patterns/deadlines.ts';
import fanOutTail from './patterns/fan-out-tail.ts';
import hedging from './patterns/hedging.ts';
import loadShedding from './patterns/load-shedding.ts';
import retryBudget from './patterns/retry-budget.ts';
import retryWithJitter from './patterns/retry-with-jitter.ts';
import timeouts from './patterns/timeouts.ts';
import outbox from './patterns/outbox.ts';
import saga from './patterns/saga.ts';
import eventSourcing from './patterns/event-sourcing.ts';
import cqrs from './patterns/cqrs.ts';
import batchReads from './product-service/batch-reads.ts';
import liveness from './product-service/liveness.ts';
import memoryLimit from './product-service/memory-limit.ts';
import productPods from './product-service/pods.ts';
import rollingRestart from './product-service/rolling-restart.ts';
import windowBoundary from './rate-limiter/window-boundary.ts';
import healthChecks from './load-balancing/health-checks.ts';
import readThenWriteRace from './rate-limiter/read-then-write-race.ts';
import outlierEjection from './load-balancing/outlier-ejection.ts';
import retryingClients from './rate-limiter/retrying-clients.ts';
import http2BehindL4 from './load-balancing/http2-behind-l4.ts';
import powerOfTwo from './load-balancing/power-of-two.ts';
import staleViews from './load-balancing/stale-views.ts';
import panicThreshold from './load-balancing/panic-threshold.ts';
import localWithSync from './rate-limiter/local-with-sync.ts';
import storageFailover from './storage/failover.ts';
import backpressuredCheckpoint from './realtime/backpressured-checkpoint.ts';
import checkpoints from './realtime/checkpoints.ts';
import idlePartition from './realtime/idle-partition.ts';
import transactionalSink from './realtime/transactional-sink.ts';
import streamWindows from './realtime/windows.ts';
import readYourWrites from './storage/read-your-writes.ts';
import semiSyncTimeout from './storage/semi-sync-timeout.ts';
import splitBrain from './storage/split-brain.ts';
import storageSentinel from './storage/sentinel.ts';
import edgeOrOrigin from './rate-limiter/edge-or-origin.ts';
import stickySessions from './load-balancing/sticky-sessions.ts';
import slowStart from './load-balancing/slow-start.ts';
import weights from './load-balancing/weights.ts';
import affinity from './load-balancing/affinity.ts';
import boundedLoad from './load-balancing/bounded-load.ts';
import zones from './load-balancing/zones.ts';
import subsetting from './load-balancing/subsetting.ts';
import shaping from './rate-limiter/shaping.ts';
import messagingAcks from './messaging/acks.ts';
import cutOffLeader from './messaging/cut-off-leader.ts';
import uncleanElection from './messaging/unclean-election.ts';
import minInsync from './messaging/min-insync.ts';
import lastReplica from './messaging/last-replica.ts';
import truncation from './messaging/truncation.ts';
import duplicates from './messaging/duplicates.ts';
import publisherConfirms from './messaging/publisher-confirms.ts';
import quorumQueue from './messaging/quorum-queue.ts';
import poisonPill from './messaging/poison-pill.ts';
import poisonRecord from './messaging/poison-record.ts';
import prefetch from './messaging/prefetch.ts';
import slowConsumer from './messaging/slow-consumer.ts';
import visibilityTimeout from './messaging/visibility-timeout.ts';
import consumerCrash from './messaging/consumer-crash.ts';
import exactlyOnce from './messaging/exactly-once.ts';
import zombie from './messaging/zombie.ts';
import pendingOffsets from './messaging/pending-offsets.ts';
import lateEndTxn from './messaging/late-end-txn.ts';
import hangingTransaction from './messaging/hanging-transaction.ts';
import slowPoll from './messaging/slow-poll.ts';
import rebalanceStorm from './messaging/rebalance-storm.ts';
import pubSub from './messaging/pub-sub.ts';
import quickElections from './messaging/quick-elections.ts';
import offsetReset from './messaging/offset-reset.ts';
import compaction from './messaging/compaction.ts';
import fifoGroups from './messaging/fifo-groups.ts';
import hotPartition from './messaging/hot-partition.ts';
import staleWatermark from './messaging/stale-watermark.ts';

export interface Topic {
  /** The first part of its scenarios' ids, and their folder. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what there is to learn. */
  readonly about: string;
}

export const topics: readonly Topic[] = [
  {
    id: 'cap',
    title: 'CAP: consistency or availability',
    about: 'What a system may still promise while its network is cut.',
  },
  {
    id: 'consensus',
    title: 'Consensus',
    about: 'How servers agree on a leader and a log, and what keeps them from it.',
  },
  {
    id: 'coordination',
    title: 'Coordination',
    about: 'Who may do what, and for how long, when nobody can see what the others do.',
  },
  {
    id: 'storage',
    title: 'Storage',
    about: 'Where data is kept, in how many places, and what an answered write is worth.',
  },
  {
    id: 'distributed-transactions',
    title: 'Transactions',
    about: 'What transactions may see of each other, and how several stores commit as one.',
  },
  {
    id: 'patterns',
    title: 'Patterns',
    about: 'What keeps a service up when those around it fail, and what it costs.',
  },
  {
    id: 'anti-patterns',
    title: 'Anti-patterns',
    about: 'What seems to help and makes it worse.',
  },
  {
    id: 'load-balancing',
    title: 'Load balancing',
    about: 'Who gets the next request, and how a balancer finds out who can take it.',
  },
  {
    id: 'product-service',
    title: 'A product service',
    about: 'Settings as they are commonly deployed, put together and shaken.',
  },
  {
    id: 'realtime',
    title: 'Streams in real time',
    about: 'Results while events still come: what is complete, and what a restart counts again.',
  },
  {
    id: 'rate-limiter',
    title: 'Rate limiting',
    about: 'How much may pass, who counts it, and what becomes of those that are refused.',
  },
  {
    id: 'caching',
    title: 'Caching',
    about: 'What a copy close at hand saves, when it lies, and what happens without it.',
  },
  {
    id: 'messaging',
    title: 'Messaging',
    about: 'What a log of records keeps when brokers, disks and links fail, and who is told.',
  },
];

export const catalogue: readonly AnyScenario[] = [
  cpPartition,
  apPartition,
  causal,
  quorumOverlap,
  failedWrite,
  sloppyQuorum,
  lastWriteWins,
  mergingTypes,
  readTwice,
  hintWindow,
  resurrection,
  sessionGuarantees,
  followerReads,
  pacelc,
  wanReads,
  availability,
  storageFailover,
  splitBrain,
  storageSentinel,
  semiSyncTimeout,
  readYourWrites,
  leaderFailover,
  majorityLost,
  splitVote,
  electionTime,
  flappingLink,
  flexibleQuorums,
  partialConnectivity,
  membershipChange,
  lostFsync,
  duplicateCommands,
  raftStorm,
  pausedClient,
  uniqueIds,
  clockJump,
  forgetfulLock,
  gossipMembership,
  failureDetectors,
  leaderElection,
  lostUpdate,
  writeSkew,
  twoPhaseCommit,
  commitWait,
  circuitBreaker,
  bulkhead,
  retryBudget,
  hedging,
  loadShedding,
  deadlines,
  fanOutTail,
  retryWithJitter,
  timeouts,
  backpressure,
  adaptiveThrottling,
  retryStorm,
  metastableFailure,
  productPods,
  rollingRestart,
  batchReads,
  memoryLimit,
  liveness,
  oneSlowBackend,
  windowBoundary,
  healthChecks,
  readThenWriteRace,
  outlierEjection,
  retryingClients,
  stampede,
  http2BehindL4,
  powerOfTwo,
  invalidationRace,
  staleViews,
  panicThreshold,
  localWithSync,
  edgeOrOrigin,
  stickySessions,
  lostNode,
  eviction,
  slowStart,
  weights,
  affinity,
  boundedLoad,
  zones,
  subsetting,
  shaping,
  writePolicies,
  missingObjects,
  coldStart,
  nearAndFar,
  messagingAcks,
  cutOffLeader,
  slowConsumer,
  uncleanElection,
  minInsync,
  lastReplica,
  truncation,
  duplicates,
  publisherConfirms,
  quorumQueue,
  poisonPill,
  poisonRecord,
  prefetch,
  pubSub,
  visibilityTimeout,
  consumerCrash,
  exactlyOnce,
  zombie,
  hangingTransaction,
  lateEndTxn,
  pendingOffsets,
  slowPoll,
  rebalanceStorm,
  quickElections,
  staleWatermark,
  fifoGroups,
  hotPartition,
  offsetReset,
  compaction,
  dualWrite,
  outbox,
  saga,
  eventSourcing,
  cqrs,
  streamWindows,
  idlePartition,
  checkpoints,
  transactionalSink,
  backpressuredCheckpoint,
];
