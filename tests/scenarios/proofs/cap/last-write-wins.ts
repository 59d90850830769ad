/** What the tests hold of cap/last-write-wins. */
import type { RunOptions } from 'faultline';
import { person } from '../../../../scenarios/quorum-parts.ts';
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { PERIODIC, quorumNotices } from '../quorum.ts';

/** Both write the same key without having read it. */
const twoWhoDoNotLook: RunOptions = {
  planOverride: {
    groups: [
      {
        name: 'n',
        component: 'quorum-store',
        count: 3,
        config: { conflicts: 'version-vectors' },
      },
      person('ann', 1, [{ atMs: 1_000, do: 'put', key: 'k0', value: 'ann' }]),
      person('bob', 2, [{ atMs: 2_000, do: 'put', key: 'k0', value: 'bob' }]),
      person('carol', 3, [{ atMs: 7_100, do: 'get', key: 'k0' }]),
    ],
  },
};

export const proof: Proof = {
  breaks: {
    'all-acknowledged': crashAt(2_000, 'n2'),
    'none-lost': { variant: 'default' },
    'lost-as-computed': { variant: 'version-vectors' },
    'bob-sees-his-writes': { variant: 'default' },
    linearizable: { variant: 'default' },
    'no-siblings': twoWhoDoNotLook,
  },
  lessons: {
    // Whoever follows within the skew loses.
    '*': ['none-lost', 'bob-sees-his-writes', 'linearizable'],
    'conflicts=version-vectors': ['lost-as-computed'],
  },
  notices: quorumNotices(PERIODIC),
};
