/** A service as people see it: its view, and the numbers that charts follow. */
import type { Gauge } from '../../node/behaviour.ts';
import { limitNow } from '../../traffic/admission.ts';
import { tryGauges, upstreamView, waitingIn } from '../../traffic/upstream-view.ts';
import { memoryMb } from './jobs.ts';
import type { Near } from './near.ts';
import type { ServiceState } from './state.ts';
import type { ServiceView } from './view.ts';

const limitOf = (state: ServiceState): number => {
  const limit = limitNow(state.admission, state.config.admission);
  return limit === Infinity ? 0 : limit;
};

export function view(state: ServiceState): ServiceView {
  const { admission: a, config } = state;
  const limit = limitOf(state);
  const used = memoryMb(state, config);
  return {
    component: 'service',
    inside: a.inside,
    limit,
    waiting: a.waiting,
    queueMax: config.admission.maxQueue,
    ok: state.ok,
    failed: state.failed,
    refused: state.refused,
    shed: a.shed,
    degraded: state.degraded,
    cacheHits: state.cacheHits,
    cacheMisses: state.cacheMisses,
    isDraining: state.isDraining,
    memoryMb: used,
    memoryLimitMb: config.memory.limitMb,
    upstreams: state.upstreams.map(upstreamView),
    fields: [
      { label: 'Under way', value: a.inside },
      { label: 'Waiting', value: a.waiting },
      { label: 'Limit', value: limit === 0 ? null : limit },
      { label: 'Answered', value: state.ok },
      { label: 'Failed', value: state.failed },
      { label: 'Refused', value: state.refused },
    ],
  };
}

/** Over all near caches of the process. */
function nearSum(state: ServiceState, of: (near: Near) => number): number {
  let sum = 0;
  for (const near of state.near.values()) sum += of(near);
  return sum;
}

export const GAUGES: readonly Gauge<ServiceState>[] = [
  {
    title: 'Queue',
    about: 'Requests that wait to be let in.',
    kind: 'level',
    of: (state) => state.admission.waiting,
  },
  {
    title: 'Utilisation',
    about: 'Cores at work, of those there are.',
    kind: 'level',
    most: 1,
    of: (_state, cores) => cores.busy / cores.count,
  },
  {
    title: 'Under way',
    about: 'Requests that are worked on.',
    kind: 'level',
    of: (state) => state.admission.inside,
  },
  {
    title: 'Limit',
    about: 'How many may be worked on at once; 0 without a limit.',
    kind: 'level',
    of: limitOf,
  },
  {
    title: 'Taken in',
    about: 'Requests that it did not refuse at the door.',
    kind: 'count',
    of: (state) => state.flow.arrived,
  },
  {
    title: 'Answered',
    about: 'Requests that it answered well.',
    kind: 'count',
    of: (state) => state.ok,
  },
  {
    title: 'Failed',
    about: 'Requests that it took on and could not answer.',
    kind: 'count',
    of: (state) => state.failed,
  },
  {
    title: 'Refused',
    about: 'Requests that it sent away without working on them.',
    kind: 'count',
    of: (state) => state.refused,
  },
  ...tryGauges<ServiceState>(({ upstreams }) => upstreams),
  {
    title: 'Hit ratio',
    about: 'Look-ups that found the object in a cache.',
    kind: 'share',
    of: (state) => state.cacheHits,
    outOf: (state) => state.cacheHits + state.cacheMisses,
  },
  {
    title: 'Near hit ratio',
    about: 'Look-ups that found the object in the memory of the process itself.',
    kind: 'share',
    of: (state) => nearSum(state, ({ hits }) => hits),
    outOf: (state) => nearSum(state, ({ hits, misses }) => hits + misses),
  },
  {
    title: 'Waiting for a core',
    about: 'Steps that wait for a core.',
    kind: 'level',
    of: (_state, cores) => cores.waiting,
  },
  {
    title: 'Calls under way',
    about: 'Calls to other groups that have not ended.',
    kind: 'level',
    of: (state) => state.upstreams.reduce((sum, up) => sum + up.flow.inside, 0),
  },
  {
    title: 'Waiting for a place',
    about: 'Calls that wait for a place of a bulkhead or for a connection.',
    kind: 'level',
    of: (state) => state.upstreams.reduce((sum, up) => sum + waitingIn(up), 0),
  },
  {
    title: 'Waiting for others',
    about: 'Requests that gather in a batch, or wait while another makes the object.',
    kind: 'level',
    of: (state) => state.flightFlow.inside + state.batchFlow.inside,
  },
];
