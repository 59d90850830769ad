/**
 * The coordinators that a broker may be: of which internal topic the records are, what a shard of
 * it does, and how a request is answered that has come to the wrong place.
 *
 * Source: Apache Kafka 4.0, GroupCoordinatorService, TransactionCoordinator
 */
import type { CoordinatorError, CoordinatorKind } from '../../contracts/broker.ts';
import type { Message } from '../../contracts/contract.ts';
import type { TopicSpec } from '../../contracts/controller.ts';
import type { GroupRequest } from '../../contracts/group.ts';
import type { TransactionRequest } from '../../contracts/log-transaction.ts';
import type { AnyMachine, CoordinatorMachine } from '../../protocols/coordinator-machine.ts';
import {
  groupMachine,
  groupRules,
  refuseGroupRequest,
} from '../../protocols/consumer-group/index.ts';
import {
  refuseTransactionRequest,
  transactionMachine,
  transactionRules,
} from '../../protocols/txn-coordinator/index.ts';
import type { LogBrokerConfig } from './config.ts';
import { effectiveMinIsr, specOf } from './topic.ts';

export interface Coordination {
  readonly kind: CoordinatorKind;
  /** The internal topic in whose partitions its state is. */
  topicOf(config: LogBrokerConfig): TopicSpec;
  machineOf(config: LogBrokerConfig, ablations: readonly string[]): AnyMachine;
  /** The answer to a request that this broker may not serve (now). */
  refuse(request: Message, error: CoordinatorError): Message;
}

const erased = <S, M extends Message>(machine: CoordinatorMachine<S, M>): AnyMachine =>
  machine as unknown as AnyMachine;

const groups: Coordination = {
  kind: 'group',
  topicOf: ({ offsetsTopicNumPartitions, offsetsTopicReplicationFactor }) => ({
    topic: '__consumer_offsets',
    partitions: offsetsTopicNumPartitions,
    replicationFactor: offsetsTopicReplicationFactor,
    minInsyncReplicas: 1,
    uncleanLeaderElection: false,
  }),
  machineOf: (config, ablations) =>
    erased(
      groupMachine({
        initialRebalanceDelayMs: config.groupInitialRebalanceDelayMs,
        minSessionTimeoutMs: config.groupMinSessionTimeoutMs,
        maxSessionTimeoutMs: config.groupMaxSessionTimeoutMs,
        consumerSessionTimeoutMs: config.groupConsumerSessionTimeoutMs,
        consumerHeartbeatIntervalMs: config.groupConsumerHeartbeatIntervalMs,
        consumerAssignors: config.groupConsumerAssignors,
        rules: groupRules(ablations),
      }),
    ),
  refuse: (request, error) => refuseGroupRequest(request as GroupRequest, error),
};

const transactions: Coordination = {
  kind: 'transaction',
  topicOf: (config) => ({
    topic: '__transaction_state',
    partitions: config.transactionStateLogNumPartitions,
    replicationFactor: config.transactionStateLogReplicationFactor,
    minInsyncReplicas: effectiveMinIsr(
      config.transactionStateLogMinIsr,
      config.transactionStateLogReplicationFactor,
    ),
    uncleanLeaderElection: false,
  }),
  machineOf: (config, ablations) =>
    erased(
      transactionMachine({
        maxTimeoutMs: config.transactionMaxTimeoutMs,
        abortScanMs: config.transactionAbortTimedOutTransactionCleanupIntervalMs,
        transactionVersion: config.transactionVersion,
        rules: transactionRules(ablations),
      }),
    ),
  refuse: (request, error) => refuseTransactionRequest(request as TransactionRequest, error),
};

const COORDINATIONS: readonly Coordination[] = [groups, transactions];

/** Topics that brokers make for themselves; clients do not mean them. */
export const isInternal = (topic: string): boolean => topic.startsWith('__');

export function coordinationOf(kind: CoordinatorKind): Coordination | undefined {
  return COORDINATIONS.find((one) => one.kind === kind);
}

export function coordinationOfTopic(
  config: LogBrokerConfig,
  topic: string | undefined,
): Coordination | undefined {
  return COORDINATIONS.find((one) => one.topicOf(config).topic === topic);
}

/** The settings of a topic, of the plan or of the brokers' own. */
export function topicSpecOf(config: LogBrokerConfig, topic: string): TopicSpec | undefined {
  const known = config.topics.find((one) => one.topic === topic);
  if (known !== undefined) return specOf(known);
  return COORDINATIONS.map((one) => one.topicOf(config)).find((one) => one.topic === topic);
}
