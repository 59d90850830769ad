/** Where the rules of Multi-Paxos can act in such a server. */
import { amongSeveral } from '../../node/rule-needs.ts';
import type { RuleNeed } from '../../node/rule-needs.ts';
import type { PaxosKvConfig } from './config.ts';

export const ruleNeeds: readonly RuleNeed<PaxosKvConfig>[] = [
  amongSeveral([
    'paxos.promise-respected',
    'paxos.adopt-accepted',
    'paxos.adopt-highest',
    'paxos.quorum-intersection',
    'paxos.unique-ballots',
    'paxos.ignore-stale-replies',
    'paxos.learn-same-ballot',
    'paxos.fill-gaps',
    'paxos.back-off',
  ]),
  {
    rules: ['paxos.read-index-round', 'paxos.recover-before-read'],
    acts: ({ readMode }) => readMode === 'read-index',
    hint: 'Write readMode: read-index.',
  },
  {
    rules: ['paxos.read-index-round', 'paxos.recover-before-read'],
    acts: (_config, { asked }) => asked('read'),
    hint: 'Give a client reads to do (readShare above 0).',
  },
];
