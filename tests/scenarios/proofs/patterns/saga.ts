/** What the tests hold of patterns/saga. */
import { ALONE } from '../traffic.ts';
import type { Proof } from '../proof.ts';
import { nothingHappens } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'none-half-done': { variant: 'forgetful' },
    once: { variant: 'not-idempotent' },
    'in-order': { variant: 'first-things-first' },
    'went-back': nothingHappens,
    'seen-and-gone': nothingHappens,
  },
  notices: {
    group: 'o',
    clients: false,
    unnoticed: {
      ...ALONE,
      'clock-jump': 'The orchestrator reads no wall clock.',
      'clock-drift': 'No timer of the orchestrator runs out while it lasts.',
      'slow-cpu': 'Leading a saga occupies no core.',
    },
  },
};
