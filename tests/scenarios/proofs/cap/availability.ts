/** What the tests hold of cap/availability. */
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'machines-fail': nothingHappens,
    'as-computed': { variant: 'same-cause' },
    'no-worse-than-one': { variant: 'default' },
    'better-than-one': { variant: 'default' },
  },
  lessons: {
    '*': ['no-worse-than-one', 'better-than-one'],
    'together=true': ['as-computed'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS),
};
