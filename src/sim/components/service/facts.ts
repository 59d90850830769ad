/** What a service tells people. */
import type { FactTable } from '../../contracts/facts.ts';
import { TRAFFIC_FACTS } from '../../traffic/facts.ts';
import type { TrafficFact } from '../../traffic/facts.ts';

export interface OomKilled {
  readonly type: 'service.oom-killed';
  readonly usedMb: number;
  readonly limitMb: number;
}
export interface GcPause {
  readonly type: 'service.gc-pause';
  readonly pauseMs: number;
}
export interface Draining {
  readonly type: 'service.draining';
  readonly underWay: number;
}
export interface Drained {
  readonly type: 'service.drained';
  /** Requests that it did not finish in time. */
  readonly cut: number;
}
export type ServiceFact = OomKilled | GcPause | Draining | Drained | TrafficFact;

export const SERVICE_FACTS: FactTable<ServiceFact> = {
  ...TRAFFIC_FACTS,
  'service.oom-killed': {
    weight: 'major',
    sentence: (f) => `is killed: it needs ${f.usedMb} MiB of ${f.limitMb}`,
  },
  'service.gc-pause': {
    weight: 'minor',
    sentence: (f) => `stands still for ${f.pauseMs} ms to collect garbage`,
  },
  'service.draining': {
    weight: 'major',
    sentence: (f) => `takes no more requests; ${f.underWay} are under way`,
  },
  'service.drained': {
    weight: 'major',
    sentence: (f) => (f.cut === 0 ? 'has finished and stops' : `stops and cuts ${f.cut} off`),
  },
};
