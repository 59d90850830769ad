/** What the tests hold of distributed-transactions/commit-wait. */
import type { Proof } from '../proof.ts';
import { TXN_SHARDS } from '../transactions.ts';

export const proof: Proof = {
  breaks: {
    'sees-what-was-committed': { variant: 'default' },
    'one-snapshot': { ablations: ['mvcc.first-committer-wins'] },
    'commits-are-quick': { variant: 'commit-wait' },
    'waits-two-epsilon': { variant: 'without-the-wait' },
  },
  lessons: {
    '*': ['sees-what-was-committed'],
    'uncertaintyMs=15': ['commits-are-quick'],
  },
  notices: { group: 'shard', unnoticed: TXN_SHARDS, clients: false },
};
