/** What the tests hold of load-balancing/weights. */
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    'share-of-the-weight': { variant: 'no-weights' },
    'no-bursts': { variant: 'default' },
    median: { variant: 'default' },
    'nobody-drowns': { variant: 'no-weights' },
  },
  lessons: {
    '*': ['no-bursts', 'median'],
    'policy=round-robin': ['share-of-the-weight', 'nobody-drowns'],
  },
  notices: backendNotices(),
};
