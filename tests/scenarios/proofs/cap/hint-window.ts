/** What the tests hold of cap/hint-window. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { quorumNotices } from '../quorum.ts';

export const proof: Proof = {
  breaks: {
    'n3-was-down': nothingHappens,
    'window-closes': { variant: 'long-window' },
    'first-write-arrives': crashAt(11_000, 'n3'),
    'n3-is-stale-for-good': { variant: 'long-window' },
    'fresh-in-the-end': { variant: 'default' },
    'others-are-fresh': crashAt(15_200, 'n1'),
    'never-stale': { variant: 'default' },
  },
  lessons: {
    '*': ['fresh-in-the-end', 'never-stale'],
    // Whatever brings n3 up to date, or does not ask it alone.
    'hintWindowMs=10000': ['window-closes', 'n3-is-stale-for-good'],
    'readLevel=quorum': ['n3-is-stale-for-good'],
    'repair=reads': ['n3-is-stale-for-good'],
    'repair=anti-entropy': ['n3-is-stale-for-good'],
  },
  notices: quorumNotices(),
};
