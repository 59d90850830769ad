/** What the tests hold of rate-limiter/window-boundary. */
import type { RunOptions } from 'faultline';
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

/** A limiter that comes back has forgotten what it let through. */
const restartAt = (atMs: number): RunOptions => ({
  planOverride: {
    faults: [{ id: 'restart', fault: { type: 'crash', target: 'limiter' }, atMs, forMs: 20 }],
  },
});

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(500, { type: 'crash', target: 'app' })] },
    'the-batch-bites': { interventions: [inject(5_000, { type: 'crash', target: 'limiter' })] },
    'inside-a-window': restartAt(3_500),
    'across-the-boundary': { variant: 'default' },
    'as-the-algorithm-says': restartAt(5_900),
  },
  lessons: {
    '*': ['across-the-boundary'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS),
};
