/** What the tests hold of patterns/outbox. */
import type { Proof } from '../proof.ts';
import { outboxNotices } from '../outbox.ts';
import { act, inject } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'none-lost': { variant: 'outbox-apart' },
    'no-phantom': {
      // What its disk only says that it keeps: the event is out, the order is not kept.
      interventions: [
        inject(1_600, { type: 'fsync-off', target: 's' }),
        inject(1_704, { type: 'crash', target: 's', machineUp: false }),
        act(1_734, { do: 'undo', id: 'by-hand-1704' }),
      ],
    },
    once: { variant: 'no-inbox' },
    'in-order': { variant: 'overtaking' },
    'came-again': { variant: 'no-inbox' },
  },
  notices: outboxNotices({
    'clock-drift': 'No timer of the service runs out while it lasts.',
  }),
};
