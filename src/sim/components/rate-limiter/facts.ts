/** What a rate limiter tells people. */
import type { FactTable } from '../../contracts/facts.ts';
import { TRAFFIC_FACTS } from '../../traffic/facts.ts';
import type { TrafficFact } from '../../traffic/facts.ts';

export interface Refusing {
  readonly type: 'limiter.refusing';
  /** False: it only counts. */
  readonly isEnforced: boolean;
}
export interface Admitting {
  readonly type: 'limiter.admitting';
  /** Since it began to refuse. */
  readonly refused: number;
}
export interface StoreLost {
  readonly type: 'limiter.store-lost';
  readonly mode: 'open' | 'closed';
}
export interface StoreBack {
  readonly type: 'limiter.store-back';
}
export type LimiterFact = Refusing | Admitting | StoreLost | StoreBack | TrafficFact;

export const LIMITER_FACTS: FactTable<LimiterFact> = {
  ...TRAFFIC_FACTS,
  'limiter.refusing': {
    weight: 'major',
    sentence: (f) =>
      f.isEnforced ? 'begins to refuse requests' : 'would begin to refuse requests',
  },
  'limiter.admitting': {
    weight: 'major',
    sentence: (f) => `lets everything through again, after ${f.refused} over the limit`,
  },
  'limiter.store-lost': {
    weight: 'major',
    sentence: (f) =>
      f.mode === 'open'
        ? 'gets no answer from its store, and lets everything through'
        : 'gets no answer from its store, and lets nothing through',
  },
  'limiter.store-back': {
    weight: 'major',
    sentence: () => 'is answered by its store again',
  },
};
