/** What the tests hold of load-balancing/outlier-ejection. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    'well-before': crashAt(1_000, 'app2'),
    'checks-see-nothing': crashAt(1_000, 'app2'),
    'few-errors': { variant: 'two-grey' },
    ejected: { variant: 'default' },
    'comes-back': crashAt(16_000, 'app2'),
    'nobody-fails-in-the-end': crashAt(17_000, 'app2'),
  },
  lessons: {
    '*': ['few-errors', 'ejected'],
  },
  notices: {
    ...backendNotices(),
    unnoticed: {
      ...backendNotices().unnoticed,
      'slow-cpu': 'The backends only call their database: the work is its own.',
    },
  },
};
