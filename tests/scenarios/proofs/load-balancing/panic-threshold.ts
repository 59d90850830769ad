/** What the tests hold of load-balancing/panic-threshold. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

const NO_PANIC = ['answered', 'nobody-is-crushed', 'all-get-requests'];

export const proof: Proof = {
  breaks: {
    'the-fault-bites': nothingHappens,
    answered: { variant: 'default' },
    'nobody-is-crushed': { variant: 'default' },
    'all-get-requests': { variant: 'one-is-enough' },
    'well-in-the-end': crashAt(13_500, 'app1', 'app2', 'app3'),
  },
  lessons: {
    '*': NO_PANIC,
  },
  notices: backendNotices(),
};
