/** What backends behind a balancer cannot notice. */
import type { Notices } from '../proof.ts';
import { TIMELESS, trafficNotices } from '../traffic.ts';

const STRANGERS = {
  'one-way': 'The backends do not speak with one another.',
  'cut-link': 'The backends do not speak with one another.',
} as const;

export const backendNotices = (group = 'app'): Notices =>
  trafficNotices(group, STRANGERS, TIMELESS);
