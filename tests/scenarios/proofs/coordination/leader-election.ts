/** What the tests hold of coordination/leader-election. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    // The one that leads is gone before its time, and the next one comes in the window.
    'a-lease-is-waited-for': {
      interventions: [inject(3_000, { type: 'crash', target: { role: 'holder', group: 'c' } })],
    },
    'led-again': { interventions: [inject(4_000, { type: 'crash', target: 'locks' })] },
    'one-leader-acts': { variant: 'cut-unfenced' },
    'two-believe-it': { variant: 'default' },
  },
  lessons: {
    '*': ['two-believe-it'],
  },
  notices: {
    group: 'locks',
    unnoticed: {
      'one-way': 'The group has one member: it has no links to itself.',
      'cut-link': 'The group has one member: it has no links to itself.',
      'clock-jump': 'Leases end by a clock that nobody sets.',
      'clock-drift': 'The leader prolongs its lease long before it ends by either clock.',
      'slow-cpu': 'To grant a lease costs no time of the processor.',
      'slow-disk': 'Somebody holds the lock all the while: no new lease has to be written.',
      'fsync-off': 'Somebody holds the lock all the while: no new lease has to be written.',
    },
    clients: false,
  },
};
