/**
 * What the servers of a replicated SQL-like store say to each other: the write-ahead log on its
 * way to the standbys, what they have of it, and how far each is when a primary is looked for.
 *
 * Records are plain, immutable data, shared by messages, logs and checkpoints.
 * Source: PostgreSQL 17, chapters 26.2 and 53.4 (streaming replication protocol: XLogData, Standby
 * status update); Patroni's REST endpoint /patroni.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';
import type { KvValue } from './kv.ts';
import type { PeerId } from './raft.ts';

/** One write in the log. Its LSN is its place, from 1 on. */
export interface WalRecord {
  readonly lsn: number;
  /** Under which timeline it was written, and by whom: what tells two records of one LSN apart. */
  readonly timeline: number;
  readonly by: PeerId;
  readonly key: string;
  readonly value: KvValue;
  /** By the wall clock of the primary. */
  readonly wallMicros: number;
}

/** A timeline begins after the record `from`. */
export interface TimelineStart {
  readonly timeline: number;
  readonly by: PeerId;
  readonly from: number;
}

/** Of a standby: what it has. The first one of a session asks for everything after `write`. */
export interface ReplicaStatus {
  readonly type: 'replica.status';
  /** Which stream it follows: a new one after each start, and for each primary. */
  readonly session: number;
  /** Sent by the clock and not because something came: what was lost is sent again then. */
  readonly isRegular: boolean;
  readonly write: number;
  readonly flush: number;
  readonly apply: number;
  readonly history: readonly TimelineStart[];
}
export interface ReplicaWal {
  readonly type: 'replica.wal';
  readonly session: number;
  /** The record that was sent in this session before these. */
  readonly after: number;
  readonly records: readonly WalRecord[];
  /** Up to where the primary's log is on its disk. */
  readonly end: number;
  readonly history: readonly TimelineStart[];
}
/** The standby's log has left the primary's after the record `at`. */
export interface ReplicaDiverged {
  readonly type: 'replica.diverged';
  readonly session: number;
  readonly at: number;
}
/** Asked by who would be primary. */
export interface ReplicaHealth {
  readonly type: 'replica.health';
}
export interface ReplicaHealthReply {
  readonly type: 'replica.health-reply';
  readonly isPrimary: boolean;
  /** Up to where its log is on its disk. */
  readonly lsn: number;
}

export type ReplicaMessage =
  ReplicaStatus | ReplicaWal | ReplicaDiverged | ReplicaHealth | ReplicaHealthReply;

const mix = (a: number, b: number): number => (Math.imul(a, 31) + b) | 0;

function digestOfWal({ session, after, records, end }: ReplicaWal): number {
  let h = mix(mix(session, after), end);
  for (const { lsn, key, value, wallMicros } of records) {
    const word = typeof value === 'number' ? value : hashText(String(value));
    h = mix(mix(h, mix(lsn, hashText(key) ^ word)), wallMicros);
  }
  return h;
}

export const replica = defineContract<ReplicaMessage>({
  name: 'replica',
  about: 'A primary sends its log to the standbys; they say what they have of it.',
  source: 'PostgreSQL streaming replication protocol; Patroni REST API',
  messages: {
    'replica.status': {
      role: 'notice',
      flight: 'acknowledgement',
      digest: (m) => mix(mix(m.session, m.write), mix(m.flush, m.apply)),
      label: (m) => `has ${m.write}, on disk ${m.flush}, applied ${m.apply}`,
    },
    'replica.wal': {
      role: 'notice',
      flight: 'replication',
      digest: digestOfWal,
      label: (m) => {
        const [first] = m.records;
        if (first === undefined) return `log up to ${m.end}`;
        if (m.records.length === 1) return `record ${first.lsn}: ${first.key}`;
        return `records ${first.lsn} to ${first.lsn + m.records.length - 1}`;
      },
    },
    'replica.diverged': {
      role: 'notice',
      flight: 'control',
      digest: (m) => mix(m.session, m.at),
      label: (m) => `your log has left mine after ${m.at}`,
    },
    'replica.health': {
      role: 'request',
      flight: 'control',
      digest: () => 1,
      label: () => 'how far are you?',
    },
    'replica.health-reply': {
      role: 'reply',
      flight: 'control',
      digest: (m) => mix(m.lsn, m.isPrimary ? 1 : 0),
      label: (m) => (m.isPrimary ? `primary, at ${m.lsn}` : `at ${m.lsn}`),
    },
  },
  errors: [],
});
