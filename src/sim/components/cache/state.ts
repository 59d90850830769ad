/**
 * A cache's state: the objects and the order in which they would go, leases, and what waits for the
 * store behind it. All of it is gone after a crash.
 *
 * An entry is never changed once made, so that checkpoints share it.
 */
import type { CacheGet, CacheMessage, CacheWrite } from '../../contracts/cache.ts';
import { clonePlain } from '../../kernel/clone.ts';
import type { CallRef } from '../../node/behaviour.ts';
import { EVICTION_POLICIES } from '../../policies/eviction/index.ts';
import type { EvictionPolicy } from '../../policies/eviction/index.ts';
import { newFlow } from '../../traffic/flow.ts';
import type { FlowCount } from '../../traffic/flow.ts';
import type { Upstream } from '../../traffic/upstream.ts';
import type { CacheConfig } from './config.ts';

export interface Entry {
  /** -1: it is known that there is no such object. */
  readonly version: number;
  /** On the wall clock; Infinity: never. */
  readonly expiresMicros: number;
  /** How long it took to make. */
  readonly costMicros: number;
}

export interface Lease {
  readonly token: number;
  /** When the next one may be given out, on the monotonic clock. */
  readonly untilMicros: number;
}

/** A request that is not answered yet. Slots are used again. */
export interface Pending {
  message: CacheMessage;
  call: CallRef;
  arrivedMicros: number;
  /** When whoever asked gives up. */
  deadlineMicros: number;
}

/** Something under way to the store. */
export interface Errand {
  readonly kind: 'load' | 'write' | 'write-back';
  readonly key: number;
  readonly beganMicros: number;
  /** Requests that wait for it. */
  readonly waiting: number[];
  /** Of a write-back: the version that it brings. */
  readonly version: number;
  /** Of a load: the object changed meanwhile, so that what comes must not be kept. */
  isVoid: boolean;
}

/** A write that the store does not have yet. */
interface Dirty {
  version: number;
  isOnItsWay: boolean;
}

/** What became of an access, for a picture. */
export type Mark = 'hit' | 'miss' | 'stale' | 'wait' | 'evict';
export const MARKS: readonly Mark[] = ['hit', 'miss', 'stale', 'wait', 'evict'];
export const MARKS_SHOWN = 24;

export interface CacheState {
  /** Its own configuration, frozen: for what people see. */
  readonly config: CacheConfig;
  /** Tells its draws from those of other groups. */
  readonly salt: number;
  /** The place of its eviction policy in the list, and that policy's own state. */
  readonly policy: number;
  order: unknown;
  readonly entries: Map<number, Entry>;
  readonly leases: Map<number, Lease>;
  /** Null without a store behind it. */
  readonly origin: Upstream | null;
  readonly pending: Pending[];
  readonly freePending: number[];
  readonly errands: Map<number, Errand>;
  nextErrand: number;
  /** By object: the load that others may join. */
  readonly loads: Map<number, number>;
  readonly dirty: Map<number, Dirty>;
  readonly flow: FlowCount;
  hits: number;
  misses: number;
  stale: number;
  waits: number;
  evictions: number;
  refused: number;
  /** Places of the newest accesses in MARKS, a ring. */
  readonly marks: Uint8Array;
  accesses: number;
}

export const policyOf = (state: CacheState): EvictionPolicy =>
  EVICTION_POLICIES[state.policy] as EvictionPolicy;

export function newState(
  config: CacheConfig,
  salt: number,
  seed: number,
  origin: Upstream | null,
): CacheState {
  const policy = EVICTION_POLICIES.findIndex(({ name }) => name === config.policy);
  const settings = { seed, stackFactor: STACK_FACTOR };
  return {
    config,
    salt,
    policy,
    order: (EVICTION_POLICIES[policy] as EvictionPolicy).start(config.capacity, settings),
    entries: new Map(),
    leases: new Map(),
    origin,
    pending: [],
    freePending: [],
    errands: new Map(),
    nextErrand: 0,
    loads: new Map(),
    dirty: new Map(),
    flow: newFlow(),
    hits: 0,
    misses: 0,
    stale: 0,
    waits: 0,
    evictions: 0,
    refused: 0,
    marks: new Uint8Array(MARKS_SHOWN),
    accesses: 0,
  };
}
/** LIRS remembers keys for two more capacities, not for 2500: memory of a run is bounded. */
const STACK_FACTOR = 3;

/** A copy that shares the entries. */
export function copyState({ entries, ...rest }: CacheState): CacheState {
  return { ...clonePlain(rest), entries: new Map(entries) };
}

export function mark(state: CacheState, what: Mark): void {
  state.marks[state.accesses % MARKS_SHOWN] = MARKS.indexOf(what);
  state.accesses += 1;
}

/** What reaches the store. */
export type Through = CacheGet | CacheWrite;
