/** What the tests hold of messaging/pub-sub. */
import type { RunOptions } from 'faultline';
import { crashAt, inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { NO_TIMER, queueNotices } from '../queue.ts';

/** What it held is nobody's any more. */
const forgotten = (target: string): RunOptions => ({
  variant: 'bound-in-time',
  ablations: ['queue.requeue-on-loss'],
  interventions: [inject(5_005, { type: 'crash', target, machineUp: true })],
});

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'topic' },
    'mail-each-once': forgotten('mail'),
    'stock-each-once': forgotten('stock'),
    'audit-has-all': { variant: 'default' },
    'unroutable-as-reckoned': { variant: 'topic', ...crashAt(2_000, 'p') },
  },
  lessons: { '*': ['nothing-lost', 'audit-has-all'] },
  notices: queueNotices(NO_TIMER),
};
