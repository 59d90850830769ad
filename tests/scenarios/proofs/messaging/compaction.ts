/** What the tests hold of messaging/compaction. */
import type { FaultEntry } from 'faultline';
import { logNotices, STEADY } from '../log.ts';
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

/** The new reader has been there all the time, and stood still like the other one. */
const awayToo: FaultEntry = {
  id: 'away-too',
  fault: { type: 'pause', target: 'new' },
  atMs: 5_000,
  forMs: 35_000,
};

export const proof: Proof = {
  breaks: {
    'away-agrees': { variant: 'default' },
    'resurrected-as-reckoned': nothingHappens,
    'new-agrees': { planOverride: { faults: [awayToo] } },
    'is-compacted': crashAt(1_500, 'b1', 'b2', 'b3'),
  },
  lessons: { '*': ['away-agrees'] },
  notices: logNotices(STEADY),
};
