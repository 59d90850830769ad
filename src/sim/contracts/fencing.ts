/**
 * The conversation with a storage whose resources are protected by a lock: every access carries the
 * fencing token of the lease under which it is made.
 *
 * Source: Kleppmann, How to do distributed locking (2016), "Making the lock safe with fencing"
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';

/** Null: never written. */
export type FencedValue = number | null;

export interface FencingRead {
  readonly type: 'fencing.read';
  readonly key: string;
  readonly token: number;
}
export interface FencingWrite {
  readonly type: 'fencing.write';
  readonly key: string;
  readonly token: number;
  readonly value: number;
}
export interface FencingValue {
  readonly type: 'fencing.value';
  readonly value: FencedValue;
}
export interface FencingDone {
  readonly type: 'fencing.done';
}
export type FencingMessage = FencingRead | FencingWrite | FencingValue | FencingDone;

export const fencing = defineContract<FencingMessage>({
  name: 'fencing',
  about: 'The holder of a lock reads and writes what the lock protects, showing its token.',
  source: 'Kleppmann, How to do distributed locking (2016)',
  messages: {
    'fencing.read': {
      role: 'request',
      flight: 'request',
      digest: (m) => Math.imul(hashText(m.key), 31) ^ m.token,
      label: (m) => `read ${m.key}, token ${m.token}`,
    },
    'fencing.write': {
      role: 'request',
      flight: 'request',
      digest: (m) => Math.imul(Math.imul(hashText(m.key), 31) ^ m.token, 31) ^ m.value,
      label: (m) => `${m.key} = ${m.value}, token ${m.token}`,
    },
    'fencing.value': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (m.value === null ? -1 : m.value | 0),
      label: (m) => `value ${m.value === null ? 'none' : m.value}`,
    },
    'fencing.done': {
      role: 'reply',
      flight: 'response',
      digest: () => 0,
      label: () => 'written',
    },
  },
  errors: [
    {
      code: 'stale-token',
      definite: true,
      means: 'a later lease has already reached the storage; nothing was done',
    },
  ],
});
