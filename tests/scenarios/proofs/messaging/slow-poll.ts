/** What the tests hold of messaging/slow-poll. */
import { logNotices } from '../log.ts';
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';

const STUCK = ['nobody-leaves', 'commits-move', 'once-each', 'group-settles'];

export const proof: Proof = {
  breaks: {
    'nobody-leaves': { variant: 'default' },
    'commits-move': { variant: 'default' },
    'once-each': { variant: 'default' },
    'group-settles': { variant: 'default' },
    'once-an-interval': crashAt(20_000, 'c1'),
  },
  lessons: { '*': STUCK },
  notices: logNotices(),
};
