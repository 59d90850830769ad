/** What the tests hold of realtime/transactional-sink. */
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { NO_WORK, operatorNotices } from '../stream.ts';

export const proof: Proof = {
  breaks: {
    counted: { variant: 'short-timeout' },
    'no-row-again': { variant: 'plain' },
    right: { ablations: ['stream.restore-offsets-with-state'] },
    'seen-late': { variant: 'plain' },
    'failed-twice': nothingHappens,
  },
  lessons: {
    'delivery=plain': ['no-row-again', 'seen-late'],
    'delivery=idempotent': ['seen-late'],
    'transactionTimeoutMs=700': ['counted'],
  },
  notices: operatorNotices(NO_WORK),
};
