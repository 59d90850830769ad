/** What the scenarios of stream jobs have in common. */
import type { FaultType } from 'faultline';
import { ALONE, TIMELESS } from './traffic.ts';
import type { Notices } from './proof.ts';

/** Faults strike the operator, which is alone. */
export const operatorNotices = (more: { readonly [type in FaultType]?: string } = {}): Notices => ({
  group: 'w',
  clients: false,
  unnoticed: {
    ...ALONE,
    ...TIMELESS,
    'clock-jump': 'The operator reads no wall clock: events carry their times.',
    'slow-disk': 'The operator has no disk: its snapshots are with the coordinator.',
    'fsync-off': 'The operator has no disk: its snapshots are with the coordinator.',
    ...more,
  },
});

export const NO_WORK = { 'slow-cpu': 'Here an event occupies no core.' } as const;
