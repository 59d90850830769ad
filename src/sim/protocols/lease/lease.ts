/**
 * Locks by lease: at most one lease on a lock is in force, by the clock that the host shows, and
 * each new one has a larger token than all before it, also over restarts.
 *
 * What is not an invariant: that the holder knows. A client that is paused, or whose messages are
 * late, goes on with a lease that is over; only the fence at the resource is proof against that.
 *
 * Effects come in the order in which the host must perform them; a grant is held back until its
 * record is on disk (`persisted`). A release need not be: forgotten, it only costs waiting.
 *
 * Sources: Gray and Cheriton, Leases (SOSP 1989); Burrows, Chubby (OSDI 2006); etcd leases, which
 * likewise run anew for their whole time after the leader has changed.
 */
import type { LeaseRules } from './rules.ts';

export interface Lease {
  readonly token: number;
  /** By the clock of the service. */
  readonly endsMicros: number;
}

/** One write to the disk: the lease on a lock (null: given back) and the largest token so far. */
export interface LeaseRecord {
  readonly lock: string;
  readonly token: number | null;
  readonly lastToken: number;
}

export interface LeaseDisk {
  lastToken: number;
  /** The token of the lease on each lock. */
  readonly held: Map<string, number>;
}

export const createLeaseDisk = (): LeaseDisk => ({ lastToken: 0, held: new Map() });

export function applyLeaseRecord(disk: LeaseDisk, record: LeaseRecord): void {
  disk.lastToken = Math.max(disk.lastToken, record.lastToken);
  if (record.token === null) disk.held.delete(record.lock);
  else disk.held.set(record.lock, record.token);
}

export interface LeaseConfig {
  readonly ttlMicros: number;
  /** The token before the first: a service with a past. */
  readonly firstToken: number;
  readonly rules: LeaseRules;
}

export interface LeaseState {
  lastToken: number;
  readonly leases: Map<string, Lease>;
  nextTicket: number;
  /** Grants that wait for the disk, oldest first. */
  readonly waiting: { readonly ticket: number; readonly effect: LeaseEffect }[];
}

export type LeaseInput =
  | { readonly type: 'acquire'; readonly lock: string; readonly tag: number }
  | { readonly type: 'renew'; readonly lock: string; readonly token: number; readonly tag: number }
  | {
      readonly type: 'release';
      readonly lock: string;
      readonly token: number;
      readonly tag: number;
    }
  | { readonly type: 'persisted'; readonly upTo: number };

export type LeaseEffect =
  | { readonly type: 'persist'; readonly ticket: number; readonly record: LeaseRecord }
  | {
      readonly type: 'granted';
      readonly tag: number;
      readonly lock: string;
      readonly token: number;
    }
  | { readonly type: 'renewed'; readonly tag: number; readonly token: number }
  /** `lock` is free; `token` is that of the lease that has ended. */
  | {
      readonly type: 'released';
      readonly tag: number;
      readonly lock: string;
      readonly token: number;
    }
  /** The lease on a lock was found to be over. */
  | { readonly type: 'expired'; readonly lock: string; readonly token: number }
  | {
      readonly type: 'refused';
      readonly tag: number;
      readonly code: 'lock-held' | 'not-holder';
      /** How long the lease in force still runs, where there is one. */
      readonly forMicros: number;
    };

/** After a restart nobody knows how much of a lease is left: each runs for its whole time anew. */
export function createLeases(config: LeaseConfig, disk: LeaseDisk, nowMicros: number): LeaseState {
  const leases = new Map<string, Lease>();
  for (const [lock, token] of disk.held) {
    leases.set(lock, { token, endsMicros: nowMicros + config.ttlMicros });
  }
  const lastToken = Math.max(disk.lastToken, config.firstToken);
  return { lastToken, leases, nextTicket: 1, waiting: [] };
}

export function stepLeases(
  config: LeaseConfig,
  state: LeaseState,
  input: LeaseInput,
  nowMicros: number,
  effects: LeaseEffect[],
): void {
  switch (input.type) {
    case 'acquire':
      return acquire(config, state, input, nowMicros, effects);
    case 'renew':
      return renew(config, state, input, nowMicros, effects);
    case 'release':
      return release(config, state, input, nowMicros, effects);
    case 'persisted': {
      const { waiting } = state;
      while (waiting[0] !== undefined && waiting[0].ticket <= input.upTo) {
        effects.push(waiting.shift()!.effect);
      }
    }
  }
}

/** The lease in force on a lock; one that is over is forgotten here. */
function inForce(
  state: LeaseState,
  lock: string,
  nowMicros: number,
  effects: LeaseEffect[],
): Lease | null {
  const lease = state.leases.get(lock);
  if (lease === undefined) return null;
  if (nowMicros < lease.endsMicros) return lease;
  state.leases.delete(lock);
  effects.push({ type: 'expired', lock, token: lease.token });
  return null;
}

type Asked<T extends LeaseInput['type']> = Extract<LeaseInput, { readonly type: T }>;

function acquire(
  config: LeaseConfig,
  state: LeaseState,
  { lock, tag }: Asked<'acquire'>,
  nowMicros: number,
  effects: LeaseEffect[],
): void {
  const held = inForce(state, lock, nowMicros, effects);
  if (held !== null) {
    const forMicros = held.endsMicros - nowMicros;
    effects.push({ type: 'refused', tag, code: 'lock-held', forMicros });
    return;
  }
  const token = ++state.lastToken;
  state.leases.set(lock, { token, endsMicros: nowMicros + config.ttlMicros });
  const ticket = state.nextTicket++;
  effects.push({ type: 'persist', ticket, record: { lock, token, lastToken: token } });
  const granted: LeaseEffect = { type: 'granted', tag, lock, token };
  if (config.rules['lock.persist-before-grant']) state.waiting.push({ ticket, effect: granted });
  else effects.push(granted);
}

/** The lease in force that somebody with this token may speak for; `null`: refused. */
function leaseOfHolder(
  config: LeaseConfig,
  state: LeaseState,
  { lock, token, tag }: Asked<'renew' | 'release'>,
  nowMicros: number,
  effects: LeaseEffect[],
): Lease | null {
  const lease = inForce(state, lock, nowMicros, effects);
  const isHolder = lease?.token === token || !config.rules['lock.owner-check'];
  if (lease !== null && isHolder) return lease;
  effects.push({ type: 'refused', tag, code: 'not-holder', forMicros: 0 });
  return null;
}

function renew(
  config: LeaseConfig,
  state: LeaseState,
  asked: Asked<'renew'>,
  nowMicros: number,
  effects: LeaseEffect[],
): void {
  const lease = leaseOfHolder(config, state, asked, nowMicros, effects);
  if (lease === null) return;
  const { lock, token, tag } = asked;
  // A lease never gets shorter, also where the clock was set back.
  const endsMicros = Math.max(lease.endsMicros, nowMicros + config.ttlMicros);
  state.leases.set(lock, { token: lease.token, endsMicros });
  effects.push({ type: 'renewed', tag, token });
}

function release(
  config: LeaseConfig,
  state: LeaseState,
  asked: Asked<'release'>,
  nowMicros: number,
  effects: LeaseEffect[],
): void {
  const lease = leaseOfHolder(config, state, asked, nowMicros, effects);
  if (lease === null) return;
  const { lock, tag } = asked;
  state.leases.delete(lock);
  const record: LeaseRecord = { lock, token: null, lastToken: state.lastToken };
  effects.push({ type: 'persist', ticket: state.nextTicket++, record });
  effects.push({ type: 'released', tag, lock, token: lease.token });
}
