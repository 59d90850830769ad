/** What the tests hold of cap/session-guarantees. */
import type { Proof } from '../proof.ts';
import { PERIODIC, quorumNotices } from '../quorum.ts';

export const proof: Proof = {
  breaks: {
    'reads-its-writes': { variant: 'default' },
    'never-goes-back': { variant: 'default' },
    linearizable: { variant: 'default' },
    'always-served': { variant: 'quorum-while-cut' },
  },
  lessons: {
    '*': ['reads-its-writes', 'never-goes-back', 'linearizable'],
  },
  notices: quorumNotices(PERIODIC),
};
