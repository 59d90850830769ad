/** What the tests hold of cap/resurrection. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { quorumNotices } from '../quorum.ts';

export const proof: Proof = {
  breaks: {
    'n3-was-down': nothingHappens,
    'delete-acknowledged': crashAt(2_500, 'n2'),
    'it-was-gone': crashAt(4_000, 'n2'),
    'tombstones-are-dropped': { variant: 'longer-grace' },
    'stays-deleted': { variant: 'default' },
    'replicas-agree': crashAt(10_000, 'n2'),
  },
  lessons: {
    '*': ['stays-deleted'],
    'gcGraceMs=30000': ['tombstones-are-dropped'],
  },
  notices: quorumNotices(),
};
