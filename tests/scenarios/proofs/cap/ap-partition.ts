/** What the tests hold of cap/ap-partition. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { PERIODIC, quorumNotices } from '../quorum.ts';

export const proof: Proof = {
  breaks: {
    'network-was-cut': nothingHappens,
    'small-side-serves': { variant: 'quorum' },
    'small-side-stalls': { variant: 'default' },
    'large-side-serves': crashAt(5_500, 'n2', 'n3'),
    'ann-was-told-done': { variant: 'quorum' },
    'eggs-are-kept': { variant: 'default' },
    'bread-is-kept': { variant: 'never-repaired' },
    siblings: { variant: 'default' },
    'replicas-agree': { variant: 'never-repaired' },
    linearizable: { variant: 'default' },
  },
  lessons: {
    '*': ['small-side-stalls', 'eggs-are-kept', 'siblings', 'linearizable'],
    // The small side refuses, and nothing that was acknowledged is lost.
    'level=quorum': ['small-side-serves', 'ann-was-told-done'],
    'repair=none': ['bread-is-kept', 'replicas-agree'],
  },
  notices: quorumNotices(PERIODIC),
};
