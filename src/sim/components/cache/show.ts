/** A cache as people see it: its view, and the numbers that charts follow. */
import type { Gauge } from '../../node/behaviour.ts';
import { tryGauges } from '../../traffic/upstream-view.ts';
import { MARKS, MARKS_SHOWN } from './state.ts';
import type { CacheState, Mark } from './state.ts';
import type { CacheView } from './view.ts';

function newest({ marks, accesses }: CacheState): readonly Mark[] {
  const shown = Math.min(accesses, MARKS_SHOWN);
  return Array.from({ length: shown }, (_, i) => {
    const place = (accesses - shown + i) % MARKS_SHOWN;
    return MARKS[marks[place] as number] as Mark;
  });
}

export function view(state: CacheState): CacheView {
  const { config, entries, hits, misses, stale, evictions, dirty, leases } = state;
  return {
    component: 'cache',
    mode: config.mode,
    policy: config.policy,
    size: entries.size,
    capacity: config.capacity,
    hits,
    misses,
    stale,
    evictions,
    newest: newest(state),
    dirty: dirty.size,
    leases: leases.size,
    fields: [
      { label: 'Objects', value: entries.size },
      { label: 'Hits', value: hits },
      { label: 'Misses', value: misses },
      { label: 'Stale', value: stale },
      { label: 'Evictions', value: evictions },
      ...(config.leases ? [{ label: 'Leases', value: leases.size }] : []),
      ...(config.mode === 'write-back' ? [{ label: 'Dirty', value: dirty.size }] : []),
    ],
  };
}

export const GAUGES: readonly Gauge<CacheState>[] = [
  {
    title: 'Hit ratio',
    about: 'Look-ups that found the object, fresh or stale, of those that found it or not.',
    kind: 'share',
    of: (state) => state.hits + state.stale,
    outOf: (state) => state.hits + state.stale + state.misses,
  },
  {
    title: 'Occupancy',
    about: 'Objects that it holds, of those it may.',
    kind: 'level',
    most: 1,
    of: (state) => state.entries.size / state.config.capacity,
  },
  {
    title: 'Evictions',
    about: 'Objects that had to go for others.',
    kind: 'count',
    of: (state) => state.evictions,
  },
  {
    title: 'Dirty',
    about: 'Writes that the store does not have yet: a crash loses them.',
    kind: 'level',
    of: (state) => state.dirty.size,
  },
  {
    title: 'Waiting',
    about: 'Requests that wait for a core or for the store.',
    kind: 'level',
    of: (state) => state.flow.inside,
  },
  {
    title: 'Calls under way',
    about: 'Calls to the store that have not ended.',
    kind: 'level',
    of: (state) => state.origin?.flow.inside ?? 0,
  },
  ...tryGauges<CacheState>(({ origin }) => (origin === null ? [] : [origin])),
];
