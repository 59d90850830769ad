/** What the tests hold of realtime/windows. */
import { act, inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { NO_WORK, operatorNotices } from '../stream.ts';

export const proof: Proof = {
  breaks: {
    'none-late': { variant: 'no-lateness' },
    'all-counted': { interventions: [inject(1_800, { type: 'cut-link', a: 's', b: 'log' })] },
    // Without checkpoints the job begins anew, and adds its rows once more.
    right: {
      interventions: [
        inject(4_000, { type: 'crash', target: 'w', machineUp: true }),
        act(4_050, { do: 'undo', id: 'by-hand-4000' }),
      ],
    },
    'results-as-reckoned': {
      interventions: [inject(1_800, { type: 'cut-link', a: 's', b: 'log' })],
    },
  },
  lessons: {
    'allowedLatenessMs=0': ['none-late'],
  },
  notices: operatorNotices(NO_WORK),
};
