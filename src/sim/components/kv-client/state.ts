/** What a client of a store remembers, and how a checkpoint keeps it. */
import type { KvContext, KvValue } from '../../contracts/kv.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import type { Asked } from './asked.ts';
import type { SessionPlace } from './operation.ts';

export interface Running {
  readonly op: number;
  readonly slot: number;
  readonly request: Asked;
  readonly startedMicros: number;
  /** A read of all values, not just of the latest. */
  readonly all?: true;
}

export interface KvClientState {
  /** Operations under way, by tag. */
  readonly running: Map<number, Running>;
  nextTag: number;
  /** Logical clients without an operation; the one that ended last is taken first. */
  readonly idle: number[];
  slots: number;
  /** Next arrival of an open loop on the monotonic clock: a double, rounded only when armed. */
  nextArrivalMicros: number;
  /** Whom it takes for the leader. */
  target: NodeIndex | null;
  /** The value that was last seen of a key: what a compare-and-set expects. */
  readonly seen: Map<string, KvValue>;
  /** Of a store with siblings: what was read of a key, for the next write to replace. */
  readonly contexts: Map<string, KvContext>;
  /** With tokens: the newest position that each worker was told of. */
  readonly lsns: Map<number, number>;
  /** At a causal store: what each worker depends on. */
  readonly dependencies: Map<number, KvContext>;
  /** By logical client: its session and the number of its last write there. */
  readonly sessions: Map<number, SessionPlace>;
  ok: number;
  fail: number;
  unknown: number;
  retries: number;
  /** Latest last; what is shown of them is made when somebody looks. */
  readonly recent: Ended[];
}

export interface Ended {
  readonly request: Asked;
  readonly outcome: 'ok' | 'fail' | 'unknown';
}

/** As a checkpoint keeps it: what was seen in two lists, which take half the room of a map. */
export interface KvClientImage {
  readonly state: KvClientState;
  readonly keys: readonly string[];
  readonly values: readonly KvValue[];
}

/** Requests and what is under way never change, so copies share them. */
export const save = (state: KvClientState): KvClientImage => ({
  state: {
    ...state,
    running: new Map(state.running),
    idle: state.idle.slice(),
    seen: new Map(),
    contexts: new Map(state.contexts),
    lsns: new Map(state.lsns),
    dependencies: new Map(state.dependencies),
    sessions: new Map(state.sessions),
    recent: state.recent.slice(),
  },
  keys: Array.from(state.seen.keys()),
  values: Array.from(state.seen.values()),
});

export function restore({ state, keys, values }: KvClientImage): KvClientState {
  const seen = new Map<string, KvValue>();
  keys.forEach((key, i) => seen.set(key, values[i] ?? null));
  return {
    ...state,
    running: new Map(state.running),
    idle: state.idle.slice(),
    seen,
    contexts: new Map(state.contexts),
    lsns: new Map(state.lsns),
    dependencies: new Map(state.dependencies),
    sessions: new Map(state.sessions),
    recent: state.recent.slice(),
  };
}
