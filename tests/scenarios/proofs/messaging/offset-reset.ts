/** What the tests hold of messaging/offset-reset. */
import { logNotices } from '../log.ts';
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-skipped': { variant: 'default' },
    'read-as-reckoned': crashAt(16_000, 'c1', 'c2'),
  },
  lessons: { '*': ['nothing-skipped'] },
  notices: logNotices(),
};
