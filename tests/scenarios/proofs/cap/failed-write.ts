/** What the tests hold of cap/failed-write. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { PERIODIC, STAMPED_ELSEWHERE, quorumNotices } from '../quorum.ts';

export const proof: Proof = {
  breaks: {
    'first-try-times-out': { variant: 'one' },
    'second-try-is-refused': { variant: 'one' },
    'bob-reads-the-old-value': crashAt(3_000, 'n2'),
    // What n1 had was not on its disk yet.
    'the-failed-write-wins': crashAt(5_900, 'n1'),
    'and-for-everybody': { variant: 'never-spread' },
    'the-refused-write-never-shows': { variant: 'one' },
    linearizable: { variant: 'one' },
  },
  lessons: {
    'writeLevel=one': [
      'first-try-times-out',
      'second-try-is-refused',
      'the-refused-write-never-shows',
      'linearizable',
    ],
    'repair=none': ['and-for-everybody', 'linearizable'],
  },
  notices: quorumNotices(PERIODIC, STAMPED_ELSEWHERE),
};
