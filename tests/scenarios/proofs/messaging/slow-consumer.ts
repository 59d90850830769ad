/** What the tests hold of messaging/slow-consumer. */
import { logNotices, STEADY } from '../log.ts';
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-skipped': { variant: 'retention' },
    'position-is-there': { variant: 'retention' },
    'read-as-reckoned': crashAt(5_000, 'b'),
    'lag-as-reckoned': crashAt(5_000, 'b'),
  },
  lessons: {
    'retentionMs=0': ['nothing-skipped', 'position-is-there'],
  },
  notices: logNotices(STEADY),
};
