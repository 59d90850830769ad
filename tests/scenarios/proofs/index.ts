/** The proofs of the catalogue: one for each scenario. */
import { proof as cpPartition } from './cap/cp-partition.ts';
import { proof as apPartition } from './cap/ap-partition.ts';
import { proof as causal } from './cap/causal.ts';
import { proof as failedWrite } from './cap/failed-write.ts';
import { proof as followerReads } from './cap/follower-reads.ts';
import { proof as hintWindow } from './cap/hint-window.ts';
import { proof as lastWriteWins } from './cap/last-write-wins.ts';
import { proof as readTwice } from './cap/read-twice.ts';
import { proof as mergingTypes } from './cap/merging-types.ts';
import { proof as pacelc } from './cap/pacelc.ts';
import { proof as quorumOverlap } from './cap/quorum-overlap.ts';
import { proof as resurrection } from './cap/resurrection.ts';
import { proof as sessionGuarantees } from './cap/session-guarantees.ts';
import { proof as sloppyQuorum } from './cap/sloppy-quorum.ts';
import { proof as leaderFailover } from './consensus/leader-failover.ts';
import { proof as splitVote } from './consensus/split-vote.ts';
import { proof as electionTime } from './consensus/election-time.ts';
import { proof as membershipChange } from './consensus/membership-change.ts';
import { proof as lostFsync } from './consensus/lost-fsync.ts';
import { proof as raftStorm } from './consensus/raft-storm.ts';
import { proof as duplicateCommands } from './consensus/duplicate-commands.ts';
import { proof as majorityLost } from './consensus/majority-lost.ts';
import { proof as flappingLink } from './consensus/flapping-link.ts';
import { proof as flexibleQuorums } from './consensus/flexible-quorums.ts';
import { proof as partialConnectivity } from './consensus/partial-connectivity.ts';
import { proof as clockJump } from './coordination/clock-jump.ts';
import { proof as failureDetectors } from './coordination/failure-detectors.ts';
import { proof as forgetfulLock } from './coordination/forgetful-lock.ts';
import { proof as gossipMembership } from './coordination/gossip-membership.ts';
import { proof as leaderElection } from './coordination/leader-election.ts';
import { proof as uniqueIds } from './coordination/unique-ids.ts';
import { proof as commitWait } from './distributed-transactions/commit-wait.ts';
import { proof as availability } from './cap/availability.ts';
import { proof as wanReads } from './cap/wan-reads.ts';
import { proof as lostUpdate } from './distributed-transactions/lost-update.ts';
import { proof as twoPhaseCommit } from './distributed-transactions/two-phase-commit.ts';
import { proof as writeSkew } from './distributed-transactions/write-skew.ts';
import { proof as pausedClient } from './coordination/paused-client.ts';
import { proof as metastableFailure } from './anti-patterns/metastable-failure.ts';
import { proof as retryStorm } from './anti-patterns/retry-storm.ts';
import { proof as dualWrite } from './anti-patterns/dual-write.ts';
import { proof as storageFailover } from './storage/failover.ts';
import { proof as readYourWrites } from './storage/read-your-writes.ts';
import { proof as semiSyncTimeout } from './storage/semi-sync-timeout.ts';
import { proof as splitBrain } from './storage/split-brain.ts';
import { proof as storageSentinel } from './storage/sentinel.ts';
import { proof as circuitBreaker } from './patterns/circuit-breaker.ts';
import { proof as bulkhead } from './patterns/bulkhead.ts';
import { proof as oneSlowBackend } from './load-balancing/one-slow-backend.ts';
import { proof as retryBudget } from './patterns/retry-budget.ts';
import { proof as hedging } from './patterns/hedging.ts';
import { proof as loadShedding } from './patterns/load-shedding.ts';
import { proof as deadlines } from './patterns/deadlines.ts';
import { proof as batchReads } from './product-service/batch-reads.ts';
import { proof as liveness } from './product-service/liveness.ts';
import { proof as memoryLimit } from './product-service/memory-limit.ts';
import { proof as productPods } from './product-service/pods.ts';
import { proof as rollingRestart } from './product-service/rolling-restart.ts';
import { proof as windowBoundary } from './rate-limiter/window-boundary.ts';
import { proof as healthChecks } from './load-balancing/health-checks.ts';
import { proof as readThenWriteRace } from './rate-limiter/read-then-write-race.ts';
import { proof as fanOutTail } from './patterns/fan-out-tail.ts';
import { proof as outlierEjection } from './load-balancing/outlier-ejection.ts';
import { proof as retryingClients } from './rate-limiter/retrying-clients.ts';
import { proof as stampede } from './caching/stampede.ts';
import { proof as retryWithJitter } from './patterns/retry-with-jitter.ts';
import { proof as http2BehindL4 } from './load-balancing/http2-behind-l4.ts';
import { proof as timeouts } from './patterns/timeouts.ts';
import { proof as powerOfTwo } from './load-balancing/power-of-two.ts';
import { proof as backpressure } from './patterns/backpressure.ts';
import { proof as adaptiveThrottling } from './patterns/adaptive-throttling.ts';
import { proof as outbox } from './patterns/outbox.ts';
import { proof as saga } from './patterns/saga.ts';
import { proof as eventSourcing } from './patterns/event-sourcing.ts';
import { proof as cqrs } from './patterns/cqrs.ts';
import { proof as backpressuredCheckpoint } from './realtime/backpressured-checkpoint.ts';
import { proof as checkpoints } from './realtime/checkpoints.ts';
import { proof as idlePartition } from './realtime/idle-partition.ts';
import { proof as transactionalSink } from './realtime/transactional-sink.ts';
import { proof as streamWindows } from './realtime/windows.ts';
import { proof as invalidationRace } from './caching/invalidation-race.ts';
import { proof as staleViews } from './load-balancing/stale-views.ts';
import { proof as panicThreshold } from './load-balancing/panic-threshold.ts';
import { proof as localWithSync } from './rate-limiter/local-with-sync.ts';
import { proof as edgeOrOrigin } from './rate-limiter/edge-or-origin.ts';
import { proof as stickySessions } from './load-balancing/sticky-sessions.ts';
import { proof as lostNode } from './caching/lost-node.ts';
import { proof as eviction } from './caching/eviction.ts';
import { proof as slowStart } from './load-balancing/slow-start.ts';
import { proof as weights } from './load-balancing/weights.ts';
import { proof as affinity } from './load-balancing/affinity.ts';
import { proof as boundedLoad } from './load-balancing/bounded-load.ts';
import { proof as zones } from './load-balancing/zones.ts';
import { proof as subsetting } from './load-balancing/subsetting.ts';
import { proof as shaping } from './rate-limiter/shaping.ts';
import { proof as writePolicies } from './caching/write-policies.ts';
import { proof as missingObjects } from './caching/missing-objects.ts';
import { proof as coldStart } from './caching/cold-start.ts';
import { proof as nearAndFar } from './caching/near-and-far.ts';
import { proof as messagingAcks } from './messaging/acks.ts';
import { proof as cutOffLeader } from './messaging/cut-off-leader.ts';
import { proof as uncleanElection } from './messaging/unclean-election.ts';
import { proof as minInsync } from './messaging/min-insync.ts';
import { proof as lastReplica } from './messaging/last-replica.ts';
import { proof as truncation } from './messaging/truncation.ts';
import { proof as duplicates } from './messaging/duplicates.ts';
import { proof as poisonPill } from './messaging/poison-pill.ts';
import { proof as poisonRecord } from './messaging/poison-record.ts';
import { proof as publisherConfirms } from './messaging/publisher-confirms.ts';
import { proof as quorumQueue } from './messaging/quorum-queue.ts';
import { proof as prefetch } from './messaging/prefetch.ts';
import { proof as pubSub } from './messaging/pub-sub.ts';
import { proof as slowConsumer } from './messaging/slow-consumer.ts';
import { proof as visibilityTimeout } from './messaging/visibility-timeout.ts';
import { proof as consumerCrash } from './messaging/consumer-crash.ts';
import { proof as exactlyOnce } from './messaging/exactly-once.ts';
import { proof as zombie } from './messaging/zombie.ts';
import { proof as pendingOffsets } from './messaging/pending-offsets.ts';
import { proof as lateEndTxn } from './messaging/late-end-txn.ts';
import { proof as hangingTransaction } from './messaging/hanging-transaction.ts';
import { proof as slowPoll } from './messaging/slow-poll.ts';
import { proof as compaction } from './messaging/compaction.ts';
import { proof as offsetReset } from './messaging/offset-reset.ts';
import { proof as fifoGroups } from './messaging/fifo-groups.ts';
import { proof as hotPartition } from './messaging/hot-partition.ts';
import { proof as staleWatermark } from './messaging/stale-watermark.ts';
import { proof as quickElections } from './messaging/quick-elections.ts';
import { proof as rebalanceStorm } from './messaging/rebalance-storm.ts';
import type { Proof } from './proof.ts';

export const PROOFS: { readonly [scenario: string]: Proof } = {
  'cap/causal': causal,
  'cap/cp-partition': cpPartition,
  'cap/ap-partition': apPartition,
  'cap/failed-write': failedWrite,
  'cap/follower-reads': followerReads,
  'cap/hint-window': hintWindow,
  'cap/last-write-wins': lastWriteWins,
  'cap/merging-types': mergingTypes,
  'cap/read-twice': readTwice,
  'cap/pacelc': pacelc,
  'cap/quorum-overlap': quorumOverlap,
  'cap/resurrection': resurrection,
  'cap/session-guarantees': sessionGuarantees,
  'cap/sloppy-quorum': sloppyQuorum,
  'storage/failover': storageFailover,
  'storage/split-brain': splitBrain,
  'storage/sentinel': storageSentinel,
  'storage/semi-sync-timeout': semiSyncTimeout,
  'storage/read-your-writes': readYourWrites,
  'consensus/leader-failover': leaderFailover,
  'consensus/split-vote': splitVote,
  'consensus/election-time': electionTime,
  'consensus/flapping-link': flappingLink,
  'consensus/flexible-quorums': flexibleQuorums,
  'consensus/partial-connectivity': partialConnectivity,
  'consensus/membership-change': membershipChange,
  'consensus/lost-fsync': lostFsync,
  'consensus/duplicate-commands': duplicateCommands,
  'consensus/raft-storm': raftStorm,
  'cap/wan-reads': wanReads,
  'cap/availability': availability,
  'consensus/majority-lost': majorityLost,
  'coordination/paused-client': pausedClient,
  'coordination/unique-ids': uniqueIds,
  'coordination/clock-jump': clockJump,
  'coordination/forgetful-lock': forgetfulLock,
  'coordination/failure-detectors': failureDetectors,
  'coordination/leader-election': leaderElection,
  'coordination/gossip-membership': gossipMembership,
  'distributed-transactions/lost-update': lostUpdate,
  'distributed-transactions/write-skew': writeSkew,
  'distributed-transactions/two-phase-commit': twoPhaseCommit,
  'distributed-transactions/commit-wait': commitWait,
  'anti-patterns/metastable-failure': metastableFailure,
  'anti-patterns/retry-storm': retryStorm,
  'anti-patterns/dual-write': dualWrite,
  'patterns/circuit-breaker': circuitBreaker,
  'patterns/bulkhead': bulkhead,
  'load-balancing/one-slow-backend': oneSlowBackend,
  'patterns/retry-budget': retryBudget,
  'patterns/hedging': hedging,
  'patterns/load-shedding': loadShedding,
  'patterns/deadlines': deadlines,
  'product-service/pods': productPods,
  'product-service/rolling-restart': rollingRestart,
  'product-service/batch-reads': batchReads,
  'product-service/memory-limit': memoryLimit,
  'product-service/liveness': liveness,
  'rate-limiter/window-boundary': windowBoundary,
  'load-balancing/health-checks': healthChecks,
  'rate-limiter/read-then-write-race': readThenWriteRace,
  'patterns/fan-out-tail': fanOutTail,
  'load-balancing/outlier-ejection': outlierEjection,
  'rate-limiter/retrying-clients': retryingClients,
  'caching/stampede': stampede,
  'patterns/retry-with-jitter': retryWithJitter,
  'load-balancing/http2-behind-l4': http2BehindL4,
  'patterns/timeouts': timeouts,
  'load-balancing/power-of-two': powerOfTwo,
  'patterns/backpressure': backpressure,
  'patterns/adaptive-throttling': adaptiveThrottling,
  'patterns/outbox': outbox,
  'patterns/saga': saga,
  'patterns/event-sourcing': eventSourcing,
  'patterns/cqrs': cqrs,
  'realtime/backpressured-checkpoint': backpressuredCheckpoint,
  'realtime/checkpoints': checkpoints,
  'realtime/idle-partition': idlePartition,
  'realtime/transactional-sink': transactionalSink,
  'realtime/windows': streamWindows,
  'caching/invalidation-race': invalidationRace,
  'load-balancing/stale-views': staleViews,
  'load-balancing/panic-threshold': panicThreshold,
  'rate-limiter/local-with-sync': localWithSync,
  'rate-limiter/edge-or-origin': edgeOrOrigin,
  'load-balancing/sticky-sessions': stickySessions,
  'caching/lost-node': lostNode,
  'caching/eviction': eviction,
  'load-balancing/slow-start': slowStart,
  'load-balancing/weights': weights,
  'load-balancing/affinity': affinity,
  'load-balancing/bounded-load': boundedLoad,
  'load-balancing/zones': zones,
  'load-balancing/subsetting': subsetting,
  'rate-limiter/shaping': shaping,
  'caching/write-policies': writePolicies,
  'caching/missing-objects': missingObjects,
  'caching/cold-start': coldStart,
  'caching/near-and-far': nearAndFar,
  'messaging/acks': messagingAcks,
  'messaging/cut-off-leader': cutOffLeader,
  'messaging/unclean-election': uncleanElection,
  'messaging/min-insync': minInsync,
  'messaging/last-replica': lastReplica,
  'messaging/truncation': truncation,
  'messaging/duplicates': duplicates,
  'messaging/publisher-confirms': publisherConfirms,
  'messaging/quorum-queue': quorumQueue,
  'messaging/poison-pill': poisonPill,
  'messaging/poison-record': poisonRecord,
  'messaging/prefetch': prefetch,
  'messaging/pub-sub': pubSub,
  'messaging/slow-consumer': slowConsumer,
  'messaging/visibility-timeout': visibilityTimeout,
  'messaging/consumer-crash': consumerCrash,
  'messaging/exactly-once': exactlyOnce,
  'messaging/zombie': zombie,
  'messaging/hanging-transaction': hangingTransaction,
  'messaging/late-end-txn': lateEndTxn,
  'messaging/pending-offsets': pendingOffsets,
  'messaging/slow-poll': slowPoll,
  'messaging/compaction': compaction,
  'messaging/fifo-groups': fifoGroups,
  'messaging/hot-partition': hotPartition,
  'messaging/offset-reset': offsetReset,
  'messaging/stale-watermark': staleWatermark,
  'messaging/quick-elections': quickElections,
  'messaging/rebalance-storm': rebalanceStorm,
};

/** The proof of a scenario; one without is told where to add it. */
export function proofOf(scenario: string): Proof {
  const proof = PROOFS[scenario];
  if (proof !== undefined) return proof;
  throw new Error(
    `${scenario} has no proof: add tests/scenarios/proofs/${scenario}.ts and its line in ` +
      'index.ts there, with a run in which each check breaks, the group that faults strike, ' +
      'and the faults that it cannot notice, each with its reason.',
  );
}
