/** What the tests hold of load-balancing/zones. */
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    near: { variant: 'default' },
    'quick-before': { variant: 'aware-of-machines' },
    'the-loss-bites': nothingHappens,
    'share-as-computed': { variant: 'own', ...nothingHappens },
    'quick-after': { variant: 'own' },
  },
  lessons: {
    '*': ['near'],
    'zones=own': ['quick-after'],
  },
  notices: backendNotices(),
};
