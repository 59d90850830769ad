/**
 * The conversation with an SQL-like database, as far as the request path sees it: connections,
 * statements that read or change one row, and how a replica follows.
 *
 * Source: the PostgreSQL front-end protocol reduced to its costs; error names as in PostgreSQL's
 * list (too_many_connections, lock_not_available, deadlock_detected, query_canceled).
 */
import { mix32 } from '../kernel/seeded-draws.ts';
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';

export interface SqlConnect {
  readonly type: 'sql.connect';
  /** Which life of the process asks: connections of another one are not its own. */
  readonly life: number;
}
export interface SqlConnected {
  readonly type: 'sql.connected';
}
/** Closing needs no answer. */
export interface SqlClose {
  readonly type: 'sql.close';
  readonly life: number;
}
export interface SqlQuery {
  readonly type: 'sql.query';
  /** Which statement: the database may give each its own cost. */
  readonly statement: string;
  readonly write: boolean;
  /** The row. */
  readonly key: number;
  readonly seed: number;
  /** Of a write: the version that the row shall have at least, from a cache that wrote first. */
  readonly version?: number;
  /** Of a read: several rows in one statement (WHERE id IN ...); `key` is the first. */
  readonly keys?: readonly number[];
}
export interface SqlRows {
  readonly type: 'sql.rows';
  /** The version of the row that was read or written; 0 before the first write, -1 for no row. */
  readonly version: number;
  /** Of several rows: each in its turn; `version` is the newest. */
  readonly versions?: readonly number[];
}
/** One committed write, for a replica. */
export interface SqlReplicate {
  readonly type: 'sql.replicate';
  readonly key: number;
  readonly version: number;
  /** Its place in the log of writes. */
  readonly position: number;
  /** The position that was sent to this replica before it. */
  readonly after: number;
}
/** A replica wants what comes after the position up to which it has everything. */
export interface SqlFollow {
  readonly type: 'sql.follow';
  readonly position: number;
  /** It has just started: whatever was under way to it is lost. */
  readonly isFresh: boolean;
}

export type SqlMessage =
  SqlConnect | SqlConnected | SqlClose | SqlQuery | SqlRows | SqlReplicate | SqlFollow;

/** One word of several numbers, in their order. */
const wordOf = (numbers: readonly number[]): number =>
  numbers.reduce((word, n) => (Math.imul(word, 31) + n) | 0, numbers.length);

export const sql = defineContract<SqlMessage>({
  name: 'sql',
  about: 'A service runs statements over connections of a database.',
  source: 'PostgreSQL front-end/back-end protocol, reduced to its costs',
  overConnections: true,
  messages: {
    'sql.connect': {
      role: 'request',
      flight: 'control',
      digest: () => 1,
      label: () => 'connect',
    },
    'sql.connected': {
      role: 'reply',
      flight: 'control',
      digest: () => 2,
      label: () => 'connected',
    },
    'sql.close': { role: 'notice', flight: 'control', digest: () => 3, label: () => 'close' },
    'sql.query': {
      role: 'request',
      flight: 'request',
      digest: (m) =>
        (mix32(m.seed) ^
          (m.keys === undefined ? m.key : wordOf(m.keys)) ^
          (m.write ? 0x5bd1e995 : 0) ^
          (m.version ?? 0)) |
        0,
      label: (m) =>
        m.keys === undefined
          ? `${m.write ? 'write' : 'read'} row ${m.key}`
          : `read ${plural(m.keys.length, 'row')}`,
    },
    'sql.rows': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (m.versions === undefined ? m.version | 0 : wordOf(m.versions)),
      label: (m) =>
        m.versions === undefined ? `version ${m.version}` : `${plural(m.versions.length, 'row')}`,
    },
    'sql.replicate': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => (Math.imul(m.key, 31) + m.version) | 0,
      label: (m) => `row ${m.key}, version ${m.version}`,
    },
    'sql.follow': {
      role: 'notice',
      flight: 'control',
      digest: (m) => m.position | 0,
      label: (m) => `follow from ${m.position}`,
    },
  },
  errors: [
    { code: 'too-many-connections', definite: true, means: 'max_connections are open already' },
    { code: 'lock-timeout', definite: true, means: 'lock_timeout passed before the row was free' },
    {
      code: 'pool-timeout',
      definite: true,
      means: "the caller's own pool had no connection in time",
    },
    { code: 'read-only', definite: true, means: 'a replica takes no writes' },
  ],
});
