/** Where the rules of Raft can act in such a server. */
import { amongSeveral } from '../../node/rule-needs.ts';
import type { RuleNeed } from '../../node/rule-needs.ts';
import { AMONG_SERVERS } from '../../protocols/raft/rules.ts';
import type { RaftKvConfig } from './config.ts';

export const ruleNeeds: readonly RuleNeed<RaftKvConfig>[] = [
  amongSeveral(AMONG_SERVERS),
  {
    rules: ['raft.read-index-round'],
    acts: ({ readMode }) => readMode === 'read-index' || readMode === 'lease',
    hint: 'Write readMode: read-index.',
  },
  {
    rules: ['raft.read-index-round'],
    acts: (_config, { asked }) => asked('read'),
    hint: 'Give a client reads to do (readShare above 0).',
  },
  {
    rules: ['raft.lost-is-not-done', 'raft.lost-is-not-failed'],
    acts: (_config, { asked }) => asked('write') || asked('delete') || asked('update'),
    hint: 'Give a client writes to do (readShare below 1).',
  },
  {
    rules: [
      'raft.configuration-at-append',
      'raft.one-change-at-a-time',
      'raft.own-term-commit-before-change',
    ],
    acts: (_config, { asked }) => asked('change'),
    hint: 'Link a raft-operator to it whose orders change the members.',
  },
  {
    rules: ['raft.joint-consensus'],
    acts: (_config, { asked }) => asked('joint-change'),
    hint: 'Give a raft-operator an order for several members, or with transition: joint-implicit.',
  },
  {
    rules: ['raft.count-self-after-removal'],
    acts: (_config, { asked }) => asked('remove'),
    hint: 'Give a raft-operator an order that removes a member.',
  },
  {
    rules: ['raft.lease-ends-before-transfer'],
    acts: ({ readMode }) => readMode === 'lease',
    hint: 'Write readMode: lease.',
  },
  {
    rules: ['raft.transfer-caught-up', 'raft.lease-ends-before-transfer'],
    acts: (_config, { asked }) => asked('transfer'),
    hint: 'Give a raft-operator an order with transferTo.',
  },
  {
    rules: ['raft.snapshot-keeps-log', 'raft.snapshot-keeps-answers'],
    acts: ({ snapshotThreshold }) => snapshotThreshold > 0,
    hint: 'Give snapshotThreshold more than 0.',
  },
  {
    rules: ['raft.dedupe', 'raft.snapshot-keeps-answers'],
    acts: (_config, { asked }) => asked('session'),
    hint: 'Write sessions: true for a client.',
  },
];
