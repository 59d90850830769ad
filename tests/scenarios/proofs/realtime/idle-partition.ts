/** What the tests hold of realtime/idle-partition. */
import { act, inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { NO_WORK, operatorNotices } from '../stream.ts';

export const proof: Proof = {
  breaks: {
    'all-counted': { variant: 'no-idleness' },
    'none-late': { variant: 'held-up' },
    // Without checkpoints the job begins anew, and adds its rows once more.
    right: {
      interventions: [
        inject(3_000, { type: 'crash', target: 'w', machineUp: true }),
        act(3_050, { do: 'undo', id: 'by-hand-3000' }),
      ],
    },
    'results-flow': { variant: 'no-idleness' },
  },
  lessons: {
    'withIdlenessMs=0': ['all-counted', 'results-flow'],
    'withIdlenessMs=3500': ['results-flow'],
    'comesBack=true': ['none-late'],
  },
  notices: operatorNotices(NO_WORK),
};
