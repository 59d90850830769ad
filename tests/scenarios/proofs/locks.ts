/** What the scenarios of locks have in common. */
import type { Notices } from './proof.ts';

/** The lock service is one node; clients time what they ask of the storage, not of the service. */
export const LOCK_NOTICES = {
  group: 'locks',
  unnoticed: {
    'one-way': 'The group has one member: it has no links to itself.',
    'cut-link': 'The group has one member: it has no links to itself.',
    'clock-jump': 'Where nobody is late, locks are given back before their leases end.',
    'clock-drift': 'Where nobody is late, locks are given back before their leases end.',
    'slow-cpu': 'To grant a lease costs no time of the processor.',
  },
  clients: false,
} as const satisfies Notices;

/** One client works, and so holds the lock, for as long as a fault lasts. */
export const HELD_NOTICES: Notices = {
  ...LOCK_NOTICES,
  unnoticed: {
    ...LOCK_NOTICES.unnoticed,
    'slow-disk': 'Somebody holds the lock all the while: no new lease has to be written.',
    'fsync-off': 'Somebody holds the lock all the while: no new lease has to be written.',
  },
};
