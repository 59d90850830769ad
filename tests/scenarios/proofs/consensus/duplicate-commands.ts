/** What the tests hold of consensus/duplicate-commands. */
import { act, inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, answersBeforeDisk } from '../raft.ts';

export const proof: Proof = {
  breaks: {
    // Slow disks, and a crash of all before they have what was acknowledged.
    'raft-safety': {
      ...answersBeforeDisk,
      interventions: [
        inject(2_000, { type: 'slow-disk', target: 'n', factor: 1, extraMs: 400 }),
        inject(2_750, { type: 'crash', target: 'n' }),
        act(2_800, { do: 'undo', id: 'by-hand-2750' }),
      ],
    },
    'in-doubt': nothingHappens,
    'all-are-answered': { variant: 'give-up' },
    // No loss, nothing to repeat.
    'balance-as-computed': nothingHappens,
    'each-counts-once': { variant: 'default' },
  },
  lessons: {
    '*': ['each-counts-once'],
    'delivery=at-most-once': ['all-are-answered'],
  },
  notices: RAFT_NOTICES,
};
