/** What a cache tells people. */
import type { FactTable } from '../../contracts/facts.ts';
import { TRAFFIC_FACTS } from '../../traffic/facts.ts';
import type { TrafficFact } from '../../traffic/facts.ts';
import { plural } from '../../kernel/plural.ts';

export interface Flushed {
  readonly type: 'cache.flushed';
  readonly objects: number;
}
export interface LeaseRefused {
  readonly type: 'cache.lease-refused';
  readonly key: number;
}
export type CacheFact = Flushed | LeaseRefused | TrafficFact;

export const CACHE_FACTS: FactTable<CacheFact> = {
  ...TRAFFIC_FACTS,
  'cache.flushed': {
    weight: 'major',
    sentence: (f) => `is emptied of ${plural(f.objects, 'object')}`,
  },
  'cache.lease-refused': {
    weight: 'minor',
    sentence: (f) => `refuses a value of ${f.key}: its lease is void`,
  },
};
