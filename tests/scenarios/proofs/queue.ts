/** What the scenarios of message queues have in common. */
import type { FaultType } from 'faultline';
import type { Notices } from './proof.ts';
import { ALONE } from './traffic.ts';

/** Of a broker that waits for nothing: quorum queues and confirms do. */
export const NO_TIMER = { 'clock-drift': 'No timer of the broker runs out in the run.' };

export const queueNotices = (
  unnoticed: { readonly [type in FaultType]?: string } = {},
): Notices => ({
  group: 'q',
  clients: false,
  unnoticed: {
    ...ALONE,
    'clock-jump': 'The broker reads no wall clock.',
    'slow-cpu': 'A step of the broker occupies no core.',
    ...unnoticed,
  },
});
