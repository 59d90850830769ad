/** What the tests hold of load-balancing/affinity. */
import type { RunOptions } from 'faultline';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

/** All backends start anew, with nothing in their memories. */
const allForget: RunOptions = {
  planOverride: {
    faults: [{ id: 'all', fault: { type: 'crash', target: 'app' }, atMs: 6_000, forMs: 20 }],
  },
};

export const proof: Proof = {
  breaks: {
    'found-at-hand': { variant: 'default' },
    'at-hand-as-computed': { variant: 'ring', ...allForget },
    quick: { variant: 'default' },
    even: { variant: 'ring' },
    'the-loss-bites': nothingHappens,
    'moves-as-computed': { variant: 'ring', ...nothingHappens },
    'only-its-own-move': { variant: 'modulo' },
    'found-again': { variant: 'default' },
  },
  lessons: {
    '*': ['found-at-hand', 'quick', 'only-its-own-move', 'found-again'],
    'policy=ring-hash': ['even'],
  },
  notices: backendNotices(),
};
