/** Each anomaly by its smallest history, what it rules out, and how it is told. */
import { describe, expect, it } from 'vitest';
import { checkTransactions } from 'faultline';
import type { Ask, TransactionOptions, TxnOp } from 'faultline';
import { txns } from './support/short.ts';

const lists = (ops: TxnOp[], ask: Ask, timed = false) =>
  checkTransactions(ops, { workload: 'list-append', ask, timed });
const registers = (ops: TxnOp[], ask: Ask, more: Partial<TransactionOptions> = {}) =>
  checkTransactions(ops, { workload: 'rw-register', ask, timed: false, ...more });
const SERIALIZABLE: Ask = { models: ['serializable'] };
const STRICT: Ask = { models: ['strict-serializable'] };

describe('anomalies of lists', () => {
  const cases: readonly [string, TxnOp[], string, readonly string[]][] = [
    ['dirty write', txns('ax1 ay1', 'ax2 ay2', 'lx12 ly21'), 'G0', ['read-uncommitted']],
    ['aborted read', txns({ txn: 'ax1', outcome: 'fail' }, 'lx1'), 'G1a', ['read-committed']],
    ['intermediate read', txns('ax1 ax2', 'lx1', 'lx12'), 'G1b', ['read-committed']],
    ['circular information flow', txns('ax1 ly1', 'ay1 lx1'), 'G1c', ['read-committed']],
    ['read skew', txns('ax1 ay1', 'lx1 ly'), 'G-single', ['consistent-view', 'repeatable-read']],
    [
      'two misses apart',
      txns('ax1', 'lx1 ly', 'ay1', 'ly1 lx'),
      'G-nonadjacent',
      ['repeatable-read', 'snapshot-isolation'],
    ],
    ['write skew', txns('lx ay1', 'ly ax1'), 'G2-item', ['repeatable-read']],
    [
      'lost update',
      txns('ax1', 'lx1 ax2', 'lx1 ax3'),
      'lost-update',
      ['cursor-stability', 'update-atomic'],
    ],
    [
      'incompatible orders',
      txns('ax1', 'ax2', 'lx12', 'lx21'),
      'incompatible-order',
      ['read-committed'],
    ],
    ['the same element twice', txns('ax1', 'lx11'), 'duplicate-elements', ['read-uncommitted']],
    ['an element of nobody', txns('ax1', 'lx19'), 'garbage-read', ['read-committed']],
    ['a read of the own future', txns('lx1 ax1', 'lx1'), 'future-read', ['read-committed']],
    ['not seeing the own work', txns('ax1 lx', 'lx1'), 'internal', ['read-atomic']],
    [
      'work on top of an abort',
      txns({ txn: 'ax1', outcome: 'fail' }, 'ax2', 'lx12'),
      'dirty-update',
      ['read-committed'],
    ],
  ];
  for (const [name, ops, type, rulesOut] of cases) {
    it(`${name} is ${type}`, () => {
      const result = lists(ops, { ...SERIALIZABLE, anomalies: [type] });
      expect(result.verdict).toBe('fail');
      expect(result.found).toContain(type);
      expect(result.rulesOut).toEqual(rulesOut);
      expect(result.because.length).toBeGreaterThan(0);
    });
  }

  it('that were not asked for do not fail, and are told', () => {
    const result = lists(txns('lx ay1', 'ly ax1'), { models: ['read-committed'] });
    expect(result.verdict).toBe('pass');
    expect(result.also).toEqual(['G2-item', 'write-skew']);
  });

  it('write skew is two transactions that missed each other on different keys', () => {
    expect(lists(txns('lx ay1', 'ly ax1'), SERIALIZABLE).found).toContain('write-skew');
    expect(lists(txns('lx ax1', 'lx ax2'), SERIALIZABLE).found).not.toContain('write-skew');
  });

  it('two misses in a row are no G-nonadjacent: snapshot isolation holds', () => {
    const ops = txns('ly lx5', 'ay1 lz', 'az2 at3', 'lt3 lu', 'au4 ax5');
    expect(lists(ops, { models: ['snapshot-isolation'] }).verdict).toBe('pass');
    expect(lists(ops, SERIALIZABLE).found).toEqual(['G2-item']);
  });

  it('a write that nobody saw comes after what was seen', () => {
    const result = lists(txns('ax1 ay1', 'ax2 ay2', 'lx12', 'ly2'), SERIALIZABLE);
    expect(result.found).toEqual(expect.arrayContaining(['G0', 'G-single']));
  });

  it('a transaction of unknown fate is nobody to blame before somebody saw it', () => {
    const unseen = txns({ txn: 'ax1 ay1', outcome: 'unknown' }, 'lx ly', 'ax2', 'lx2');
    expect(lists(unseen, STRICT, true).verdict).toBe('pass');
    const halfSeen = txns({ txn: 'ax1 ay1', outcome: 'unknown', call: 0 }, 'lx1 ly');
    expect(lists(halfSeen, SERIALIZABLE).found).toEqual(['G-single']);
  });

  it('a history in which nothing orders anything is unknown', () => {
    const result = lists(txns('ax1', 'ay1'), SERIALIZABLE);
    expect(result.verdict).toBe('unknown');
    expect(result.reason).toContain('nothing in the history orders');
  });
});

describe('sessions and real time', () => {
  const stale = txns('ax1', { p: 1, txn: 'ax2' }, { p: 1, txn: 'lx1' }, 'lx12');

  it('a stale read is serializable, and not in a session', () => {
    expect(lists(stale, SERIALIZABLE, true).verdict).toBe('pass');
    const result = lists(stale, { models: ['strong-session-snapshot-isolation'] }, true);
    expect(result.found).toEqual(['G-single-process']);
    expect(result.rulesOut).toEqual(['strong-session-snapshot-isolation']);
  });

  it('a stale read of somebody else is strictly serializable only when it overlaps', () => {
    const other = txns('ax1', 'ax2', 'lx1', 'lx12');
    const result = lists(other, STRICT, true);
    expect(result.found).toEqual(['G-single-realtime']);
    expect(result.rulesOut).toEqual(['strong-snapshot-isolation']);
    const overlapping = txns(
      'ax1',
      { txn: 'ax2', call: 2, ret: 9 },
      { txn: 'lx1', call: 4, ret: 5 },
      {
        txn: 'lx12',
        call: 10,
        ret: 11,
      },
    );
    expect(lists(overlapping, STRICT, true).verdict).toBe('pass');
  });

  it('are not inferred from a history of completions', () => {
    expect(lists(stale, STRICT, false).verdict).toBe('pass');
  });

  it('circles of reads and session order', () => {
    const ops = txns({ p: 1, txn: 'lx1 ay1' }, { p: 2, txn: 'ly1' }, { p: 2, txn: 'ax1' });
    const result = lists(ops, { models: ['strong-session-snapshot-isolation'] }, true);
    expect(result.found).toEqual(['G1c-process']);
    expect(result.rulesOut).toEqual(['strong-session-read-committed']);
  });
});

describe('anomalies of registers', () => {
  it('are found without any assumption where reads alone show them', () => {
    expect(registers(txns({ txn: 'wx1', outcome: 'fail' }, 'rx1'), SERIALIZABLE).found).toEqual([
      'G1a',
    ]);
    expect(registers(txns('wx1 wx2', 'rx1'), SERIALIZABLE).found).toEqual(['G1b']);
    expect(registers(txns('wx1 ry1', 'wy1 rx1'), SERIALIZABLE).found).toEqual(['G1c']);
    expect(registers(txns('rx_ ry1', 'wy1 wx2'), SERIALIZABLE).found).toEqual(['G-single']);
    expect(registers(txns('rx0 wx1', 'rx0 wx2'), STRICT).found).toEqual(['lost-update']);
    expect(registers(txns('rx1 rx2'), { models: ['read-atomic'] }).found).toEqual(['internal']);
    expect(registers(txns('rx1 wx1'), SERIALIZABLE).found).toEqual(['future-read']);
  });

  it('a value that nobody wrote may be the initial one, a second one may not', () => {
    expect(registers(txns('rx7 wy1', 'ry1'), SERIALIZABLE).verdict).toBe('pass');
    expect(registers(txns('rx7', 'rx8'), SERIALIZABLE).found).toEqual(['garbage-read']);
  });

  it('writes follow reads', () => {
    const ops = txns('ry1 wx1 wy2', 'rx1 ry1');
    expect(registers(ops, SERIALIZABLE, { assume: { wfrKeys: false } }).verdict).toBe('pass');
    expect(registers(ops, SERIALIZABLE).found).toEqual(['no-order']);
    expect(registers(ops, SERIALIZABLE, { assume: { wfrKeys: true } }).found).toEqual(['G-single']);
  });

  it('a pure write cycle needs sequential keys to be seen', () => {
    const ops = txns(
      { p: 0, txn: 'wx1 wy2', call: 0, ret: 1 },
      { p: 1, txn: 'wx2 wy1', call: 0, ret: 1 },
      { p: 0, txn: 'rx2', call: 2, ret: 3 },
      { p: 1, txn: 'ry2', call: 2, ret: 3 },
    );
    const timed = { timed: true };
    expect(registers(ops, { anomalies: ['G0'] }, timed).verdict).toBe('pass');
    const seen = registers(
      ops,
      { anomalies: ['G0'] },
      { ...timed, assume: { sequentialKeys: true } },
    );
    expect(seen.found).toEqual(['G0']);
  });

  it('an assumption that contradicts itself is told and not used', () => {
    const ops = txns({ p: 0, txn: 'wx1' }, { p: 0, txn: 'wx2' }, { p: 0, txn: 'rx1' });
    const result = registers(ops, STRICT, { timed: true, assume: { sequentialKeys: true } });
    expect(result.found).toContain('cyclic-versions');
    expect(result.rulesOut).toEqual(['read-uncommitted']);
    expect(result.anomalies.find(({ type }) => type === 'cyclic-versions')?.because[0]).toContain(
      'by sequential keys',
    );
  });
});

describe('explanations', () => {
  it('name the transactions, one line a step, and the step that contradicts', () => {
    const { because, anomalies } = lists(txns('ax1 ay1', 'lx1 ly'), SERIALIZABLE);
    expect(because).toEqual([
      'T1 is c0: append x 1; append y 1.',
      'T2 is c1: read x = [1]; read y = [].',
      'T1 comes before T2: T1 appended 1 to x, and T2 read [1].',
      'But T2 comes before T1: T1 appended 1 to y, and T2 read [] and not 1: a contradiction.',
    ]);
    expect(anomalies[0]?.cycle?.map(({ kind }) => kind)).toEqual(['wr', 'rw']);
  });

  it('use the smallest cycle, and say so when a smaller one may exist', () => {
    // A long chain of reads and a short cut.
    const ops = txns('ax1 az1', 'lx1 ay1', 'ly1 at1', 'lt1 lz', 'lz1');
    const [cycle] = lists(ops, SERIALIZABLE).anomalies;
    expect(cycle?.ops).toHaveLength(4);
    const cut = txns('ax1 az1', 'lx1 lz', 'lx1 ay1', 'ly1 lz', 'lz1');
    expect(lists(cut, SERIALIZABLE).anomalies[0]?.ops).toHaveLength(2);
  });

  it('of real time say when', () => {
    const result = lists(txns('ax1', 'ax2', 'lx1', 'lx12'), STRICT, true);
    expect(result.because.join('\n')).toContain('had returned at position 3 when');
  });

  it('a budget that ends is unknown for what it left open', () => {
    const ops = txns('lx ay1', 'ly az1', 'lz at1', 'lt ax1');
    const result = checkTransactions(ops, {
      workload: 'list-append',
      ask: SERIALIZABLE,
      timed: false,
      stepsMax: 1,
    });
    expect(result.verdict).toBe('unknown');
    expect(result.reason).toBe('the search for G2-item ended after 1 steps');
  });
});

describe('mistakes of the caller', () => {
  it('are told with the nearest valid word', () => {
    expect(() => lists(txns('ax1'), { models: ['serialisable'] })).toThrow('no isolation level');
    expect(() => lists(txns('ax1'), { anomalies: ['G3'] })).toThrow('no anomaly');
    expect(() => lists(txns('ax1', 'ax1'), SERIALIZABLE)).toThrow('1 is appended to x twice');
    expect(() => registers(txns('wx1', 'wx1', 'rx1'), SERIALIZABLE)).toThrow('by more than one');
    expect(() => registers(txns('ax1'), SERIALIZABLE)).toThrow('knows no "append"');
    expect(() => lists(txns('rx1'), SERIALIZABLE)).toThrow('read x = 1');
  });
});
