/** What a load balancer tells people. */
import type { FactTable } from '../../contracts/facts.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import type { EjectionCause } from '../../policies/balancing/outlier-detection.ts';
import { TRAFFIC_FACTS } from '../../traffic/facts.ts';
import type { TrafficFact } from '../../traffic/facts.ts';

export interface BackendDown {
  readonly type: 'balancer.backend-down';
  readonly backend: NodeIndex;
}
export interface BackendUp {
  readonly type: 'balancer.backend-up';
  readonly backend: NodeIndex;
}
export interface BackendEjected {
  readonly type: 'balancer.ejected';
  readonly backend: NodeIndex;
  readonly cause: EjectionCause;
}
export interface BackendReturned {
  readonly type: 'balancer.returned';
  readonly backend: NodeIndex;
}
export interface PanicBegins {
  readonly type: 'balancer.panic';
  readonly healthy: number;
  readonly backends: number;
}
export interface PanicEnds {
  readonly type: 'balancer.calm';
  readonly healthy: number;
  readonly backends: number;
}
export type BalancerFact =
  | BackendDown
  | BackendUp
  | BackendEjected
  | BackendReturned
  | PanicBegins
  | PanicEnds
  | TrafficFact;

const CAUSES: { readonly [C in EjectionCause]: string } = {
  'consecutive-5xx': 'it failed too often in a row',
  'success-rate': 'it succeeds far less often than the others',
  'failure-percentage': 'too large a share of its requests fails',
};

export const BALANCER_FACTS: FactTable<BalancerFact> = {
  ...TRAFFIC_FACTS,
  'balancer.backend-down': {
    weight: 'major',
    sentence: (f, nameOf) => `marks ${nameOf(f.backend)} down: its health checks fail`,
  },
  'balancer.backend-up': {
    weight: 'major',
    sentence: (f, nameOf) => `marks ${nameOf(f.backend)} up: its health checks succeed again`,
  },
  'balancer.ejected': {
    weight: 'major',
    sentence: (f, nameOf) => `ejects ${nameOf(f.backend)}: ${CAUSES[f.cause]}`,
  },
  'balancer.returned': {
    weight: 'major',
    sentence: (f, nameOf) => `lets ${nameOf(f.backend)} back in`,
  },
  'balancer.panic': {
    weight: 'major',
    sentence: (f) => `panics: only ${f.healthy} of ${f.backends} are healthy, so all get requests`,
  },
  'balancer.calm': {
    weight: 'major',
    sentence: (f) => `is calm again: ${f.healthy} of ${f.backends} are healthy`,
  },
};
