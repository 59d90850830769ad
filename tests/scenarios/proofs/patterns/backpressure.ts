/** What the tests hold of patterns/backpressure. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

const NO_LIMIT = [
  'never-killed',
  'few-inside',
  'still-useful',
  'nobody-left-in-doubt',
  'limit-follows',
];

export const proof: Proof = {
  breaks: {
    'well-before': {
      variant: 'fixed-limit',
      interventions: [inject(500, { type: 'slow-cpu', target: 'store', factor: 8 })],
    },
    'the-slowness-bites': nothingHappens,
    'never-killed': { variant: 'no-backpressure' },
    'few-inside': { variant: 'no-backpressure' },
    'still-useful': { variant: 'default' },
    'nobody-left-in-doubt': { variant: 'default' },
    'limit-follows': { variant: 'fixed-limit' },
    recovers: {
      variant: 'fixed-limit',
      interventions: [inject(17_000, { type: 'slow-cpu', target: 'store', factor: 8 })],
    },
  },
  lessons: {
    '*': NO_LIMIT,
    // What the service took while it could is still in the store, which has to work through it.
    'slowForMs=30000': ['recovers'],
  },
  notices: trafficNotices('store', ALONE, TIMELESS),
};
