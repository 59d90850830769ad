/** What the tests hold of load-balancing/health-checks. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    'well-before': crashAt(1_000, 'app2'),
    'taken-down': { variant: 'no-checks' },
    'errors-in-the-window': { variant: 'no-checks' },
    'no-errors-after': { variant: 'no-checks' },
    'nobody-notices': { variant: 'default' },
    'comes-back': { variant: 'no-checks' },
    'works-again': crashAt(16_000, 'app1'),
  },
  lessons: {
    '*': ['nobody-notices'],
    'checks=false': ['taken-down', 'errors-in-the-window', 'no-errors-after', 'comes-back'],
  },
  notices: backendNotices(),
};
