/** A group that a node calls, as people see it, and the laws that hold for its queues. */
import type { Flow, Gauge } from '../node/behaviour.ts';
import { flowOf } from './flow.ts';
import { openCount } from './pool.ts';
import type { Upstream } from './upstream.ts';

/** A group that a node calls, as its painter shows it. */
export interface UpstreamView {
  readonly to: string;
  readonly underWay: number;
  readonly ok: number;
  readonly failed: number;
  /** Tries after one that failed. */
  readonly retries: number;
  /** Tries beside one that was still out. */
  readonly hedges: number;
  readonly heldBack: number;
  /** Null without a circuit breaker. */
  readonly breaker: string | null;
  /** Null without a pool. */
  readonly pool: { readonly max: number; readonly busy: number; readonly idle: number } | null;
  /** Places of its bulkhead and how many are taken; null without one. */
  readonly bulkhead: { readonly max: number; readonly busy: number } | null;
  readonly waiting: number;
}

export function upstreamView(up: Upstream): UpstreamView {
  const { policy } = up.settings;
  const open = openCount(up.pool);
  const idle = up.pool.idle.length;
  return {
    to: up.role,
    underWay: up.flow.inside,
    ok: up.ok,
    failed: up.failed,
    retries: up.retries,
    hedges: up.hedged,
    heldBack: up.heldBack,
    breaker: policy.circuitBreaker.enabled ? up.breaker.state : null,
    pool: up.pool.maxOpen > 0 ? { max: up.pool.maxOpen, busy: open - idle, idle } : null,
    bulkhead:
      policy.maxConcurrentCalls > 0 ? { max: policy.maxConcurrentCalls, busy: up.running } : null,
    waiting: waitingIn(up),
  };
}

/** Calls that wait for a place of the bulkhead or for a connection. */
export const waitingIn = (up: Upstream): number => up.waits?.inside ?? 0;

/** What goes through an upstream: whole calls, and those that wait for a place. */
export const upstreamFlows = (up: Upstream): readonly Flow[] => {
  const calls = flowOf(`calls to ${up.role}`, up.flow);
  return up.waits === undefined ? [calls] : [calls, flowOf(`waits for ${up.role}`, up.waits)];
};

/** Tries beyond the first of each call: in the same words wherever a node calls. */
export const tryGauges = <S>(
  upstreamsOf: (state: S) => readonly Upstream[],
): readonly Gauge<S>[] => [
  {
    title: 'Retries',
    about: 'Calls tried again after a try that failed.',
    kind: 'count',
    of: (state) => upstreamsOf(state).reduce((sum, up) => sum + up.retries, 0),
  },
  {
    title: 'Hedges',
    about: 'Tries beside one that was still out.',
    kind: 'count',
    of: (state) => upstreamsOf(state).reduce((sum, up) => sum + up.hedged, 0),
  },
];
