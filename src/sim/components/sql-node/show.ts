/** The picture of a server of a replicated store, and the numbers that charts follow. */
import { ms } from '../../kernel/time.ts';
import type { Gauge, NameOf, Sight, ViewField } from '../../node/behaviour.ts';
import type { SqlNodeConfig } from './config.ts';
import type { SqlNodeState } from './state.ts';
import type { SqlNodeView } from './view.ts';

/** Of a primary the standby furthest behind, of a standby itself, in records. */
function lagOf({ replica }: SqlNodeState): number {
  const { role, standbys, wal, sourceEnd, applied } = replica;
  if (role !== 'primary') return Math.max(0, sourceEnd - applied);
  let lag = 0;
  for (const standby of standbys) lag = Math.max(lag, wal.length - standby.apply);
  return lag;
}

export const GAUGES: readonly Gauge<SqlNodeState>[] = [
  {
    kind: 'level',
    title: 'Lag',
    about: 'Records: of a primary how far its last standby is behind, of a standby itself.',
    of: lagOf,
  },
  {
    kind: 'level',
    title: 'Lag in bytes',
    about: 'The same in bytes of the log.',
    unit: 'B',
    of: (state) => lagOf(state) * state.recordBytes,
  },
  {
    kind: 'level',
    title: 'Replay lag',
    about: 'Of a standby: from the commit at the primary to its newest applied write.',
    unit: 'ms',
    of: ({ replica }) => (replica.role === 'standby' ? replica.replayLagMicros / 1_000 : 0),
  },
  {
    kind: 'level',
    title: 'Waiting for standbys',
    about: 'Writes of a primary that are not answered yet.',
    of: ({ replica }) => replica.pending.length,
  },
  {
    kind: 'level',
    title: 'Primary',
    about: '1 while it takes writes.',
    of: ({ replica }) => (replica.role === 'primary' ? 1 : 0),
  },
  {
    kind: 'level',
    title: 'Rewound',
    about: 'Records of its own that it has dropped so far.',
    of: ({ replica }) => replica.rewound,
  },
  {
    kind: 'count',
    title: 'Reads',
    about: 'Reads that it was asked for, those that it sent elsewhere included.',
    of: ({ reads }) => reads,
  },
];

export function viewOf(
  state: SqlNodeState,
  nameOf: NameOf,
  { config: { loopWaitMs, retryTimeoutMs }, nowMicros, monoMicros }: Sight<SqlNodeConfig>,
): SqlNodeView {
  const { replica, config } = state;
  const { role, history, wal, flushed, applied, committed, keeper, isStuck } = replica;
  const timeline = history[history.length - 1]?.timeline ?? 1;
  const isPrimary = role === 'primary';
  const left = keeper.token > 0 ? Math.max(0, keeper.leaseEndMicros - monoMicros) : 0;
  return {
    component: 'sql-node',
    role,
    timeline,
    lsn: wal.length,
    flushed,
    applied,
    committed: isPrimary ? committed : 0,
    waiting: replica.pending.length,
    standbys: replica.standbys.map((standby) => ({
      name: nameOf(standby.node),
      sent: standby.sent,
      flushed: standby.flush,
      applied: standby.apply,
      isConnected: monoMicros - standby.heardMicros < config.walSenderTimeoutMicros,
    })),
    upstream: replica.upstream === null ? null : nameOf(replica.upstream),
    sourceEnd: isPrimary ? wal.length : Math.max(wal.length, replica.sourceEnd),
    token: keeper.token,
    lease:
      keeper.token === 0
        ? null
        : {
            endsAtMicros: nowMicros + keeper.leaseEndMicros - monoMicros,
            // Patroni: loop_wait + 2 * retry_timeout <= ttl.
            ttlMicros: ms(loopWaitMs) + 2 * ms(retryTimeoutMs),
          },
    isSemiSyncOn: config.replication === 'semi-synchronous' && replica.semiSyncOn,
    isStuck,
    fields: fieldsOf(state, nameOf, left, timeline),
  };
}

function fieldsOf(
  state: SqlNodeState,
  nameOf: NameOf,
  leftMicros: number,
  timeline: number,
): readonly ViewField[] {
  const { replica, config } = state;
  const { role, wal, flushed, applied, upstream, keeper, semiSyncOn } = replica;
  return [
    { label: 'Role', value: replica.isStuck ? 'stuck' : role },
    { label: 'Timeline', value: timeline },
    { label: 'Log', value: wal.length },
    { label: 'On disk', value: flushed },
    { label: 'Applied', value: applied },
    { label: 'Lag', value: lagOf(state), unit: 'records' },
    ...(role === 'primary' ? [{ label: 'Waiting', value: replica.pending.length }] : []),
    ...(upstream === null ? [] : [{ label: 'Follows', value: nameOf(upstream) }]),
    ...(keeper.token === 0
      ? []
      : [
          { label: 'Token', value: keeper.token },
          { label: 'Key ends in', value: Math.round(leftMicros / 1_000), unit: 'ms' },
        ]),
    ...(config.replication === 'semi-synchronous' && role === 'primary'
      ? [{ label: 'Semi-synchronous', value: semiSyncOn }]
      : []),
    ...(replica.rewound > 0 ? [{ label: 'Rewound', value: replica.rewound }] : []),
  ];
}
