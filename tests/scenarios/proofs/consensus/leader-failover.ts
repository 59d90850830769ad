/** What the tests hold of consensus/leader-failover. */
import { crashAt, inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, leader, staleReads } from '../raft.ts';

export const proof: Proof = {
  breaks: {
    'raft-safety': { variant: 'forgetful' },
    linearizable: staleReads,
    'leader-was-lost': nothingHappens,
    'another-leads': {
      interventions: [
        inject(2_990, { type: 'crash', target: { first: 2, of: { except: leader, from: 'n' } } }),
      ],
    },
    'served-without-it': {
      interventions: [inject(5_000, { type: 'loss', probability: 0.2 })],
    },
    'a-hiccup': { variant: 'patient' },
    'logs-agree': crashAt(7_000, 'n3'),
    // A pause so short that nobody misses the leader.
    'two-leaders-meet': {
      params: { how: 'pause' },
      planOverride: {
        faults: [{ atMs: 3_000, forMs: 20, fault: { type: 'pause', target: leader } }],
      },
    },
  },
  lessons: {
    // Long timeouts, long silence.
    'electionTimeoutMs=2000': ['a-hiccup'],
  },
  notices: RAFT_NOTICES,
};
