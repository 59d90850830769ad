/** The account of a partitioned log: each number by a log of a few records. */
import { describe, expect, it } from 'vitest';
import { accountRecords } from '../../../../src/sim/check/history/record-account.ts';
import type {
  PartitionLogs,
  ReplicaLog,
} from '../../../../src/sim/check/history/record-account.ts';
import type { Op, Outcome } from '../../../../src/sim/observe/history.ts';

/** The n-th send: its value is n; it was told this offset. */
const sent = (n: number, offset: number, outcome: Outcome = 'ok', client = 'p1'): Op => ({
  id: n,
  process: 0,
  client,
  f: 'send',
  input: n,
  ...(outcome === 'ok' ? { output: { partition: 0, offset } } : {}),
  outcome,
  call: 2 * n,
  ret: outcome === 'ok' ? 2 * n + 1 : Infinity,
});

const log = (broker: string, values: readonly number[], start = 0, epoch = 0): ReplicaLog => ({
  broker,
  start,
  records: values.map((value, i) => ({ offset: start + i, leaderEpoch: epoch, value })),
});

const logs = (leader: ReplicaLog, ...followers: ReplicaLog[]): PartitionLogs[] => [
  { name: 'events-0', partition: 0, leader, followers },
];

const numbers = (sends: readonly Op[], of: readonly PartitionLogs[]) => {
  const { acknowledged, expired, recovered, ...found } = accountRecords(sends, of);
  const { lost, duplicated, reordered, diverged, refuted } = found;
  return {
    acknowledged,
    expired,
    recovered,
    lost: lost.length,
    duplicated: duplicated.length,
    reordered: reordered.length,
    diverged: diverged.length,
    refuted: refuted.length,
  };
};

const NOTHING = {
  recovered: 0,
  expired: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  diverged: 0,
  refuted: 0,
};

describe('of the records of a log', () => {
  it('one of a transaction that was aborted may stay, and is not there for anybody', () => {
    const sends = [sent(1, 0), sent(2, -1, 'fail')];
    const kept = log('b1', [1, 2]);
    expect(numbers(sends, logs(kept))).toMatchObject({ refuted: 1 });
    const records = kept.records.map((one) => ({ ...one, isAborted: one.value === 2 }));
    expect(numbers(sends, logs({ ...kept, records }))).toEqual({ ...NOTHING, acknowledged: 1 });
  });

  it('nothing is wrong where each is there once, in its order', () => {
    const sends = [sent(1, 0), sent(2, 1), sent(3, 2)];
    const same = logs(log('b1', [1, 2, 3]), log('b2', [1, 2]));
    expect(numbers(sends, same)).toEqual({ ...NOTHING, acknowledged: 3 });
  });

  it('an acknowledged one that is not there is lost, and it says what is there now', () => {
    const sends = [sent(1, 0), sent(2, 1), sent(3, 1)];
    const left = logs(log('b1', [1, 3]));
    expect(numbers(sends, left)).toEqual({ ...NOTHING, acknowledged: 3, lost: 1 });
    const [lost] = accountRecords(sends, left).lost;
    expect(lost?.why).toContain('events-0 at offset 1) and is lost: 3 is there now');
    expect(lost?.ops).toEqual([2]);
  });

  it('one that retention has deleted is expired, and not lost', () => {
    const sends = [sent(1, 0), sent(2, 1), sent(3, 2)];
    expect(numbers(sends, logs(log('b1', [3], 2)))).toEqual({
      ...NOTHING,
      acknowledged: 3,
      expired: 2,
    });
  });

  it('a copy of one is a duplicate, each copy counted', () => {
    const sends = [sent(1, 0)];
    expect(numbers(sends, logs(log('b1', [1, 1, 1])))).toEqual({
      ...NOTHING,
      acknowledged: 1,
      duplicated: 2,
    });
  });

  it('one behind a later one of the same producer is out of order, of another it is not', () => {
    const swapped = logs(log('b1', [2, 1]));
    expect(numbers([sent(1, 1), sent(2, 0)], swapped)).toMatchObject({ reordered: 1 });
    const others = [sent(1, 1), sent(2, 0, 'ok', 'p2')];
    expect(numbers(others, swapped)).toMatchObject({ reordered: 0 });
  });

  it('one of unknown fate may be there, one that surely failed may not', () => {
    const there = logs(log('b1', [1, 2]));
    expect(numbers([sent(1, 0), sent(2, -1, 'unknown')], there)).toEqual({
      ...NOTHING,
      acknowledged: 1,
      recovered: 1,
    });
    expect(numbers([sent(1, 0), sent(2, -1, 'fail')], there)).toMatchObject({ refuted: 1 });
  });

  it('one that nobody sent is refuted', () => {
    expect(numbers([sent(1, 0)], logs(log('b1', [1, 9])))).toMatchObject({ refuted: 1 });
  });

  it('replicas have diverged where they hold different records at one offset', () => {
    const sends = [sent(1, 0), sent(3, 1)];
    const apart = logs(log('b2', [1, 3]), log('b1', [1, 2]));
    const { diverged } = accountRecords(sends, apart);
    expect(diverged.map(({ why }) => why)).toEqual([
      'events-0 at offset 1: b1 holds 2 of epoch 0, its leader b2 3 of epoch 0.',
    ]);
  });

  it('or the same record of different epochs', () => {
    const apart = logs(log('b2', [1], 0, 1), log('b1', [1], 0, 0));
    expect(numbers([sent(1, 0)], apart)).toMatchObject({ diverged: 1 });
  });
});
