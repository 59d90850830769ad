/** What the tests hold of anti-patterns/dual-write. */
import type { RunOptions } from 'faultline';
import { act, inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { outboxNotices } from '../outbox.ts';

/** Once more between the two writes. */
const oneMore = (variant: string): RunOptions => ({
  variant,
  interventions: [
    inject(1_704, { type: 'crash', target: 's' }),
    act(1_734, { do: 'undo', id: 'by-hand-1704' }),
  ],
});

export const proof: Proof = {
  breaks: {
    'none-lost': { variant: 'default' },
    'no-phantom': { variant: 'publish-first' },
    'as-reckoned': oneMore('default'),
    'came-again': oneMore('outbox'),
  },
  lessons: {
    '*': ['none-lost'],
    'publish=before-commit': ['no-phantom'],
  },
  notices: outboxNotices(),
};
