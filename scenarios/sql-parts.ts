/** Servers of a replicated SQL-like store with their keepers, and people who write to them. */
import type { CheckPlan, DiskPlan, FaultEntry, GroupPlan } from 'faultline';
import { clientsOf } from './quorum-parts.ts';
import type { Deed } from './quorum-parts.ts';

/** The times of Patroni, ten times as fast: ttl 30 s, loop_wait 10 s, retry_timeout 10 s. */
export const TTL_MS = 3_000;
export const LOOP_WAIT_MS = 1_000;

export const KEEPER_CONFIG = {
  loopWaitMs: LOOP_WAIT_MS,
  retryTimeoutMs: LOOP_WAIT_MS,
  watchdogSafetyMarginMs: 500,
  healthTimeoutMs: 200,
  walReceiverStatusIntervalMs: 500,
} as const;

export const SQL_DISK: DiskPlan = { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } };

/** Where the leader key is kept. */
export const keyStore: GroupPlan = {
  name: 'd',
  component: 'dcs',
  count: 1,
  config: { ttlMs: TTL_MS },
};

interface Waiting {
  readonly replication: string;
  readonly rplSemiSyncSourceTimeoutMs?: number;
}

/** Servers that wait for a replica as they are told, each with its keeper. */
export const replicatedOf = (
  count: number,
  { replication, rplSemiSyncSourceTimeoutMs }: Waiting,
  more: GroupPlan['config'] = {},
): GroupPlan => ({
  name: 'n',
  component: 'sql-node',
  count,
  links: { dcs: 'd' },
  disk: SQL_DISK,
  config: {
    replication,
    synchronousMode: replication === 'synchronous',
    ...(replication === 'semi-synchronous' ? { rplSemiSyncSourceTimeoutMs } : {}),
    ...more,
    ...KEEPER_CONFIG,
  },
});

/** n1 with the client a, and whoever else is named, can speak to each other and to nobody else. */
export const cutOffWith = (
  others: readonly string[],
  atMs: number,
  forMs: number,
): readonly FaultEntry[] => [
  { id: 'cut', fault: { type: 'partition', groups: [['n1', 'a', ...others]] }, atMs, forMs },
];

/** Short ways between all. */
export const SQL_NETWORK = { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } } as const;

interface Pace {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly everyMs: number;
}

/** Orders taken at a steady pace, each with a number of its own, so that each can be missed. */
function orders(by: string, { fromMs, untilMs, everyMs }: Pace): readonly Deed[] {
  const count = Math.ceil((untilMs - fromMs) / everyMs);
  return Array.from({ length: count }, (_, i) => ({
    atMs: fromMs + i * everyMs,
    do: 'put',
    key: `${by}-${i + 1}`,
    value: i + 1,
  }));
}

/** Who takes them, and how patient it is. */
export const taker = (name: string, pace: Pace, patience: GroupPlan['config']): GroupPlan =>
  clientsOf(name, 1, { mode: 'listed', operations: orders(name, pace), ...patience });

export const nothingLost: CheckPlan = {
  id: 'nothing-lost',
  use: 'acknowledged',
  about: 'Every order that a client was told is taken is there in the end.',
};

export const onePrimary: CheckPlan = {
  id: 'one-primary',
  use: 'replica-safety',
  about: 'At no time do two servers take writes.',
};

/** What breaks where a primary is lost with what it alone had, and where there are two of them. */
export const ORDERS_LOST = {
  'nothing-lost': { breaks: { witness: 'told that it is done' } },
} as const;
export const TWO_PRIMARIES = { 'one-primary': { breaks: { witness: 'primary at once' } } } as const;
