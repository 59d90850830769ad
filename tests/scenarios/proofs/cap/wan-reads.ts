/** What the tests hold of cap/wan-reads. */
import type { RunOptions } from 'faultline';
import { act, inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, answersBeforeDisk } from '../raft.ts';

/** The ways between regions are twice as long. */
const further: RunOptions = { interventions: [inject(5_500, { type: 'latency', factor: 2 })] };
const nearly: RunOptions = {
  interventions: [
    inject(5_500, { type: 'latency', factor: 1, extra: { kind: 'constant', ms: 10 } }),
  ],
};

export const proof: Proof = {
  breaks: {
    // Slow disks, and a crash of all before they have what was acknowledged.
    'raft-safety': {
      ...answersBeforeDisk,
      interventions: [
        inject(8_000, { type: 'slow-disk', target: 'n', factor: 1, extraMs: 2_000 }),
        inject(10_000, { type: 'crash', target: 'n' }),
        act(10_100, { do: 'undo', id: 'by-hand-10000' }),
      ],
    },
    'writes-as-computed': further,
    'virginia-as-computed': nearly,
    'ireland-as-computed': nearly,
    'tokyo-as-computed': nearly,
    'reads-are-local': { variant: 'read-index' },
    'stale-as-computed': {
      interventions: [inject(8_000, { type: 'latency', from: 'n1', to: 'n3', factor: 6 })],
    },
    'never-stale': { variant: 'default' },
    linearizable: { variant: 'default' },
  },
  lessons: {
    '*': ['never-stale', 'linearizable'],
    'reads=read-index': ['reads-are-local'],
    'reads=lease': ['reads-are-local'],
  },
  notices: RAFT_NOTICES,
};
