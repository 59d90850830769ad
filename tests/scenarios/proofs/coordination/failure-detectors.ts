/** What the tests hold of coordination/failure-detectors. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';

/** It was suspected before it crashed. */
const early = {
  interventions: [inject(170_000, { type: 'cut-link', a: 'm3', b: 'watch1' } as const)],
};

export const proof: Proof = {
  breaks: {
    'as-published': early,
    'found-soon': { variant: 'long-timeout' },
    'a-stop-is-no-death': { variant: 'short-timeout' },
    'a-bad-link-is-learned': { variant: 'short-timeout' },
  },
  lessons: {
    'detector=timeout': ['a-stop-is-no-death', 'a-bad-link-is-learned'],
    'detector=phi-exponential': ['found-soon'],
    'acceptablePauseMs=0': ['a-stop-is-no-death'],
    'acceptablePauseMs=8000': ['found-soon'],
    'pauseMs=10000': ['a-stop-is-no-death'],
  },
  notices: {
    group: 'watch',
    unnoticed: {
      'one-way': 'The group has one member: it has no links to itself.',
      'cut-link': 'The group has one member: it has no links to itself.',
      loss: 'Only three heartbeats are sent in that time, and as it happens none of them is lost.',
      latency: 'A monitor listens and sends nothing.',
      'clock-jump': 'A monitor measures silences by its monotonic clock.',
      'slow-disk': 'Nothing here is written to a disk.',
      'fsync-off': 'Nothing here is written to a disk.',
      'slow-cpu': 'A heartbeat costs a monitor no time of its processor.',
    },
    clients: false,
  },
};
