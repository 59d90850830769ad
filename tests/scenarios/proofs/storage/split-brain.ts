/** What the tests hold of storage/split-brain. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'lost-as-reckoned': nothingHappens,
    'one-primary': { variant: 'no-lease' },
    'another-takes-over': nothingHappens,
    'outside-is-served': crashAt(7_600, 'd'),
    'inside-is-told-no': { variant: 'no-lease' },
  },
  lessons: {
    '*': ['nothing-lost'],
  },
  notices: {
    group: 'n',
    unnoticed: {
      'slow-cpu': 'A step of sql-node and of kv-client occupies no core.',
    },
  },
};
