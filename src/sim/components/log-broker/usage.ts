/** Which settings of brokers matter only by what clients ask them for. */
import { offersOf } from '../../node/usage.ts';
import type { Usage } from '../../node/usage.ts';
import type { LogBrokerConfig } from './config.ts';

const OF_GROUPS = [
  'offsetsTopicNumPartitions',
  'offsetsTopicReplicationFactor',
  'offsetsCommitTimeoutMs',
  'groupInitialRebalanceDelayMs',
  'groupMinSessionTimeoutMs',
  'groupMaxSessionTimeoutMs',
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
    ...offersOf(OF_TRANSACTIONS, given, {
      what: ['transaction'],
      why: 'no producer has transactions',
      hint: 'Give a producer a transactionalId, or leave it out.',
    }),
  ],
};
