/** What parts of the request path tell people, whichever component they are in. */
import type { FactTable } from '../contracts/facts.ts';

export interface BreakerChanged {
  readonly type: 'breaker.changed';
  /** The group that is called. */
  readonly to: string;
  readonly from: string;
  readonly state: string;
}
export interface MemberEjected {
  readonly type: 'member.ejected';
  readonly group: string;
  readonly member: string;
}
export interface MemberReturned {
  readonly type: 'member.returned';
  readonly group: string;
  readonly member: string;
}
export type TrafficFact = BreakerChanged | MemberEjected | MemberReturned;

const BREAKER_WORDS: { readonly [state: string]: string } = {
  open: 'opens its circuit breaker: no call gets through',
  'half-open': 'lets a few calls through its circuit breaker, to see',
  closed: 'closes its circuit breaker: calls get through again',
};

export const TRAFFIC_FACTS: FactTable<TrafficFact> = {
  'breaker.changed': {
    weight: 'major',
    sentence: (f) => `${BREAKER_WORDS[f.state] ?? f.state} (calls to ${f.to})`,
  },
  'member.ejected': {
    weight: 'major',
    sentence: (f) => `gets no answer from ${f.member} and leaves it out of ${f.group}`,
  },
  'member.returned': {
    weight: 'major',
    sentence: (f) => `tries ${f.member} of ${f.group} again`,
  },
};
