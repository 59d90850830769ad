/** What the scenarios of services that tell of their orders have in common. */
import type { FaultType } from 'faultline';
import type { Notices } from './proof.ts';
import { ALONE } from './traffic.ts';

export const outboxNotices = (
  unnoticed: { readonly [type in FaultType]?: string } = {},
): Notices => ({
  group: 's',
  clients: false,
  unnoticed: {
    ...ALONE,
    'clock-jump': 'The service reads no wall clock.',
    'slow-cpu': 'An order occupies no core.',
    ...unnoticed,
  },
});
