/** Where the rules of partitions, of groups and of transactions can act in such a cluster. */
import type { RuleNeed, RuleSight } from '../../node/rule-needs.ts';
import { GROUP_RULES } from '../../protocols/consumer-group/index.ts';
import { TRANSACTION_RULES } from '../../protocols/txn-coordinator/index.ts';
import type { LogBrokerConfig } from './config.ts';
import { specOf } from './topic.ts';

/** Those of the cluster, or of what it keeps for groups and transactions. */
function hasFollowers(config: LogBrokerConfig, { asked }: RuleSight): boolean {
  const { topics, offsetsTopicReplicationFactor, transactionStateLogReplicationFactor } = config;
  return (
    topics.some(({ replicationFactor }) => replicationFactor > 1) ||
    (offsetsTopicReplicationFactor > 1 && asked('group')) ||
    (transactionStateLogReplicationFactor > 1 && asked('transaction'))
  );
}

export const ruleNeeds: readonly RuleNeed<LogBrokerConfig>[] = [
  {
    rules: [
      'partition.epoch-truncation',
      'partition.epoch-lookup',
      'partition.high-watermark',
      'partition.maximal-isr',
      'partition.epoch-start',
    ],
    acts: hasFollowers,
    hint: 'Give a topic replicationFactor: 2 or more.',
  },
  {
    rules: ['partition.min-isr'],
    acts: ({ topics }, { asked }) =>
      topics.some((topic) => specOf(topic).minInsyncReplicas > 1) || asked('transaction'),
    hint: 'Give a topic minInsyncReplicas: 2 or more, and as many replicas.',
  },
  {
    rules: ['partition.sequence-numbers'],
    acts: (_config, { asked }) => asked('idempotence'),
    hint: 'Write enableIdempotence: true for a producer.',
  },
  {
    rules: ['partition.tombstones'],
    acts: ({ topics }) => topics.some(({ cleanupPolicy }) => cleanupPolicy !== 'delete'),
    hint: 'Give a topic cleanupPolicy: compact.',
  },
  {
    rules: GROUP_RULES.map(({ id }) => id),
    acts: (_config, { asked }) => asked('group'),
    hint: 'Give a consumer a groupId.',
  },
  {
    rules: ['group.join-barrier'],
    acts: (_config, { asked }) => asked('classic-group'),
    hint: 'Write groupProtocol: classic for a consumer with a groupId.',
  },
  {
    rules: ['group.revoke-before-assign'],
    acts: (_config, { asked }) => asked('consumer-group'),
    hint: 'Write groupProtocol: consumer for a consumer with a groupId.',
  },
  {
    rules: ['group.stable-offsets'],
    acts: (_config, { asked }) => asked('offsets in transactions'),
    hint: 'Write processingGuarantee: exactly_once_v2 for a processor.',
  },
  {
    rules: TRANSACTION_RULES.map(({ id }) => id),
    acts: (_config, { asked }) => asked('transaction'),
    hint: 'Give a producer a transactionalId.',
  },
  {
    rules: ['transaction.epoch-bump'],
    acts: ({ transactionVersion }) => transactionVersion === 2,
    hint: 'Write transactionVersion: 2.',
  },
  {
    rules: ['transaction.last-stable-offset', 'transaction.aborted-ranges'],
    acts: (_config, { asked }) => asked('committed records'),
    hint: 'Write isolationLevel: read_committed for a consumer.',
  },
];
