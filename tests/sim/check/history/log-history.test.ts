/** Each anomaly of a partitioned log by the smallest history that has it, and by none without. */
import { describe, expect, it } from 'vitest';
import { checkLogHistory } from '../../../../src/sim/check/history/log-history.ts';
import type { LogAnomaly } from '../../../../src/sim/check/history/log-history.ts';
import type { PolledRun } from '../../../../src/sim/check/history/log-txns.ts';
import type { Op, Outcome } from '../../../../src/sim/observe/history.ts';

let position = 0;

const op = (id: number, client: string, f: string, rest: object, outcome: Outcome = 'ok'): Op => {
  const call = position++;
  const ret = outcome === 'ok' ? position++ : Infinity;
  return { id, process: 0, client, f, input: null, outcome, call, ret, ...rest };
};

const send = (value: number, offset: number, outcome: Outcome = 'ok', client = 'p1'): Op =>
  op(value, client, 'send', { input: value, output: { partition: 0, offset } }, outcome);

const run = (from: number, values: readonly number[]): PolledRun => ({
  partition: 0,
  from,
  to: from + values.length,
  batch: { baseOffset: from, records: values.map((value) => ({ key: null, value })) },
});

const poll = (id: number, runs: readonly PolledRun[], client = 'c1', life = 1): Op =>
  op(id, client, 'poll', { input: { life }, output: runs });

const kinds = (ops: readonly Op[], allowed: readonly LogAnomaly[] = []) =>
  checkLogHistory(ops, { allow: allowed }).findings.map(({ kind }) => kind);

/** It ends here: what it sent, and where that is. */
const end = (
  id: number,
  outcome: 'commit' | 'abort',
  places: readonly (readonly [number, number])[],
) =>
  op(id, 'p1', 'transaction', {
    input: { outcome, sends: places.map(([value]) => value) },
    output: places.map(([value, offset]) => ({ value, partition: 0, offset })),
  });

const sends = () => [send(1, 0), send(2, 1), send(3, 2)];

describe('a history of a partitioned log', () => {
  it('passes where everything that was acknowledged was read in its place', () => {
    const ops = [...sends(), poll(10, [run(0, [1, 2])]), poll(11, [run(2, [3])])];
    expect(checkLogHistory(ops)).toMatchObject({ verdict: 'pass', findings: [], unseen: 0 });
  });

  it('says nothing where nobody read', () => {
    expect(checkLogHistory(sends())).toMatchObject({ verdict: 'unknown' });
  });

  it('counts as unseen, and does not judge, what nobody has read up to', () => {
    const ops = [...sends(), poll(10, [run(0, [1])])];
    expect(checkLogHistory(ops)).toMatchObject({ verdict: 'pass', unseen: 2 });
  });

  it('does not judge what is before the first offset that anybody read', () => {
    expect(kinds([...sends(), poll(10, [run(2, [3])])])).toEqual([]);
  });
});

describe('an anomaly', () => {
  it('lost-write: acknowledged below what was read, and read by nobody', () => {
    const ops = [...sends(), poll(10, [run(0, [1])]), poll(11, [run(2, [3])])];
    expect(kinds(ops)).toEqual(['lost-write']);
  });

  it('inconsistent-offset: another value where one was acknowledged', () => {
    const ops = [send(1, 0), send(2, 0, 'unknown'), poll(10, [run(0, [2])])];
    expect(kinds(ops)).toEqual(['inconsistent-offset', 'lost-write']);
  });

  it('inconsistent-offset: or two readers see different ones', () => {
    const ops = [send(1, -1, 'unknown'), send(2, -1, 'unknown')];
    ops.push(poll(10, [run(0, [1])]), poll(11, [run(0, [2])], 'c2'));
    expect(kinds(ops)).toEqual(['inconsistent-offset']);
  });

  it('duplicate: one value at two offsets', () => {
    const ops = [send(1, 0), poll(10, [run(0, [1, 1])])];
    expect(kinds(ops)).toEqual(['duplicate']);
  });

  it('aborted-read: the send surely failed', () => {
    expect(kinds([send(1, -1, 'fail'), poll(10, [run(0, [1])])])).toEqual(['aborted-read']);
  });

  it('unsent-read: nobody sent it', () => {
    expect(kinds([send(1, 0), poll(10, [run(0, [1, 9])])])).toEqual(['unsent-read']);
  });

  it('nonmonotonic-poll: the next poll goes back', () => {
    const ops = [...sends(), poll(10, [run(0, [1, 2, 3])]), poll(11, [run(1, [2])])];
    expect(kinds(ops)).toEqual(['nonmonotonic-poll']);
  });

  it('none of it where another consumer, or another life, reads the same again', () => {
    const ops = [...sends(), poll(10, [run(0, [1, 2, 3])]), poll(11, [run(0, [1])], 'c2')];
    expect(kinds([...ops, poll(12, [run(0, [1])], 'c1', 2)])).toEqual([]);
  });

  it('poll-skip: the next poll passes over what somebody else read', () => {
    const ops = [...sends(), poll(10, [run(0, [1, 2, 3])], 'c2')];
    ops.push(poll(11, [run(0, [1])]), poll(12, [run(2, [3])]));
    expect(kinds(ops)).toEqual(['poll-skip']);
  });

  it('no skip over an offset without a record: a marker takes one, too', () => {
    const ops = [send(1, 0), send(3, 2), poll(10, [run(0, [1])]), poll(11, [run(2, [3])])];
    expect(kinds(ops)).toEqual([]);
  });

  it('int-poll-skip and int-nonmonotonic-poll: the same within one poll', () => {
    const all = [...sends(), poll(10, [run(0, [1, 2, 3])], 'c2')];
    expect(kinds([...all, poll(11, [run(0, [1]), run(2, [3])])])).toEqual(['int-poll-skip']);
    expect(kinds([...sends(), poll(12, [run(0, [1, 2, 3]), run(1, [2])])])).toEqual([
      'int-nonmonotonic-poll',
    ]);
  });

  it('nonmonotonic-send: a later record of the producer is before an earlier one', () => {
    const ops = [send(1, 1), send(2, 0), poll(10, [run(0, [2, 1])])];
    expect(kinds(ops)).toEqual(['nonmonotonic-send']);
    const two = [send(1, 1), send(2, 0, 'ok', 'p2'), poll(10, [run(0, [2, 1])])];
    expect(kinds(two)).toEqual([]);
  });

  it('is not held against it where it is allowed', () => {
    const ops = [send(1, 0), poll(10, [run(0, [1, 1])])];
    expect(checkLogHistory(ops, { allow: ['duplicate'] })).toMatchObject({ verdict: 'pass' });
  });
});

describe('in a compacted partition', () => {
  const keyed = (value: number | null, offset: number, key: string): Op =>
    op(offset + 1, 'p1', 'send', { key, input: value, output: { partition: 0, offset } });
  const compacted = new Set([0]);
  const written = () => [keyed(1, 0, 'x'), keyed(2, 1, 'y'), keyed(3, 2, 'x'), keyed(4, 3, 'z')];
  const seen = (ops: readonly Op[], options = {}) =>
    checkLogHistory(ops, { compacted, ...options }).findings.map(({ kind }) => kind);

  it('a record that a later one of its key may have replaced is not lost', () => {
    const ops = [...written(), poll(10, [run(1, [2, 3, 4])])];
    const from = [...ops, poll(11, [run(0, [1])], 'c2')];
    expect(seen(from.toSpliced(-1, 1))).toEqual([]);
    const before = [
      keyed(9, 0, 'w'),
      ...written().map((one, i) => ({ ...one, output: { partition: 0, offset: i + 1 } })),
    ];
    const rest = [run(0, [9]), run(2, [2, 3, 4])];
    expect(seen([...before, poll(10, rest)])).toEqual([]);
    expect(seen([...before, poll(10, rest)], { compacted: new Set() })).toEqual(['lost-write']);
  });

  it('one is that no later record of its key has replaced', () => {
    const ops = [...written(), poll(10, [run(0, [1])]), poll(11, [run(2, [3, 4])])];
    expect(seen(ops)).toEqual(['lost-write']);
  });

  it('a tombstone replaces, too', () => {
    const ops = [keyed(1, 0, 'w'), keyed(2, 1, 'x'), keyed(null, 2, 'x'), keyed(4, 3, 'z')];
    ops.push(poll(10, [run(0, [1])]), poll(11, [run(3, [4])]));
    expect(seen(ops)).toEqual([]);
    expect(seen(ops, { compacted: new Set() })).toEqual(['lost-write']);
  });

  it('who reads after the cleaning passes over nothing', () => {
    const ops = [
      keyed(5, 0, 'w'),
      ...written().map((one, i) => ({
        ...one,
        id: i + 2,
        output: { partition: 0, offset: i + 1 },
      })),
    ];
    ops.push(poll(10, [run(0, [5, 1, 2, 3, 4])]), poll(11, [run(0, [5]), run(2, [2, 3, 4])], 'c2'));
    expect(seen(ops)).toEqual([]);
    expect(seen(ops, { compacted: new Set() })).toEqual(['int-poll-skip']);
  });

  it('a batch that a cleaning has been in says that it is one', () => {
    const remains = { span: 4, places: [1, 2, 3], deleteHorizonMicros: null };
    const records = [2, 3, 4].map((value) => ({ key: null, value }));
    const first = keyed(9, 0, 'w');
    const others = written().map((one, i) => ({
      ...one,
      id: i + 2,
      output: { partition: 0, offset: i + 1 },
    }));
    const batch = { partition: 0, from: 1, to: 5, batch: { baseOffset: 1, records, remains } };
    const ops = [first, ...others, poll(10, [run(0, [9]), batch])];
    expect(seen(ops, { compacted: new Set() })).toEqual([]);
  });
});

describe('transactions in a history of a partitioned log', () => {
  const committed = () => [
    ...sends(),
    end(5, 'commit', [
      [1, 0],
      [2, 1],
      [3, 2],
    ]),
  ];

  it('pass where all of a transaction was read after its end', () => {
    expect(kinds([...committed(), poll(10, [run(0, [1, 2, 3])])])).toEqual([]);
  });

  it('pass where the rest was not looked at yet', () => {
    expect(kinds([...committed(), poll(10, [run(0, [1])])])).toEqual([]);
  });

  it('precommitted-read: read before its end was ordered', () => {
    const early = [...sends(), poll(10, [run(0, [1, 2, 3])])];
    const late = end(5, 'commit', [
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    expect(kinds([...early, late])).toEqual(['precommitted-read']);
  });

  it('torn-transaction: consumers passed over a part of it', () => {
    const ops = [
      send(1, 0, 'fail'),
      send(2, 1, 'fail'),
      end(5, 'abort', [
        [1, 0],
        [2, 1],
      ]),
      send(3, 2),
      poll(10, [run(0, [1]), run(2, [3])]),
    ];
    expect(kinds(ops)).toEqual(['aborted-read', 'torn-transaction']);
  });

  it('an aborted transaction of which nothing was read is whole', () => {
    const ops = [
      send(1, 0, 'fail'),
      end(5, 'abort', [[1, 0]]),
      send(3, 2),
      poll(10, [run(2, [3])]),
    ];
    expect(kinds(ops)).toEqual([]);
  });
});
