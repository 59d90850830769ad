/** What the tests hold of load-balancing/stale-views. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'the-same-choice': { variant: 'two-choices' },
    'no-herd': { variant: 'default' },
    tail: { variant: 'round-robin' },
    'fair-in-the-long-run': crashAt(50, 'app1', 'app2', 'app3', 'app4', 'app5', 'app6'),
  },
  lessons: {
    '*': ['no-herd', 'tail'],
    'policy=power-of-d': ['the-same-choice'],
    'policy=random': ['the-same-choice'],
  },
  notices: trafficNotices('balancer', TIMELESS, {
    'one-way': 'The balancers do not speak with one another.',
    'cut-link': 'The balancers do not speak with one another.',
    'slow-cpu': 'Passing on takes no time on its cores.',
  }),
};
