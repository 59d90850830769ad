/** What the scenarios of Raft have in common. */
import type { RunOptions } from 'faultline';
import type { Notices } from './proof.ts';

export const leader = { role: 'leader', group: 'n' } as const;

export const answersBeforeDisk: RunOptions = { ablations: ['raft.persist-before-reply'] };
/** A leader is cut off with two clients, does not notice, and reads without asking anybody. */
export const staleReads: RunOptions = {
  ablations: ['raft.read-index-round'],
  planOverride: {
    groups: [
      { name: 'n', component: 'raft-kv', count: 5, config: { checkQuorum: false } },
      {
        name: 'c',
        component: 'kv-client',
        count: 4,
        links: { servers: 'n' },
        config: { tryTimeoutMs: 120 },
      },
    ],
    faults: [{ atMs: 2_000, fault: { type: 'partition', groups: [[leader, 'c1', 'c2']] } }],
  },
};

/** Raft servers that count time by timers and whose steps cost no processor time. */
export const RAFT_NOTICES: Notices = {
  group: 'n',
  unnoticed: {
    'clock-jump': 'Raft waits by timers; neither a server nor a client reads a wall clock.',
    'slow-cpu': 'A step of raft-kv and of kv-client occupies no core.',
  },
};
