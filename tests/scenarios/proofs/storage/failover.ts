/** What the tests hold of storage/failover. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'primary-died': nothingHappens,
    'a-standby-takes-over': nothingHappens,
    'served-again': crashAt(7_500, 'd'),
  },
  lessons: {
    'replication=asynchronous': ['nothing-lost'],
    'cutMs=100': ['nothing-lost'],
    'cutMs=800': ['nothing-lost'],
    '*': ['nothing-lost'],
  },
  notices: {
    group: 'n',
    unnoticed: {
      'slow-cpu': 'A step of sql-node and of kv-client occupies no core.',
    },
  },
};
