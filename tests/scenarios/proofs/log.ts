/** What the scenarios of the replicated log have in common. */
import type { FaultType } from 'faultline';
import type { Notices } from './proof.ts';

/** Its answers wait for other replicas, not for its disk. */
export const logNotices = (unnoticed: { readonly [type in FaultType]?: string } = {}): Notices => ({
  group: 'b',
  clients: false,
  unnoticed: {
    'clock-jump': 'Brokers read no wall clock.',
    'clock-drift': 'While records come all the time, no timer of a broker runs out.',
    'slow-cpu': 'A step of a broker occupies no core.',
    ...unnoticed,
  },
});
