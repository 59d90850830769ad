/** What the tests hold of cap/sloppy-quorum. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { PERIODIC, STAMPED_ELSEWHERE, quorumNotices } from '../quorum.ts';

export const proof: Proof = {
  breaks: {
    'bob-was-told-done': { variant: 'strict' },
    'ann-is-served': crashAt(4_000, 'n2'),
    'never-stale': { variant: 'default' },
    'stand-ins-keep-hints': { variant: 'strict' },
    'handed-over': { variant: 'no-handoff' },
    'fresh-in-the-end': { variant: 'no-handoff' },
  },
  lessons: {
    '*': ['never-stale'],
    'sloppy=false': ['bob-was-told-done', 'stand-ins-keep-hints'],
    'handoff=false': ['handed-over', 'fresh-in-the-end'],
  },
  notices: quorumNotices(PERIODIC, STAMPED_ELSEWHERE),
};
