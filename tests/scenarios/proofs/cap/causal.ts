/** What the tests hold of cap/causal. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'network-was-cut': nothingHappens,
    'bob-has-read-the-question': crashAt(1_500, 'n1'),
    'no-answer-without-its-question': { variant: 'no-dependency-check' },
    'held-back': { variant: 'no-dependency-check' },
    'answer-in-the-end': crashAt(3_000, 'n3'),
    'small-side-serves': crashAt(7_000, 'n1'),
    'large-side-serves': crashAt(7_000, 'n2'),
    'ann-sees-no-coffee': nothingHappens,
    'bob-sees-no-tea': nothingHappens,
    'one-dinner': { variant: 'no-last-writer' },
    'datacentres-agree': { variant: 'no-last-writer' },
    causal: { variant: 'no-dependency-check' },
  },
  lessons: {
    'dependencies=false': ['no-answer-without-its-question', 'held-back', 'causal'],
  },
  notices: {
    group: 'n',
    unnoticed: {
      'slow-cpu': 'A step of causal-store and of kv-client occupies no core.',
      'clock-jump': 'Stamps are those of Lamport clocks: nobody looks at a wall clock.',
    },
  },
};
