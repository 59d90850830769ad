/** What the tests hold of load-balancing/http2-behind-l4. */
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    'no-more-than-the-connections': { variant: 'layer-7' },
    'as-the-connections-say': { variant: 'layer-7' },
    even: { variant: 'one-too-many' },
    tail: { variant: 'default' },
    'no-queue-without-end': { variant: 'two-connections' },
  },
  lessons: {
    '*': ['even', 'tail'],
    'layer=l7': ['no-more-than-the-connections', 'as-the-connections-say'],
    'connections=1': ['no-queue-without-end'],
    'ratePerSecond=300': ['no-queue-without-end'],
  },
  notices: backendNotices(),
};
