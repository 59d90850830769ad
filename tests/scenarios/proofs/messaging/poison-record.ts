/** What the tests hold of messaging/poison-record. */
import { logNotices } from '../log.ts';
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

/** The first record comes at six seconds. */
const IDLE = 'Nothing is written before the strike is over.';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'worked-off': { variant: 'for-ever' },
    'as-reckoned': { ...nothingHappens, variant: 'crash' },
    'tries-counted': { ...nothingHappens, variant: 'crash' },
    'done-as-reckoned': { ...crashAt(8_000, 'c'), variant: 'dead-letters' },
    'both-stop': { ...crashAt(8_000, 'c1'), variant: 'stops' },
    'not-before': { ...nothingHappens, variant: 'too-few-replicas' },
  },
  lessons: {
    '*': ['nothing-lost'],
    'errorHandler=container-stopping': ['worked-off'],
    'backOffMaxAttempts=-1': ['worked-off'],
  },
  notices: logNotices({ 'slow-disk': IDLE, 'fsync-off': IDLE }),
};
