/** What the tests hold of consensus/membership-change. */
import type { RunOptions } from 'faultline';
import { act, inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, answersBeforeDisk } from '../raft.ts';

/** Slow disks, and a crash of all before they have what was acknowledged. */
const forgets: RunOptions = {
  ...answersBeforeDisk,
  interventions: [
    inject(2_000, { type: 'slow-disk', target: 'n', factor: 1, extraMs: 400 }),
    inject(4_000, { type: 'crash', target: 'n' }),
    act(4_100, { do: 'undo', id: 'by-hand-4000' }),
  ],
};

export const proof: Proof = {
  breaks: {
    'raft-safety': forgets,
    'nothing-is-lost': forgets,
    'a-server-was-lost': nothingHappens,
    'the-new-one-votes': { interventions: [inject(4_900, { type: 'crash', target: 'n' })] },
    // Without a crash there is no stall.
    'stalls-until-caught-up': nothingHappens,
    'no-stall': { variant: 'default' },
    'logs-agree': { interventions: [inject(14_500, { type: 'crash', target: 'n3' })] },
  },
  lessons: {
    '*': ['no-stall'],
  },
  // The matrix looks at the first seconds, in which nobody writes yet.
  notices: { ...RAFT_NOTICES, clients: false },
};
