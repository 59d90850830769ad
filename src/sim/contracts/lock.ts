/**
 * The conversation with a lock service: leases on named locks, each with a fencing token.
 *
 * Source: Burrows, The Chubby lock service (OSDI 2006), 2.4 (sequencers); Kleppmann, How to do
 * distributed locking (2016); Redis SET NX PX, whose owner is a random value
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';

export interface LockAcquire {
  readonly type: 'lock.acquire';
  readonly lock: string;
}
export interface LockRenew {
  readonly type: 'lock.renew';
  readonly lock: string;
  readonly token: number;
}
export interface LockRelease {
  readonly type: 'lock.release';
  readonly lock: string;
  readonly token: number;
}
export interface LockGranted {
  readonly type: 'lock.granted';
  /** Larger than that of every lease before it. */
  readonly token: number;
  /** For how long from now, by the clock of the service. */
  readonly ttlMicros: number;
}
export interface LockReleased {
  readonly type: 'lock.released';
}
export type LockMessage = LockAcquire | LockRenew | LockRelease | LockGranted | LockReleased;

const ofLease = (lock: string, token: number): number => Math.imul(hashText(lock), 31) ^ token;

export const lock = defineContract<LockMessage>({
  name: 'lock',
  about: 'A client takes a lock for a while, prolongs its lease and gives it back.',
  source: 'Chubby (OSDI 2006); Redis SET NX PX; Kleppmann (2016)',
  messages: {
    'lock.acquire': {
      role: 'request',
      flight: 'request',
      digest: (m) => hashText(m.lock) | 0,
      label: (m) => `take ${m.lock}`,
    },
    'lock.renew': {
      role: 'request',
      flight: 'heartbeat',
      digest: (m) => ofLease(m.lock, m.token),
      label: (m) => `prolong ${m.lock}, token ${m.token}`,
    },
    'lock.release': {
      role: 'request',
      flight: 'request',
      digest: (m) => ofLease(m.lock, m.token),
      label: (m) => `give back ${m.lock}, token ${m.token}`,
    },
    'lock.granted': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.token | 0,
      label: (m) => `token ${m.token} for ${Math.round(m.ttlMicros / 1_000)} ms`,
    },
    'lock.released': {
      role: 'reply',
      flight: 'response',
      digest: () => 0,
      label: () => 'given back',
    },
  },
  errors: [
    { code: 'lock-held', definite: true, means: 'somebody else holds a lease on the lock' },
    { code: 'not-holder', definite: true, means: 'the lease with this token is over' },
  ],
});
