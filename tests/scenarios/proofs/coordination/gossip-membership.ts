/** What the tests hold of coordination/gossip-membership. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

const ONCE_A_SECOND =
  'A member probes once a second: in so short a time nothing was sent over these links.';

export const proof: Proof = {
  breaks: {
    'the-dead-are-found': nothingHappens,
    'nobody-is-buried-alive': { variant: 'no-suspicion' },
    'a-link-is-no-member': {
      variant: 'bad-link',
      interventions: [inject(19_000, { type: 'crash', target: 'm7' })],
    },
  },
  notices: {
    group: 'm',
    unnoticed: {
      partition: ONCE_A_SECOND,
      'one-way': ONCE_A_SECOND,
      'cut-link': ONCE_A_SECOND,
      'clock-jump': 'Members read no wall clock: their periods are counted.',
      'slow-disk': 'Nothing here is written to a disk.',
      'fsync-off': 'Nothing here is written to a disk.',
      'slow-cpu': 'A message costs a member no time of its processor.',
    },
    clients: false,
  },
};
