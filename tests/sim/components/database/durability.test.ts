import { describe, expect, it } from 'vitest';
import { AskBench } from '../support/ask-bench.ts';
import { constant, db, read, rows, write } from './support.ts';

describe('after a crash', () => {
  it('every write that was answered is there', () => {
    const b = new AskBench({ groups: [db({}, { disk: { fsync: constant(3) } })] });
    expect(b.answer('db1', write(1))).toEqual(rows(1));
    b.crash('db1').after(10);
    b.restart('db1').after(10);
    expect(b.answer('db1', read(1))).toEqual(rows(1));
    expect(b.answer('db1', write(1))).toEqual(rows(2));
  });

  it('a write that was not on disk is gone, and nobody was told that it was done', () => {
    const b = new AskBench({ groups: [db({}, { disk: { fsync: constant(50) } })] });
    const tag = b.ask('db1', write(1), 500);
    b.to(20).crash('db1').after(10);
    b.restart('db1').after(1_000);
    expect(b.end(tag)?.result.outcome).toBe('unknown');
    expect(b.answer('db1', read(1))).toEqual(rows(0));
  });

  it('without synchronous_commit the writes since the last flush are lost, though answered', () => {
    const b = new AskBench({
      groups: [db({ synchronousCommit: false, walWriterDelayMs: 100 })],
    });
    // The first write commits at 5 ms: its flush is at 105 ms, the next at least 100 ms later.
    for (let i = 1; i <= 30; i++) expect(b.answer('db1', write(1))).toEqual(rows(i));
    expect(b.nowMs).toBe(180);
    b.crash('db1').after(10);
    b.restart('db1').after(10);
    // Answers come each 6 ms, commits a millisecond before: those up to 105 ms are 17.
    expect(b.answer('db1', read(1))).toEqual(rows(17));
  });

  it('a replica has no write that the primary may still lose', () => {
    const replica = db({}, { name: 'r', links: { primary: 'db' } });
    const b = new AskBench({
      groups: [db({ synchronousCommit: false, walWriterDelayMs: 100 }), replica],
    });
    b.to(10).answer('db1', write(1));
    b.after(20);
    expect(b.answer('r1', read(1))).toEqual(rows(0));
    b.to(200);
    expect(b.answer('r1', read(1))).toEqual(rows(1));
  });
});
