/** What the tests hold of realtime/backpressured-checkpoint. */
import type { Proof } from '../proof.ts';
import { operatorNotices } from '../stream.ts';

export const proof: Proof = {
  breaks: {
    counted: { variant: 'channels-forgotten' },
    once: { ablations: ['stream.restore-offsets-with-state'] },
    'in-time': { variant: 'aligned' },
    'channels-kept': { variant: 'aligned' },
    'little-again': { variant: 'aligned' },
  },
  lessons: { 'unaligned=false': ['in-time', 'channels-kept', 'little-again'] },
  notices: operatorNotices(),
};
