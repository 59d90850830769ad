/** What the tests hold of cap/pacelc. */
import type { Proof } from '../proof.ts';
import { PERIODIC, quorumNotices } from '../quorum.ts';

const NEAREST = [
  'writes-wait-for-the-nearest',
  'eu-waits-for-the-nearest',
  'us-waits-for-the-nearest',
  'asia-waits-for-the-nearest',
];
const LOCAL = ['writes-are-local', 'eu-reads-locally', 'us-reads-locally', 'asia-reads-locally'];

export const proof: Proof = {
  breaks: {
    'writes-are-local': { variant: 'quorum' },
    'eu-reads-locally': { variant: 'quorum' },
    'us-reads-locally': { variant: 'quorum' },
    'asia-reads-locally': { variant: 'quorum' },
    ...Object.fromEntries(NEAREST.map((check) => [check, { variant: 'default' }])),
    'nobody-below-one-round-trip': { variant: 'default' },
    'stale-as-computed': { variant: 'quorum' },
    linearizable: { variant: 'default' },
  },
  lessons: {
    '*': [...NEAREST, 'nobody-below-one-round-trip', 'linearizable'],
    'store=quorum': [...LOCAL, 'stale-as-computed'],
    'store=raft': [...LOCAL, 'stale-as-computed'],
  },
  notices: quorumNotices(PERIODIC),
};
