/** What people see of a load balancer. */
import type { Gauge, NameOf, ViewField } from '../../node/behaviour.ts';
import { isEjected } from '../../policies/balancing/outlier-detection.ts';
import { isUp } from '../../policies/balancing/health.ts';
import { tryGauges, upstreamView, waitingIn } from '../../traffic/upstream-view.ts';
import type { UpstreamView } from '../../traffic/upstream-view.ts';
import { isHealthy } from './choose.ts';
import type { Known, LoadBalancerState } from './state.ts';

export interface BackendView {
  readonly name: string;
  /** By health checks. */
  readonly healthy: boolean;
  /** By outlier detection. */
  readonly ejected: boolean;
  /** As it counts now: slow start makes it smaller. */
  readonly weight: number;
  readonly active: number;
  /** Sessions or connections that stay with it. */
  readonly pinned: number;
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
}

export interface LoadBalancerView {
  readonly component: 'load-balancer';
  readonly backends: readonly BackendView[];
  readonly isPanicking: boolean;
  readonly requests: number;
  readonly underWay: number;
  readonly ok: number;
  readonly failed: number;
  readonly upstream: UpstreamView;
  readonly fields: readonly ViewField[];
}

const unhealthy = (state: LoadBalancerState): number =>
  state.upstream.backends.members.filter((node) => !isHealthy(state, node)).length;

export function view(state: LoadBalancerState, nameOf: NameOf): LoadBalancerView {
  const { proxy, upstream, outliers, health } = state;
  const b = upstream.backends;
  return {
    component: 'load-balancer',
    backends: b.members.map((node, at) => {
      const known = state.known.get(node) as Known;
      return {
        name: nameOf(node),
        healthy: isUp(known.health, health),
        ejected: isEjected(outliers, at),
        weight: b.weight[at] as number,
        active: b.active[at] as number,
        pinned: known.connections,
        sent: b.sent[at] as number,
        ok: known.ok,
        failed: known.failed,
      };
    }),
    isPanicking: state.isPanicking,
    requests: state.requests,
    underWay: proxy.flow.inside,
    ok: proxy.ok,
    failed: proxy.failed,
    upstream: upstreamView(upstream),
    fields: [
      { label: 'Under way', value: proxy.flow.inside },
      { label: 'Unhealthy', value: unhealthy(state) },
      { label: 'Answered', value: proxy.ok },
      { label: 'Failed', value: proxy.failed },
      { label: 'Panic', value: state.isPanicking },
      { label: 'Retries', value: upstream.retries },
      { label: 'Hedges', value: upstream.hedged },
    ],
  };
}

export const GAUGES: readonly Gauge<LoadBalancerState>[] = [
  {
    title: 'Requests',
    about: 'Requests that came in.',
    kind: 'count',
    of: (state) => state.requests,
  },
  {
    title: 'Under way',
    about: 'Requests that came in and are not answered.',
    kind: 'level',
    of: (state) => state.proxy.flow.inside,
  },
  {
    title: 'Errors',
    about: 'Requests answered with an error.',
    kind: 'count',
    of: (state) => state.proxy.failed,
  },
  {
    title: 'Health checks',
    about: 'Checks that it has sent: one to each of its backends in each interval.',
    kind: 'count',
    of: (state) => state.checks,
  },
  {
    title: 'Unhealthy backends',
    about: 'Backends that are down by its checks, or ejected.',
    kind: 'level',
    of: unhealthy,
  },
  ...tryGauges<LoadBalancerState>(({ upstream }) => [upstream]),
  {
    title: 'Waiting for a place',
    about: 'Requests that wait for a place of the bulkhead.',
    kind: 'level',
    of: (state) => waitingIn(state.upstream),
  },
];
