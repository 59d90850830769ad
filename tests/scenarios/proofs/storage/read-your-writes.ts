/** What the tests hold of storage/read-your-writes. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';

const DEAF = { type: 'one-way', from: 'n1', to: ['n2', 'n3'] } as const;
const SLOW = { type: 'latency', from: 'n', extra: { kind: 'constant', ms: 20 } } as const;

export const proof: Proof = {
  breaks: {
    'reads-its-writes': { variant: 'default' },
    'never-goes-back': { variant: 'default' },
    'stale-as-reckoned': { interventions: [inject(1_000, { type: 'crash', target: 'n1' })] },
    'fresh-after-the-lag': { interventions: [inject(5_000, DEAF)] },
    'reads-are-quick': { interventions: [inject(500, SLOW)] },
    'replicas-take-reads': { variant: 'primary' },
  },
  lessons: {
    '*': ['reads-its-writes', 'never-goes-back'],
    'routing=primary': ['replicas-take-reads'],
    'tokens=wait': ['reads-are-quick'],
    'tokens=redirect': ['replicas-take-reads'],
  },
  notices: {
    group: 'n',
    unnoticed: {
      'slow-cpu': 'A step of sql-node and of kv-client occupies no core.',
    },
  },
};
