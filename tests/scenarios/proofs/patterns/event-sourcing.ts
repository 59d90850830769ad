/** What the tests hold of patterns/event-sourcing. */
import { ALONE } from '../traffic.ts';
import type { Proof } from '../proof.ts';
import { act, inject, nothingHappens } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'none-lost': {
      // What the disk of the store only says that it keeps: the deposit is confirmed, and gone.
      interventions: [
        inject(2_100, { type: 'fsync-off', target: 'e' }),
        inject(2_250, { type: 'crash', target: 'e', machineUp: false }),
        act(2_280, { do: 'undo', id: 'by-hand-2250' }),
      ],
    },
    once: { variant: 'appended-again' },
    'none-stale': { variant: 'any-version' },
    'not-overdrawn': { variant: 'no-revision' },
    conflicts: { variant: 'any-version' },
    'came-again': nothingHappens,
    replay: { variant: 'no-snapshots' },
  },
  lessons: {
    'snapshotEvery=0': ['replay'],
    'snapshotEvery=50': ['replay'],
  },
  notices: {
    group: 'e',
    clients: true,
    unnoticed: {
      ...ALONE,
      'clock-jump': 'The store reads no wall clock.',
      'clock-drift': 'No timer runs at the store.',
      loss: 'Few packets reach the store in that time, and as it happens none of them is lost.',
      'slow-cpu': 'To keep an event occupies no core.',
    },
  },
};
