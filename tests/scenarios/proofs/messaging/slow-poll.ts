/** What the tests hold of messaging/slow-poll. */
import { logNotices } from '../log.ts';
import type { Proof } from '../proof.ts';

const STUCK = ['nobody-leaves', 'commits-move', 'once-each', 'group-settles'];

export const proof: Proof = {
  breaks: {
    'nobody-leaves': { variant: 'default' },
    'commits-move': { variant: 'default' },
    'once-each': { variant: 'default' },
    'group-settles': { variant: 'default' },
  },
  lessons: { '*': STUCK },
  notices: logNotices(),
};
