/**
 * The key-value conversation: read, write, compare-and-set.
 *
 * Source: the workload vocabulary of Jepsen and Maelstrom (lin-kv): read, write, cas, with a
 * definite or indefinite error for each way it can end.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';
import type { ErrorSpec } from './contract.ts';
import type { ActorCounts, CrdtUpdate } from './crdt.ts';

/** A stored value: small, plain, compared by identity. */
export type KvValue = number | string | null;

/** What a reader saw, for its next write of the key to replace: opaque to clients (Dynamo 4.4). */
export type KvContext = ActorCounts;

export interface KvGet {
  readonly type: 'kv.get';
  readonly key: string;
  /** The position of a replicated log that the answer shall not be older than. */
  readonly after?: number;
}
/** A null value deletes the key. */
export interface KvPut {
  readonly type: 'kv.put';
  readonly key: string;
  readonly value: KvValue;
  /** Of the read that this write follows, where the store gave one. */
  readonly context?: KvContext;
  /** At a causal store: up to which write of each datacentre its client has seen them. */
  readonly dependencies?: KvContext;
}
/** Changes a replicated data type: a counter, a set, a register. */
export interface KvUpdate {
  readonly type: 'kv.update';
  readonly key: string;
  readonly update: CrdtUpdate;
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
  /** All values, where the store holds concurrent ones or a set; `value` is the latest of them. */
  readonly siblings?: readonly KvValue[];
  readonly context?: KvContext;
  /** Of a causal store: the write that made the value. */
  readonly dependencies?: KvContext;
  /** Up to where the server had applied its log, where it has one that clients may name. */
  readonly lsn?: number;
}
export interface KvDone {
  readonly type: 'kv.done';
  /** False only for a compare-and-set whose comparison failed. */
  readonly applied: boolean;
  /** The place of the write in the server's log, where it has one that clients may name. */
  readonly lsn?: number;
  /** Of a causal store: what the client that made this write depends on from now on. */
  readonly dependencies?: KvContext;
}

export type KvRequest = KvGet | KvPut | KvCas;
export type KvReply = KvValueReply | KvDone;
export type KvMessage = KvRequest | KvUpdate | KvReply;

const digestValue = (value: KvValue): number =>
  typeof value === 'number' ? value | 0 : value === null ? -1 : hashText(value);
function digestReply({ value, siblings, context, dependencies }: KvValueReply): number {
  let word = digestValue(value);
  for (const other of siblings ?? []) word = (Math.imul(word, 31) ^ digestValue(other)) | 0;
  return digestOfContext(digestOfContext(word, context), dependencies);
}
function digestOfContext(start: number, context: KvContext = []): number {
  let word = start;
  for (const [actor, count] of context) word = (Math.imul(word, 31) ^ (actor + count)) | 0;
  return word;
}
/** What an update adds, removes, assigns or increments by. */
export function operandOf({ update }: KvUpdate): KvValue {
  if (update.do === 'increment') return update.by;
  return update.do === 'assign' ? update.value : update.element;
}
const show = (value: KvValue): string => (value === null ? 'nothing' : String(value));

/** Of a store in which one server leads. */
export const LEADER_ERRORS: readonly ErrorSpec[] = [
  {
    code: 'not-leader',
    definite: true,
    means: 'this server does not lead; the detail names the leader it knows of, if any',
  },
  {
    code: 'busy',
    definite: true,
    means: 'too many writes are uncommitted: the leader takes no more for now; ask it again',
  },
  {
    code: 'transferring',
    definite: true,
    means: 'the leader hands its office over, and takes no writes; the detail names to whom',
  },
  {
    code: 'lost-leadership',
    definite: false,
    means: 'the server stopped leading while the operation was under way',
  },
];

export const kv = defineContract<KvMessage>({
  name: 'kv',
  about: 'A client reads, writes or compares-and-sets one key of a store.',
  source: 'Maelstrom lin-kv workload; Jepsen cas-register',
  messages: {
    'kv.get': {
      role: 'request',
      flight: 'request',
      digest: (m) => (m.after === undefined ? hashText(m.key) : hashText(m.key) ^ m.after),
      label: (m) => (m.after === undefined ? `get ${m.key}` : `get ${m.key} as of ${m.after}`),
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
    'kv.update': {
      role: 'request',
      flight: 'request',
      digest: (m) => (hashText(m.key) ^ hashText(m.update.do) ^ digestValue(operandOf(m))) | 0,
      label: (m) => `${m.update.do} ${show(operandOf(m))} in ${m.key}`,
    },
    'kv.value': {
      role: 'reply',
      flight: 'response',
      digest: digestReply,
      label: (m) =>
        m.siblings === undefined
          ? `value ${show(m.value)}`
          : `values ${m.siblings.map(show).join(' beside ')}`,
    },
    'kv.done': {
      role: 'reply',
      flight: 'response',
      digest: ({ applied, dependencies }) => digestOfContext(applied ? 1 : 0, dependencies),
      label: (m) => (m.applied ? 'done' : 'comparison failed'),
    },
  },
  errors: [
    {
      code: 'unavailable',
      definite: true,
      means: 'too few replicas of the key are known to be up; nothing was sent to any',
    },
    {
      code: 'write-timeout',
      definite: false,
      means: 'too few replicas acknowledged in time; those that have the write keep it',
    },
    {
      code: 'read-timeout',
      definite: false,
      means: 'too few replicas answered in time',
    },
    ...LEADER_ERRORS,
    {
      code: 'replica-behind',
      definite: true,
      means: 'this replica has not applied what the reader saw; the detail names the primary',
    },
    {
      code: 'no-replicas',
      definite: true,
      means: 'the primary has heard too few replicas lately to take a write (Redis: NOREPLICAS)',
    },
    {
      code: 'starting-up',
      definite: true,
      means: 'the server recovers from a crash, or rewinds its log',
    },
  ],
});
