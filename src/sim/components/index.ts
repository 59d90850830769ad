/** The components of the catalogue: an explicit list, nothing registers itself. */
import type { AnyBehaviour, TypedBehaviour } from '../node/behaviour.ts';
import { accountClient } from './account-client/account-client.ts';
import { cache } from './cache/cache.ts';
import { causalStore } from './causal-store/causal-store.ts';
import { commandService } from './command-service/command-service.ts';
import { controller } from './controller/controller.ts';
import { database } from './database/database.ts';
import { dcs } from './dcs/dcs.ts';
import { eventLog } from './event-log/event-log.ts';
import { eventStore } from './event-store/event-store.ts';
import { failureMonitor } from './failure-monitor/failure-monitor.ts';
import { fencedStorage } from './fenced-storage/fenced-storage.ts';
import { heartbeatSender } from './heartbeat-sender/heartbeat-sender.ts';
import { httpClient } from './http-client/http-client.ts';
import { idClient } from './id-client/id-client.ts';
import { idService } from './id-service/id-service.ts';
import { inboxConsumer } from './inbox-consumer/inbox-consumer.ts';
import { jobCoordinator } from './job-coordinator/job-coordinator.ts';
import { kvClient } from './kv-client/kv-client.ts';
import { limitStore } from './limit-store/limit-store.ts';
import { loadBalancer } from './load-balancer/load-balancer.ts';
import { lockClient } from './lock-client/lock-client.ts';
import { lockService } from './lock-service/lock-service.ts';
import { logBroker } from './log-broker/log-broker.ts';
import { logConsumer } from './log-consumer/log-consumer.ts';
import { logProcessor } from './log-processor/log-processor.ts';
import { logProducer } from './log-producer/log-producer.ts';
import { outboxService } from './outbox-service/outbox-service.ts';
import { paxosKv } from './paxos-kv/paxos-kv.ts';
import { projection } from './projection/projection.ts';
import { queueBroker } from './queue-broker/queue-broker.ts';
import { queueConsumer } from './queue-consumer/queue-consumer.ts';
import { queuePoller } from './queue-poller/queue-poller.ts';
import { queueProducer } from './queue-producer/queue-producer.ts';
import { quorumStore } from './quorum-store/quorum-store.ts';
import { raftKv } from './raft-kv/raft-kv.ts';
import { raftOperator } from './raft-operator/raft-operator.ts';
import { rateLimiter } from './rate-limiter/rate-limiter.ts';
import { reportClient } from './report-client/report-client.ts';
import { resultStore } from './result-store/result-store.ts';
import { sagaOrchestrator } from './saga-orchestrator/saga-orchestrator.ts';
import { sagaParticipant } from './saga-participant/saga-participant.ts';
import { sentinel } from './sentinel/sentinel.ts';
import { service } from './service/service.ts';
import { sqlNode } from './sql-node/sql-node.ts';
import { streamTask } from './stream-task/stream-task.ts';
import { swimMember } from './swim-member/swim-member.ts';
import { txnClient } from './txn-client/txn-client.ts';
import { txnStore } from './txn-store/txn-store.ts';
import { visibilityQueue } from './visibility-queue/visibility-queue.ts';

export const COMPONENTS = {
  'account-client': accountClient,
  cache,
  'causal-store': causalStore,
  'command-service': commandService,
  controller,
  database,
  dcs,
  'event-log': eventLog,
  'event-store': eventStore,
  'failure-monitor': failureMonitor,
  'fenced-storage': fencedStorage,
  'heartbeat-sender': heartbeatSender,
  'http-client': httpClient,
  'id-client': idClient,
  'id-service': idService,
  'inbox-consumer': inboxConsumer,
  'job-coordinator': jobCoordinator,
  'kv-client': kvClient,
  'limit-store': limitStore,
  'load-balancer': loadBalancer,
  'lock-client': lockClient,
  'lock-service': lockService,
  'log-broker': logBroker,
  'log-consumer': logConsumer,
  'log-processor': logProcessor,
  'log-producer': logProducer,
  'outbox-service': outboxService,
  'paxos-kv': paxosKv,
  projection,
  'queue-broker': queueBroker,
  'queue-consumer': queueConsumer,
  'queue-poller': queuePoller,
  'queue-producer': queueProducer,
  'quorum-store': quorumStore,
  'raft-kv': raftKv,
  'raft-operator': raftOperator,
  'rate-limiter': rateLimiter,
  'report-client': reportClient,
  'result-store': resultStore,
  'saga-orchestrator': sagaOrchestrator,
  'saga-participant': sagaParticipant,
  sentinel,
  service,
  'sql-node': sqlNode,
  'stream-task': streamTask,
  'swim-member': swimMember,
  'txn-client': txnClient,
  'txn-store': txnStore,
  'visibility-queue': visibilityQueue,
} as const satisfies { readonly [name: string]: AnyBehaviour };

export type ComponentName = keyof typeof COMPONENTS;

/** What people see of a component: what its painter draws. */
export type ViewOf<N extends ComponentName> =
  (typeof COMPONENTS)[N] extends TypedBehaviour<infer _, infer V> ? V : never;
