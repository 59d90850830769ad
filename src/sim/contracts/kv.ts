/**
 * The key-value conversation: read, write, compare-and-set.
 *
 * Source: the workload vocabulary of Jepsen and Maelstrom (lin-kv): read, write, cas, with a
 * definite or indefinite error for each way it can end.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';

/** A stored value: small, plain, compared by identity. */
export type KvValue = number | string | null;

export interface KvGet {
  readonly type: 'kv.get';
  readonly key: string;
}
export interface KvPut {
  readonly type: 'kv.put';
  readonly key: string;
  readonly value: KvValue;
}
/** Sets `value` only where the key holds `expected`; the reply says whether it did. */
export interface KvCas {
  readonly type: 'kv.cas';
  readonly key: string;
  readonly expected: KvValue;
  readonly value: KvValue;
}
export interface KvValueReply {
  readonly type: 'kv.value';
  readonly value: KvValue;
}
export interface KvDone {
  readonly type: 'kv.done';
  /** False only for a compare-and-set whose comparison failed. */
  readonly applied: boolean;
}

export type KvRequest = KvGet | KvPut | KvCas;
export type KvReply = KvValueReply | KvDone;
export type KvMessage = KvRequest | KvReply;

const digestValue = (value: KvValue): number =>
  typeof value === 'number' ? value | 0 : value === null ? -1 : hashText(value);
const show = (value: KvValue): string => (value === null ? 'nothing' : String(value));

export const kv = defineContract<KvMessage>({
  name: 'kv',
  about: 'A client reads, writes or compares-and-sets one key of a store.',
  source: 'Maelstrom lin-kv workload; Jepsen cas-register',
  messages: {
    'kv.get': {
      role: 'request',
      flight: 'request',
      digest: (m) => hashText(m.key),
      label: (m) => `get ${m.key}`,
    },
    'kv.put': {
      role: 'request',
      flight: 'request',
      digest: (m) => (hashText(m.key) ^ digestValue(m.value)) | 0,
      label: (m) => `put ${m.key} = ${show(m.value)}`,
    },
    'kv.cas': {
      role: 'request',
      flight: 'request',
      digest: (m) => (hashText(m.key) ^ digestValue(m.expected) ^ digestValue(m.value)) | 0,
      label: (m) => `set ${m.key} from ${show(m.expected)} to ${show(m.value)}`,
    },
    'kv.value': {
      role: 'reply',
      flight: 'response',
      digest: (m) => digestValue(m.value),
      label: (m) => `value ${show(m.value)}`,
    },
    'kv.done': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (m.applied ? 1 : 0),
      label: (m) => (m.applied ? 'done' : 'comparison failed'),
    },
  },
  errors: [
    {
      code: 'not-leader',
      definite: true,
      means: 'this server does not lead; the detail names the leader it knows of, if any',
    },
    {
      code: 'lost-leadership',
      definite: false,
      means: 'the server stopped leading while the operation was under way',
    },
  ],
});
