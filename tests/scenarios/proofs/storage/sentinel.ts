/** What the tests hold of storage/sentinel. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'lost-as-reckoned': nothingHappens,
    'one-primary': { variant: 'default' },
    'promoted-as-reckoned': nothingHappens,
    'outside-is-served': crashAt(10_000, 's1', 's2', 's3', 'n2', 'n3'),
    'old-one-is-told': nothingHappens,
    'outside-waits': { variant: 'majority-inside', planOverride: { faults: [] } },
  },
  lessons: {
    'sentinelsInside=0': ['nothing-lost', 'one-primary'],
    '*': ['nothing-lost', 'one-primary'],
  },
  notices: {
    group: 'n',
    unnoticed: {
      'slow-cpu': 'A step of sql-node and of kv-client occupies no core.',
    },
  },
};
