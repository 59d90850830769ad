/** What the tests hold of cap/follower-reads. */
import type { Selector } from 'faultline';
import { act, crashAt, inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, answersBeforeDisk, leader } from '../raft.ts';

/** Cut off from the other servers, not from its clients. */
const aFollower: Selector = { first: 1, of: { except: leader, from: 'n' } };

export const proof: Proof = {
  breaks: {
    // Slow disks, and a crash of all before they have what was acknowledged.
    'raft-safety': {
      ...answersBeforeDisk,
      interventions: [
        inject(2_000, { type: 'slow-disk', target: 'n', factor: 1, extraMs: 400 }),
        inject(4_000, { type: 'crash', target: 'n' }),
        act(4_100, { do: 'undo', id: 'by-hand-4000' }),
      ],
    },
    'no-write-is-lost': {
      interventions: [inject(3_000, { type: 'cut-link', a: aFollower, b: 'n' })],
    },
    'never-stale': { variant: 'default' },
    'never-goes-back': { variant: 'default' },
    'reads-its-writes': { variant: 'default' },
    linearizable: { variant: 'default' },
    'all-is-answered': crashAt(3_000, 'n1', 'n2', 'n3'),
    'reads-are-local': { variant: 'read-index' },
  },
  lessons: {
    '*': ['never-stale', 'never-goes-back', 'reads-its-writes', 'linearizable'],
    'followerReads=forward': ['reads-are-local'],
  },
  notices: RAFT_NOTICES,
};
