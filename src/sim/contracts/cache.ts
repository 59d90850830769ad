/**
 * The conversation with a cache: get (one object or several), set, delete, and the leases that keep
 * a crowd apart.
 *
 * Source: the memcached protocol (get, set, delete, TTL); leases as in Nishtala et al., "Scaling
 * Memcache at Facebook", NSDI 2013.
 */
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';

export interface CacheGet {
  readonly type: 'cache.get';
  readonly key: number;
  /** The request's own bits: a cache in front of a store passes them on. */
  readonly seed: number;
}
/** Several objects in one message. */
export interface CacheGetMany {
  readonly type: 'cache.get-many';
  readonly keys: readonly number[];
}
/** `version` is what the store held when the value was read: -1 means that there is no object. */
export interface CacheSet {
  readonly type: 'cache.set';
  readonly key: number;
  readonly version: number;
  /** The lease under which it was fetched, or 0. A set under a lease that is void is refused. */
  readonly lease: number;
  /** How long it took to make, in milliseconds: what early expiry weighs. */
  readonly costMs: number;
}
/** The object changed in the store: whoever writes it tells the new version, or -1 for a delete. */
export interface CacheDelete {
  readonly type: 'cache.delete';
  readonly key: number;
  /** Entries at least as new as this stay; -1 removes whatever is there. */
  readonly version: number;
}
/** The same told as an event, without an answer. */
export interface CacheInvalidate {
  readonly type: 'cache.invalidate';
  readonly key: number;
  readonly version: number;
}
/** Writes the object through a cache before its store; answered with a `cache.value`. */
export interface CacheWrite {
  readonly type: 'cache.write';
  readonly key: number;
  readonly seed: number;
}
/**
 * A miss with a version: the cache has just read it from the store. `stale`: expired, may be used
 * while somebody refreshes; `wait`: another one fetches it.
 */
export type CacheState = 'hit' | 'stale' | 'miss' | 'wait';
export interface CacheValue {
  readonly type: 'cache.value';
  readonly state: CacheState;
  readonly version: number;
  /** Whoever gets a lease is asked to fetch the value; 0 for none. */
  readonly lease: number;
}
/** By the place of the key in the question: its version, or null for a miss. */
export interface CacheValues {
  readonly type: 'cache.values';
  readonly versions: readonly (number | null)[];
}
export interface CacheDone {
  readonly type: 'cache.done';
  /** Whether it is in the cache now, or was removed. */
  readonly applied: boolean;
}

export type CacheMessage =
  | CacheGet
  | CacheGetMany
  | CacheSet
  | CacheWrite
  | CacheDelete
  | CacheInvalidate
  | CacheValue
  | CacheValues
  | CacheDone;

const STATES: readonly CacheState[] = ['hit', 'stale', 'miss', 'wait'];

/** One word of several numbers, in their order. */
const wordOf = (numbers: readonly (number | null)[]): number =>
  numbers.reduce<number>((word, n) => (Math.imul(word, 31) + (n ?? -2)) | 0, numbers.length);

export const cache = defineContract<CacheMessage>({
  name: 'cache',
  about: 'A service keeps copies of objects close at hand.',
  source: 'The memcached protocol; leases of Nishtala et al., NSDI 2013',
  overConnections: true,
  messages: {
    'cache.get': {
      role: 'request',
      flight: 'request',
      digest: (m) => m.key | 0,
      label: (m) => `get ${m.key}`,
    },
    'cache.get-many': {
      role: 'request',
      flight: 'request',
      digest: (m) => wordOf(m.keys),
      label: (m) => `get ${plural(m.keys.length, 'object')}`,
    },
    'cache.set': {
      role: 'request',
      flight: 'request',
      digest: (m) => (Math.imul(m.key, 31) + m.version) | 0,
      label: (m) => `set ${m.key} to version ${m.version}`,
    },
    'cache.write': {
      role: 'request',
      flight: 'request',
      digest: (m) => (Math.imul(m.key, 31) ^ m.seed) | 0,
      label: (m) => `write ${m.key}`,
    },
    'cache.delete': {
      role: 'request',
      flight: 'request',
      digest: (m) => (Math.imul(m.key, 31) + m.version) | 0,
      label: (m) => `delete ${m.key}`,
    },
    'cache.invalidate': {
      role: 'notice',
      flight: 'control',
      digest: (m) => (Math.imul(m.key, 31) + m.version) | 0,
      label: (m) => `${m.key} changed`,
    },
    'cache.value': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (m.version * 4 + STATES.indexOf(m.state)) | 0,
      label: (m) => (m.state === 'hit' ? `hit, version ${m.version}` : m.state),
    },
    'cache.values': {
      role: 'reply',
      flight: 'response',
      digest: (m) => wordOf(m.versions),
      label: (m) => `${m.versions.filter((v) => v !== null).length} of ${m.versions.length}`,
    },
    'cache.done': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (m.applied ? 1 : 0),
      label: (m) => (m.applied ? 'done' : 'not stored'),
    },
  },
  errors: [
    { code: 'origin-failed', definite: false, means: 'the store behind the cache did not answer' },
  ],
});
