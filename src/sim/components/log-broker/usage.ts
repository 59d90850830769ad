/** Which settings of brokers matter only by what clients ask them for. */
import { offersOf } from '../../node/usage.ts';
import type { Usage } from '../../node/usage.ts';
import type { LogBrokerConfig } from './config.ts';

const OF_GROUPS = [
  'offsetsTopicNumPartitions',
  'offsetsTopicReplicationFactor',
  'offsetsCommitTimeoutMs',
] as const;

const OF_CLASSIC_PROTOCOL = [
  'groupInitialRebalanceDelayMs',
  'groupMinSessionTimeoutMs',
  'groupMaxSessionTimeoutMs',
] as const;

const OF_CONSUMER_PROTOCOL = [
  'groupConsumerSessionTimeoutMs',
  'groupConsumerHeartbeatIntervalMs',
  'groupConsumerAssignors',
] as const;

const OF_TRANSACTIONS = [
  'transactionVersion',
  'transactionStateLogNumPartitions',
  'transactionStateLogReplicationFactor',
  'transactionStateLogMinIsr',
  'transactionMaxTimeoutMs',
  'transactionAbortTimedOutTransactionCleanupIntervalMs',
] as const;

export const usage: Usage<LogBrokerConfig> = {
  uses: () => [],
  offers: (_config, given) => [
    ...offersOf(OF_GROUPS, given, {
      what: ['group'],
      why: 'no consumer is in a group',
      hint: 'Give a consumer a groupId, or leave it out.',
    }),
    ...offersOf(OF_CLASSIC_PROTOCOL, given, {
      what: ['classic-group'],
      why: 'no consumer is in a group of the classic protocol',
      hint: 'Give a consumer a groupId and groupProtocol: classic, or leave it out.',
    }),
    ...offersOf(OF_CONSUMER_PROTOCOL, given, {
      what: ['consumer-group'],
      why: 'no consumer is in a group of the consumer protocol',
      hint: 'Give a consumer a groupId and groupProtocol: consumer, or leave it out.',
    }),
    ...offersOf(OF_TRANSACTIONS, given, {
      what: ['transaction'],
      why: 'no producer has transactions',
      hint: 'Give a producer a transactionalId, or leave it out.',
    }),
  ],
};
