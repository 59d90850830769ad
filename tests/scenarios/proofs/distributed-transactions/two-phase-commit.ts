/** What the tests hold of distributed-transactions/two-phase-commit. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { TXN_SHARDS } from '../transactions.ts';

export const proof: Proof = {
  breaks: {
    'both-have-promised': crashAt(500, 'shard3'),
    'one-fate': { variant: 'three-phase-cut' },
    'money-adds-up': { variant: 'three-phase-cut' },
    'anna-is-served': { variant: 'default' },
    'bob-is-served': { variant: 'default' },
    // The coordinator is lost for good.
    'doubt-ends': crashAt(1_070, 'shard1'),
  },
  lessons: {
    '*': ['anna-is-served', 'bob-is-served'],
  },
  notices: { group: 'shard', unnoticed: TXN_SHARDS, clients: false },
};
