/** What the tests hold of realtime/checkpoints. */
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { NO_WORK, operatorNotices } from '../stream.ts';

export const proof: Proof = {
  breaks: {
    counted: { variant: 'no-checkpoints-latest' },
    once: { variant: 'at-least-once' },
    'in-time': { ablations: ['stream.watermark-minimum'] },
    'little-again': { variant: 'no-checkpoints' },
    restarted: nothingHappens,
  },
  lessons: {
    'checkpoints=at-least-once': ['once'],
    'checkpoints=none': ['little-again'],
  },
  notices: operatorNotices(NO_WORK),
};
