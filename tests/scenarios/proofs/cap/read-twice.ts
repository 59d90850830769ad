/** What the tests hold of cap/read-twice. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { PERIODIC, quorumNotices } from '../quorum.ts';

export const proof: Proof = {
  breaks: {
    'network-was-cut': nothingHappens,
    'west-is-served': crashAt(3_500, 'prices1'),
    'east-is-served': crashAt(3_500, 'orders2'),
    'one-price': { variant: 'default' },
    'one-list': { variant: 'keeps-items' },
  },
  lessons: { '*': ['one-price', 'one-list'] },
  notices: { ...quorumNotices(PERIODIC), group: 'prices' },
};
