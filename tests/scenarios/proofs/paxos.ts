/** What the scenarios of Multi-Paxos have in common. */
import type { Notices } from './proof.ts';

/** Servers that count time by timers and whose steps cost no processor time. */
export const PAXOS_NOTICES: Notices = {
  group: 'n',
  unnoticed: {
    'clock-jump': 'Multi-Paxos waits by timers; neither a server nor a client reads a wall clock.',
    'slow-cpu': 'A step of paxos-kv and of kv-client occupies no core.',
  },
};
