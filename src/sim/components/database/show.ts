/** A database as people see it: its view, and the numbers that charts follow. */
import type { Gauge } from '../../node/behaviour.ts';
import type { DatabaseState } from './state.ts';
import type { DatabaseView } from './view.ts';

export function view(state: DatabaseState): DatabaseView {
  const { config, isReplica, connected, working, coreCount, lockWaits } = state;
  const { reads, writes, held } = state;
  return {
    component: 'database',
    isReplica,
    connections: connected,
    maxConnections: config.maxConnections,
    busyCores: Math.min(working, coreCount),
    cores: coreCount,
    queued: Math.max(0, working - coreCount),
    lockWaits,
    locks: state.locks.size,
    reads,
    writes,
    lag: held.length,
    fields: [
      { label: 'Role', value: isReplica ? 'replica' : 'primary' },
      { label: 'Connections', value: connected },
      { label: 'Queries', value: state.flow.inside },
      { label: 'Waiting for locks', value: lockWaits },
      { label: 'Reads', value: reads },
      { label: 'Writes', value: writes },
      ...(isReplica ? [{ label: 'Behind', value: held.length }] : []),
    ],
  };
}

export const GAUGES: readonly Gauge<DatabaseState>[] = [
  {
    title: 'Reads',
    about: 'Statements that have read.',
    kind: 'count',
    of: (state) => state.reads,
  },
  {
    title: 'Writes',
    about: 'Statements that have changed a row.',
    kind: 'count',
    of: (state) => state.writes,
  },
  {
    title: 'Connections',
    about: 'Connections that are open.',
    kind: 'level',
    of: (state) => state.connected,
  },
  {
    title: 'Lock waits',
    about: 'Writes that wait for the lock of their row.',
    kind: 'level',
    of: (state) => state.lockWaits,
  },
  {
    title: 'Utilisation',
    about: 'Cores at work, of those there are.',
    kind: 'level',
    most: 1,
    of: (_state, cores) => cores.busy / cores.count,
  },
  {
    title: 'Queue',
    about: 'Queries that wait for a core.',
    kind: 'level',
    of: (_state, cores) => cores.waiting,
  },
  {
    title: 'Replica lag',
    about: 'Writes that a replica has and holds back.',
    kind: 'level',
    of: (state) => state.held.length,
  },
  {
    title: 'Under way',
    about: 'Queries that are not answered.',
    kind: 'level',
    of: (state) => state.flow.inside,
  },
  {
    title: 'Waiting for the disk',
    about: 'Writes that are not on disk yet.',
    kind: 'level',
    of: (state) => state.log.length,
  },
];
