/** What the tests hold of consensus/majority-lost. */
import type { RunOptions } from 'faultline';
import { act, crashAt, inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, answersBeforeDisk } from '../raft.ts';

/** Slow disks, and a crash of all before they have what was acknowledged. */
const forgets: RunOptions = {
  ...answersBeforeDisk,
  interventions: [
    inject(1_000, { type: 'slow-disk', target: 'n', factor: 1, extraMs: 400 }),
    inject(2_000, { type: 'crash', target: 'n' }),
    act(2_100, { do: 'undo', id: 'by-hand-2000' }),
  ],
};

export const proof: Proof = {
  breaks: {
    'raft-safety': forgets,
    linearizable: { variant: 'local-reads' },
    'never-old': { variant: 'local-reads' },
    // All writers stop with the crash: nobody replaces what it took.
    'nothing-is-lost': forgets,
    'servers-were-lost': nothingHappens,
    'no-write-anywhere': nothingHappens,
    'no-read-anywhere': nothingHappens,
    'reads-go-on': { variant: 'local-reads', ...crashAt(3_500, 'n') },
    'writes-go-on': { variant: 'default' },
    'one-more-is-enough': { variant: 'four' },
  },
  lessons: {
    '*': ['writes-go-on'],
    'crashed=5': ['one-more-is-enough'],
    'localReads=true': ['linearizable', 'never-old'],
  },
  notices: RAFT_NOTICES,
};
