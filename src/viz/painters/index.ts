/**
 * One painter per component of the catalogue. `satisfies` makes a component without a painter a
 * compile error; components of other people's scenarios are drawn by the generic one.
 */
import type { ComponentName, NodeFrame } from '../../sim/index.ts';
import { cache } from './cache.ts';
import { causalStore } from './causal-store.ts';
import { controller } from './controller.ts';
import { database } from './database.ts';
import { dcs } from './dcs.ts';
import { accountClient, commandService, eventStore, projection } from './event-sourcing.ts';
import { failureMonitor } from './failure-monitor.ts';
import { fencedStorage } from './fenced-storage.ts';
import { genericPainter, plainPainter } from './generic.ts';
import { heartbeatSender } from './heartbeat-sender.ts';
import { httpClient } from './http-client.ts';
import { kvClient } from './kv-client.ts';
import { limitStore } from './limit-store.ts';
import { loadBalancer } from './load-balancer.ts';
import { idClient } from './id-client.ts';
import { idService } from './id-service.ts';
import { lockClient } from './lock-client.ts';
import { lockService } from './lock-service.ts';
import { logBroker } from './log-broker.ts';
import { logConsumer } from './log-consumer.ts';
import { logProcessor } from './log-processor.ts';
import { logProducer } from './log-producer.ts';
import type { Painter } from './painter.ts';
import { paxosKv } from './paxos-kv.ts';
import { queueConsumer, queuePoller, queueProducer } from './queue-clients.ts';
import { queueBroker, visibilityQueue } from './queues.ts';
import { quorumStore } from './quorum-store.ts';
import { raftKv } from './raft-kv.ts';
import { raftOperator } from './raft-operator.ts';
import { rateLimiter } from './rate-limiter.ts';
import { sentinel } from './sentinel.ts';
import { service } from './service.ts';
import { sqlNode } from './sql-node.ts';
import { reportClient } from './report-client.ts';
import { eventLog, jobCoordinator, resultStore, streamTask } from './stream-job.ts';
import { swimMember } from './swim-member.ts';
import { txnClient } from './txn-client.ts';
import { txnStore } from './txn-store.ts';

const painters = {
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
  'inbox-consumer': plainPainter('inbox-consumer', 'IC', 'Has the effect of each event once.'),
  'job-coordinator': jobCoordinator,
  'kv-client': kvClient,
  'limit-store': limitStore,
  'load-balancer': loadBalancer,
  'id-client': idClient,
  'id-service': idService,
  'lock-client': lockClient,
  'lock-service': lockService,
  'log-broker': logBroker,
  'log-consumer': logConsumer,
  'log-processor': logProcessor,
  'log-producer': logProducer,
  'outbox-service': plainPainter('outbox-service', 'OS', 'Keeps orders, and tells of each.'),
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
  'saga-orchestrator': plainPainter('saga-orchestrator', 'SO', 'Leads sagas, or takes them back.'),
  'saga-participant': {
    ...plainPainter('saga-participant', 'SP', 'Does steps of sagas.'),
    standsInRow: true,
  },
  sentinel,
  service,
  'sql-node': sqlNode,
  'stream-task': streamTask,
  'swim-member': swimMember,
  'txn-client': txnClient,
  'txn-store': txnStore,
  'visibility-queue': visibilityQueue,
} satisfies { readonly [C in ComponentName]: Painter<C> };

const byName = new Map<string, Painter>(Object.entries(painters));

export const hasPainter = (component: string): boolean => byName.has(component);

export const painterOf = (component: string): Painter => byName.get(component) ?? genericPainter;

/** "n3, crashed" or "n3, leader in term 2": what a screen reader says of a node. */
export function describeNode(node: NodeFrame): string {
  const parts = [node.name];
  if (node.status === 'down') parts.push('crashed');
  if (node.status === 'paused') parts.push('paused');
  const more = painterOf(node.component).describe(node);
  if (more !== '') parts.push(more);
  return parts.join(', ');
}
