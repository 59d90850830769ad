/** Servers of a replicated SQL-like store with their keepers, and people who write to them. */
import type { CheckPlan, DiskPlan, GroupPlan } from 'faultline';
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
