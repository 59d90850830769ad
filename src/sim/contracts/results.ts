/**
 * Where the results of a stream job go: rows that are added or put by their key, at once or in a
 * transaction that readers see only when it is committed.
 *
 * Source: Apache Kafka, transactions (transactional.id, transaction.timeout.ms, PRODUCER_FENCED);
 * Flink, TwoPhaseCommitSinkFunction
 * Differs: a transaction has a name, and begins with its first row.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';
import type { StreamEvent, WindowRow } from './stream.ts';

export type ResultRow =
  | { readonly kind: 'row'; readonly row: WindowRow }
  | { readonly kind: 'late'; readonly event: StreamEvent };

/** Whose transactions they are: a sink, in an attempt of its job. */
export interface Writer {
  readonly sink: number;
  readonly attempt: number;
}

export interface ResultsWrite {
  readonly type: 'results.write';
  readonly rows: readonly ResultRow[];
  /** A row of the same key and window is replaced. */
  readonly isUpsert: boolean;
  readonly transaction: {
    readonly id: string;
    readonly writer: Writer;
    /** Of this writing in its transaction, from 1: one that comes again changes nothing. */
    readonly sequence: number;
    readonly timeoutMs: number;
  } | null;
}
export interface ResultsCommit {
  readonly type: 'results.commit';
  readonly id: string;
}
/** All open transactions of a sink but these; what earlier attempts send from now on is fenced. */
export interface ResultsAbort {
  readonly type: 'results.abort';
  readonly writer: Writer;
  readonly except: readonly string[];
}
export interface ResultsDone {
  readonly type: 'results.done';
}
export type ResultsMessage = ResultsWrite | ResultsCommit | ResultsAbort | ResultsDone;

export const results = defineContract<ResultsMessage>({
  name: 'results',
  about: 'A sink writes rows, and begins and ends transactions.',
  source: 'Apache Kafka, transactions; Flink, TwoPhaseCommitSinkFunction',
  overConnections: true,
  messages: {
    'results.write': {
      role: 'request',
      flight: 'request',
      digest: (m) =>
        (Math.imul(hashText(m.transaction?.id ?? ''), 31) +
          Math.imul(m.transaction?.sequence ?? 0, 7) +
          m.rows.length) |
        0,
      label: (m) => `${plural(m.rows.length, 'row')}`,
    },
    'results.commit': {
      role: 'request',
      flight: 'control',
      digest: (m) => hashText(m.id),
      label: (m) => `commit ${m.id}`,
    },
    'results.abort': {
      role: 'request',
      flight: 'control',
      digest: (m) => (Math.imul(m.writer.sink, 31) + m.writer.attempt) | 0,
      label: () => 'abort what is left open',
    },
    'results.done': { role: 'reply', flight: 'response', digest: () => 0, label: () => 'done' },
  },
  errors: [
    {
      code: 'transaction-aborted',
      definite: true,
      means: 'the transaction has timed out or was aborted: its rows are gone',
    },
    {
      code: 'producer-fenced',
      definite: true,
      means: 'a later attempt of the job writes in place of this one',
    },
  ],
});
