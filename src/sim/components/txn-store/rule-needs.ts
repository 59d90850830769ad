/** Where the rules of isolation and of commit protocols can act in such a shard. */
import { amongSeveral } from '../../node/rule-needs.ts';
import type { RuleNeed } from '../../node/rule-needs.ts';
import { ISOLATION, levelRules } from '../../protocols/isolation/levels.ts';
import type { LevelRules } from '../../protocols/isolation/levels.ts';
import type { TxnStoreConfig } from './config.ts';

/** At levels of such a kind. */
function atLevels(
  rules: readonly string[],
  fits: (level: LevelRules) => boolean,
): RuleNeed<TxnStoreConfig> {
  const levels = ISOLATION.filter((level) => fits(levelRules(level)));
  return {
    rules,
    acts: ({ isolation }) => levels.includes(isolation),
    hint: `Write isolation: ${levels.join(' or ')}.`,
  };
}

export const ruleNeeds: readonly RuleNeed<TxnStoreConfig>[] = [
  atLevels(['mvcc.committed-reads'], ({ reads }) => reads === 'statement' || reads === 'snapshot'),
  atLevels(['mvcc.one-snapshot'], ({ reads }) => reads === 'snapshot'),
  atLevels(['mvcc.first-committer-wins'], ({ firstCommitterWins }) => firstCommitterWins),
  atLevels(['mvcc.ssi-pivot'], ({ ssi }) => ssi),
  // Where reads lock, a transaction that only reads sees a snapshot all the same.
  atLevels(['mvcc.wait-for-prepared'], ({ reads }) => reads !== 'dirty'),
  atLevels(['locking.reads-until-commit'], ({ reads }) => reads === 'locked'),
  atLevels(['locking.predicates'], ({ predicateLocks }) => predicateLocks),
  {
    rules: ['mvcc.commit-wait'],
    acts: ({ clockUncertaintyMs }) => clockUncertaintyMs > 0,
    hint: 'Give clockUncertaintyMs more than 0.',
  },
  {
    rules: ['locking.deadlocks'],
    acts: ({ deadlocks }) => deadlocks !== 'timeout',
    hint: 'Write deadlocks: detect or wound-wait.',
  },
  amongSeveral([
    'mvcc.wait-for-prepared',
    'commit.prepare-logged',
    'commit.decision-logged',
    'commit.wait-when-prepared',
    'commit.majority-of-acceptors',
  ]),
  {
    rules: ['commit.decision-logged'],
    acts: ({ commitProtocol }) => commitProtocol !== 'paxos-commit',
    hint: 'Write commitProtocol: 2pc or 3pc.',
  },
  {
    rules: ['commit.majority-of-acceptors'],
    acts: ({ commitProtocol }) => commitProtocol === 'paxos-commit',
    hint: 'Write commitProtocol: paxos-commit.',
  },
  {
    rules: ['commit.majority-of-acceptors'],
    acts: ({ faultsTolerated }) => faultsTolerated > 0,
    hint: 'Give faultsTolerated more than 0.',
  },
];
