/** What the tests hold of storage/semi-sync-timeout. */
import { crashAt, inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

const SLOW = { type: 'latency', from: 'n', extra: { kind: 'constant', ms: 50 } } as const;

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'lost-as-reckoned': nothingHappens,
    'falls-back-once': nothingHappens,
    'writes-go-on': { variant: 'patient' },
    'another-takes-over': { variant: 'struck-from-the-list' },
    'served-in-the-end': crashAt(24_500, 'd'),
    'one-spike': nothingHappens,
    'quick-again': { interventions: [inject(16_000, SLOW)] },
  },
  lessons: {
    '*': ['nothing-lost'],
    'replication=synchronous': ['writes-go-on'],
    'rplSemiSyncSourceTimeoutMs=60000': ['writes-go-on'],
  },
  notices: {
    group: 'n',
    unnoticed: {
      'slow-cpu': 'A step of sql-node and of kv-client occupies no core.',
    },
  },
};
