/** A sink and its store: transactions that are seen at once, later, or never. */
import { describe, expect, it } from 'vitest';
import type {
  ResultRow,
  ResultsAbort,
  ResultsWrite,
} from '../../../../src/sim/contracts/results.ts';
import {
  applyResults,
  emptyResults,
  refusal,
} from '../../../../src/sim/protocols/stream-job/results.ts';
import { streamRules } from '../../../../src/sim/protocols/stream-job/rules.ts';
import {
  answered,
  checkpointComplete,
  nextRequest,
  notAnswered,
  snapshotOfSink,
  startSink,
  writeRow,
} from '../../../../src/sim/protocols/stream-job/sink.ts';
import type { SinkConfig } from '../../../../src/sim/protocols/stream-job/sink.ts';

const row = (start: number, sum = 1): ResultRow => ({
  kind: 'row',
  row: { key: 'k', start, end: start + 10, sum, ids: [], isUpdate: false },
});
const write = (id: string, sequence: number, attempt = 1): ResultsWrite => ({
  type: 'results.write',
  rows: [row(sequence)],
  isUpsert: false,
  transaction: { id, writer: { sink: 0, attempt }, sequence, timeoutMs: 100 },
});
const abort = (attempt: number, except: readonly string[]): ResultsAbort => ({
  type: 'results.abort',
  writer: { sink: 0, attempt },
  except,
});

describe('a store of results', () => {
  it('shows the rows of a transaction when it is committed, each writing once', () => {
    const results = emptyResults();
    for (const sequence of [1, 2, 2]) {
      applyResults(results, { type: 'write', write: write('t', sequence), atMicros: 5 });
    }
    expect(results.rows).toHaveLength(0);
    applyResults(results, { type: 'commit', id: 't', atMicros: 9 });
    applyResults(results, { type: 'commit', id: 't', atMicros: 10 });
    expect(results.rows.map(({ seenMicros }) => seenMicros)).toEqual([9, 9]);
    expect(refusal(results, { type: 'results.commit', id: 't' })).toBeNull();
    expect(refusal(results, { type: 'results.commit', id: 'u' })).toBe('transaction-aborted');
  });

  it('fences earlier attempts, and keeps the transactions that a later one names', () => {
    const results = emptyResults();
    for (const id of ['t', 'u']) {
      applyResults(results, { type: 'write', write: write(id, 1), atMicros: 0 });
    }
    applyResults(results, { type: 'abort', abort: abort(2, ['t']) });
    expect([...results.open.keys()]).toEqual(['t']);
    expect(refusal(results, write('v', 1))).toBe('producer-fenced');
    expect(refusal(results, abort(1, []))).toBe('producer-fenced');
    expect(refusal(results, write('w', 1, 2))).toBeNull();
    expect(refusal(results, write('u', 2, 2))).toBe('transaction-aborted');
  });

  it('puts a row in the place of one with its key and window', () => {
    const results = emptyResults();
    for (const [start, sum] of [
      [0, 1],
      [10, 2],
      [0, 3],
    ] as const) {
      const upsert: ResultsWrite = {
        type: 'results.write',
        rows: [row(start, sum)],
        isUpsert: true,
        transaction: null,
      };
      applyResults(results, { type: 'write', write: upsert, atMicros: 0 });
    }
    expect(results.rows.map(({ row: one }) => (one.kind === 'row' ? one.row.sum : 0))).toEqual([
      2, 3,
    ]);
  });
});

const CONFIG: SinkConfig = {
  mode: 'transactional',
  transactionTimeoutMs: 100,
  rules: streamRules([]),
};

describe('a sink', () => {
  it('has its rows written before its snapshot, and commits when that is complete', () => {
    const sink = startSink({ ...CONFIG, mode: 'transactional' }, { sink: 0, attempt: 2 }, null);
    expect(nextRequest(sink)).toMatchObject({ type: 'results.abort', except: [] });
    answered(sink, true);
    writeRow(CONFIG, sink, row(0));
    expect(nextRequest(sink)).toMatchObject({ type: 'results.write' });
    expect(snapshotOfSink(CONFIG, sink, 7)).toBeNull();
    expect(sink.flushing).toBe(7);
    answered(sink, true);
    expect(snapshotOfSink(CONFIG, sink, 7)).toEqual({
      role: 'sink',
      pending: [{ id: 't0-2-1', checkpoint: 7 }],
    });
    checkpointComplete(sink, 6);
    expect(nextRequest(sink)).toBeNull();
    checkpointComplete(sink, 7);
    checkpointComplete(sink, 7);
    expect(sink.requests).toEqual([{ type: 'results.commit', id: 't0-2-1' }]);
    expect(answered(sink, false)).toBe('t0-2-1');
  });

  it('adds nothing to a request that has been asked before', () => {
    const sink = startSink({ ...CONFIG, mode: 'plain' }, { sink: 0, attempt: 1 }, null);
    const plain: SinkConfig = { ...CONFIG, mode: 'plain' };
    writeRow(plain, sink, row(0));
    writeRow(plain, sink, row(10));
    expect(nextRequest(sink)).toMatchObject({ rows: [row(0), row(10)] });
    notAnswered(sink);
    writeRow(plain, sink, row(20));
    expect(nextRequest(sink)).toMatchObject({ rows: [row(0), row(10)] });
    answered(sink, true);
    expect(nextRequest(sink)).toMatchObject({ rows: [row(20)] });
  });

  it('commits what a snapshot names when it is restored', () => {
    const own = { role: 'sink', pending: [{ id: 't0-1-4', checkpoint: 4 }] } as const;
    const sink = startSink(CONFIG, { sink: 0, attempt: 2 }, own);
    expect(sink.requests).toMatchObject([
      { type: 'results.abort', except: ['t0-1-4'] },
      { type: 'results.commit', id: 't0-1-4' },
    ]);
  });
});
