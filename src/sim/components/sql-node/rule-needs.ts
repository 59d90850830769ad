/** Where the rules of primary-replica replication can act in such a server. */
import { amongSeveral } from '../../node/rule-needs.ts';
import type { RuleNeed } from '../../node/rule-needs.ts';
import type { SqlNodeConfig } from './config.ts';

export const ruleNeeds: readonly RuleNeed<SqlNodeConfig>[] = [
  amongSeveral([
    'replica.wait-for-standbys',
    'replica.flush-before-send',
    'replica.flush-before-acknowledge',
    'replica.rewind',
    'replica.replay-before-promote',
  ]),
  {
    rules: ['replica.lease-fencing', 'replica.most-advanced'],
    acts: (_config, { links }) => links.has('dcs'),
    hint: 'Link it to a group of dcs.',
  },
  {
    rules: ['replica.most-advanced'],
    acts: (_config, { count }) => count > 2,
    hint: 'Give the group more standbys: of one there is nothing to choose.',
  },
  {
    rules: ['replica.wait-for-standbys'],
    acts: ({ replication }) => replication !== 'asynchronous',
    hint: 'Write replication: synchronous or semi-synchronous.',
  },
  {
    rules: ['replica.wait-for-standbys'],
    acts: ({ replication, synchronousCommit: level }) =>
      replication === 'semi-synchronous' || (level !== 'off' && level !== 'local'),
    hint: 'Write synchronousCommit: on.',
  },
  {
    rules: ['replica.rewind', 'replica.replay-before-promote'],
    acts: (_config, { links, asked }) => links.has('dcs') || asked('failover'),
    hint: 'Link it to a group of dcs, or a group of sentinels to it: else nobody is promoted.',
  },
  {
    rules: ['replica.sync-candidates'],
    acts: ({ synchronousMode }) => synchronousMode,
    hint: 'Write synchronousMode: true.',
  },
];
