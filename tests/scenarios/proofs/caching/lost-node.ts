/** What the tests hold of caching/lost-node. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'warm-before': crashAt(4_500, 'cache2'),
    'the-cache-is-given-up': nothingHappens,
    'as-many-move-as-theory-says': nothingHappens,
    'only-its-own-move': { variant: 'default' },
    'the-database-bears-it': { variant: 'default' },
    'nobody-waits-long': { variant: 'default' },
    'all-is-well-again': { variant: 'never-given-up' },
  },
  lessons: {
    '*': ['only-its-own-move', 'the-database-bears-it', 'nobody-waits-long'],
    'failureLimit=0': ['the-cache-is-given-up', 'as-many-move-as-theory-says', 'all-is-well-again'],
  },
  // The cold caches of the first round: all wait for the database, whatever else takes its time.
  notices: {
    ...trafficNotices('cache', {
      'one-way': 'The caches do not speak with each other.',
      'cut-link': 'The caches do not speak with each other.',
      'clock-drift': 'They set no timers, and nothing expires.',
      'slow-cpu': 'A look-up takes no time of a core here.',
    }),
    clients: false,
  },
};
