/**
 * A group that a node calls: its members, and everything that stands between a wish to call and an
 * answer: retries, budget, hedges, breaker, bulkhead, pool, throttle. Plain data; the functions
 * that change it are in `upstream-calls.ts`.
 *
 * Invariants: each call that begins ends exactly once, in `ended`; a try holds its place, its
 * permission and its connection until it ends or is given up.
 */
import { ms } from '../kernel/time.ts';
import type { Duration } from '../kernel/time.ts';
import type { Message } from '../contracts/contract.ts';
import type { TryMark } from '../contracts/tries.ts';
import type { CallId, NodeIndex } from '../node/behaviour.ts';
import { THROTTLE_DEFAULTS, startThrottle } from '../policies/concurrency/index.ts';
import type { ThrottleSettings, ThrottleState } from '../policies/concurrency/index.ts';
import { newBreaker } from '../policies/resilience/circuit-breaker.ts';
import type { BreakerSettings, BreakerState } from '../policies/resilience/circuit-breaker.ts';
import { HEDGE_WINDOW, newHedge } from '../policies/resilience/hedge.ts';
import type { HedgeSettings, HedgeState } from '../policies/resilience/hedge.ts';
import { RETRY_BUDGETS } from '../policies/resilience/index.ts';
import type { RetryBudgetSettings } from '../policies/resilience/retry-budget.ts';
import { RETRY_POLICIES } from '../policies/retry/index.ts';
import { balancerIndex, newBackends } from './backends.ts';
import type { Backends } from './backends.ts';
import type { CallPolicy } from './call-policy.ts';
import type { EjectionSettings, Failures } from './ejection.ts';
import { newFlow } from './flow.ts';
import type { FlowCount } from './flow.ts';
import { newPool } from './pool.ts';
import type { Pool } from './pool.ts';
import type { SlotRing } from './slot-ring.ts';

/** More groups than one node calls: a call's tag holds the try and the upstream. */
export const UPSTREAMS_MAX = 16;

/** The tag of a try, or the key of a timer: which slot of which upstream. */
export const keyOf = (up: Upstream, slot: number): number => slot * UPSTREAMS_MAX + up.index;
/** Which upstream of a node a tag or a timer's key belongs to. */
export const upstreamOf = (tag: number): number => tag % UPSTREAMS_MAX;
export const slotOf = (tag: number): number => (tag - (tag % UPSTREAMS_MAX)) / UPSTREAMS_MAX;

/** A call policy as the run uses it: times in micros, what is off left out. Frozen and shared. */
export interface UpstreamSettings {
  readonly policy: CallPolicy;
  readonly timeoutMicros: number;
  /** Infinity: none. */
  readonly deadlineMicros: number;
  readonly hedgeAfter: Duration;
  /** Where the time of a hedge follows from the newest latencies. */
  readonly hedge?: HedgeSettings;
  readonly breaker: BreakerSettings;
  readonly budget: RetryBudgetSettings;
  /** The places of its policies in their lists; -1: none. */
  readonly budgetPolicy: number;
  readonly retryPolicy: number;
  readonly throttle: ThrottleSettings;
  readonly ejection: EjectionSettings;
  /** Calls under way at once; Infinity: no bound. */
  readonly places: number;
  /** How long a call waits for a place. */
  readonly placeWaitMicros: number;
}

/** One call, from the wish to its end. Slots are used again. */
export interface Call {
  /** The caller's own number for it. */
  owner: number;
  request: Message | null;
  /** A write whose fate is unknown may have happened. */
  isWrite: boolean;
  keyHash: number;
  /** The place of the member that must get it; -1: the policy picks one. */
  member: number;
  /** The first try and retries that began or were refused here. */
  attempts: number;
  /** Tries beside those. */
  hedges: number;
  /** Slots of tries under way. */
  readonly tries: number[];
  /** Where further tries go elsewhere: whom it has tried. */
  tried?: NodeIndex[];
  beganMicros: number;
  deadlineMicros: number;
  pauseMicros: number;
  /** Waits for a place since then, or -1. */
  waitsSinceMicros: number;
  /** Whether a retry that the budget counts is under way. */
  isBudgeted: boolean;
  /** Whether any try may have taken effect although nobody knows. */
  mayHaveHappened: boolean;
}

/** One request on its way. */
export interface Try {
  call: number;
  node: NodeIndex;
  beganMicros: number;
  /** Its name, for giving it up. */
  ref: CallId;
  /** When its connection was opened, or -1 without one. */
  connectedMicros: number;
  /** Whether it still opens its connection. */
  isConnecting: boolean;
  /** Of a further try that opens its connection first: which one it is, for its request. */
  mark?: TryMark;
}

/** The caller's own number for the call that is made with this tag. */
export const ownerOf = (up: Upstream, tag: number): number =>
  (up.calls[(up.tries[slotOf(tag)] as Try).call] as Call).owner;

/** How a call ended. */
export interface CallEnd {
  readonly owner: number;
  /** Null where it was not answered. */
  readonly value: Message | null;
  /** Why not; '' where it was. */
  readonly code: string;
  /** Surely without effect. */
  readonly isDefinite: boolean;
  readonly retryAfterMs: number;
  /** Tries after one that failed or was refused here. */
  readonly retries: number;
  /** Tries beside one that was still out. */
  readonly hedges: number;
}

export interface Upstream {
  readonly role: string;
  /** Its place among the upstreams of its node. */
  readonly index: number;
  readonly settings: UpstreamSettings;
  readonly backends: Backends;
  readonly calls: Call[];
  readonly freeCalls: number[];
  readonly tries: Try[];
  readonly freeTries: number[];
  readonly breaker: BreakerState;
  readonly budget: unknown;
  readonly throttle: ThrottleState;
  /** How long first requests took of late; only where hedges go by it. */
  readonly latencies?: HedgeState;
  /** Failures in a row, by member. */
  readonly failures: Failures;
  readonly pool: Pool;
  /** Slots of calls that wait for a place, first come first. */
  readonly waiting: SlotRing;
  /** Where a call may wait for a place: who went through that queue. */
  readonly waits?: FlowCount;
  /** Tries that hold a place. */
  running: number;
  /** Ended calls that the node has not taken yet. */
  readonly ended: CallEnd[];
  readonly flow: FlowCount;
  ok: number;
  failed: number;
  /** Tries after one that failed or was refused here. */
  retries: number;
  /** Tries beside one that was still out. */
  hedged: number;
  /** Refused here, without a request: breaker, bulkhead, pool, throttle. */
  heldBack: number;
  /** Retries that the budget refused. */
  outOfBudget: number;
}

export function newUpstream(role: string, index: number, policy: CallPolicy): Upstream {
  const settings = settingsOf(policy);
  const budget = RETRY_BUDGETS[settings.budgetPolicy];
  return {
    role,
    index,
    settings,
    backends: newBackends(backendsOf(policy)),
    calls: [],
    freeCalls: [],
    tries: [],
    freeTries: [],
    breaker: newBreaker(settings.breaker),
    budget: budget?.start(settings.budget) ?? null,
    throttle: startThrottle(settings.throttle),
    ...(settings.hedge === undefined ? {} : { latencies: newHedge(settings.hedge) }),
    failures: new Map(),
    pool: newPool(policy.pool),
    waiting: [],
    ...(settings.places < Infinity && settings.placeWaitMicros > 0 ? { waits: newFlow() } : {}),
    running: 0,
    ended: [],
    flow: newFlow(),
    ok: 0,
    failed: 0,
    retries: 0,
    hedged: 0,
    heldBack: 0,
    outOfBudget: 0,
  };
}

function settingsOf(policy: CallPolicy): UpstreamSettings {
  const { circuitBreaker: c, retryBudget: b, pool } = policy;
  const { afterMs, percentile } = policy.hedge;
  const byPercentile = afterMs > 0 && percentile !== undefined;
  const places = [policy.maxConcurrentCalls, pool.maxOpen].filter((n) => n > 0);
  const waits = pool.maxOpen > 0 ? pool.waitTimeoutMs || Infinity : policy.maxWaitMs;
  return Object.freeze({
    policy: frozen(policy),
    timeoutMicros: ms(policy.timeoutMs),
    deadlineMicros: policy.deadlineMs === 0 ? Infinity : ms(policy.deadlineMs),
    hedgeAfter: ms(afterMs),
    ...(byPercentile ? { hedge: { ...HEDGE_WINDOW, delayMicros: ms(afterMs), percentile } } : {}),
    breaker: Object.freeze({
      failureRateThreshold: c.failureRateThreshold,
      slowCallRateThreshold: c.slowCallRateThreshold,
      slowCallDurationThresholdMicros: ms(c.slowCallDurationThresholdMs),
      slidingWindowType: c.slidingWindowType,
      slidingWindowSize: c.slidingWindowSize,
      minimumNumberOfCalls: c.minimumNumberOfCalls,
      waitDurationInOpenStateMicros: ms(c.waitDurationInOpenStateMs),
      permittedNumberOfCallsInHalfOpenState: c.permittedNumberOfCallsInHalfOpenState,
      maxWaitDurationInHalfOpenStateMicros: ms(c.maxWaitDurationInHalfOpenStateMs),
    }),
    budget: Object.freeze({
      ttlMicros: ms(b.ttlMs),
      minRetriesPerSec: b.minRetriesPerSec,
      percentCanRetry: b.percentCanRetry,
      budgetPercent: b.budgetPercent,
      minRetryConcurrency: b.minRetryConcurrency,
    }),
    budgetPolicy: RETRY_BUDGETS.findIndex(({ name }) => name === b.kind),
    retryPolicy: RETRY_POLICIES.findIndex(({ name }) => name === policy.backoff.policy),
    throttle: Object.freeze({ ...THROTTLE_DEFAULTS, ratio: policy.throttleK }),
    ejection: Object.freeze({
      failureLimit: policy.ejection.failureLimit,
      retryMicros: ms(policy.ejection.retryMs),
    }),
    places: places.length === 0 ? Infinity : Math.min(...places),
    placeWaitMicros: waits * 1_000,
  });
}

const backendsOf = ({ balance }: CallPolicy): Backends['settings'] =>
  Object.freeze({
    policy: balancerIndex(balance.policy),
    balancing: Object.freeze({
      choiceCount: balance.choiceCount,
      withReplacement: balance.withReplacement,
      activeRequestBias: balance.activeRequestBias,
      maxFails: 0,
      decayMicros: ms(balance.decayMs),
      pointsPerWeight: balance.pointsPerWeight,
      tableSize: balance.tableSize,
      balanceFactor: balance.balanceFactor,
    }),
    weights: Object.freeze(balance.weights.slice()),
  });

/** Deep: what is frozen is shared by every checkpoint. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
