/** What a stream job has told, against the events of its log: each kind of mistake by itself. */
import { describe, expect, it } from 'vitest';
import { streamAccount } from '../../../src/sim/check/stream-totals.ts';
import type { StreamEvent, WindowRow } from '../../../src/sim/contracts/stream.ts';

const event = (id: number, value = 1): StreamEvent => ({ id, key: 'k', at: id, value });
const events = [event(1), event(2, 5), event(3)];
const row = (ids: readonly number[], sum: number, more: Partial<WindowRow> = {}) =>
  ({
    kind: 'row',
    row: { key: 'k', start: 0, end: 10, sum, ids, isUpdate: false, ...more },
  }) as const;

const counts = (rows: Parameters<typeof streamAccount>[1], late: readonly number[] = []) => {
  const found = streamAccount(events, rows, new Set(late));
  const { missing, twice, repeated, late: tooLate, wrong } = found;
  return [missing, twice, repeated, tooLate, wrong].map(({ length }) => length);
};

describe('the account of a stream job', () => {
  it('is clean when each event counts once', () => {
    expect(counts([row([1, 2, 3], 7)])).toEqual([0, 0, 0, 0, 0]);
  });
  it('counts events that no row has, apart from those that were late', () => {
    expect(counts([row([1], 1)])).toEqual([2, 0, 0, 0, 0]);
    expect(counts([row([1], 1)], [3])).toEqual([1, 0, 0, 1, 0]);
    expect(counts([row([1, 2, 3], 7)], [3])).toEqual([0, 0, 0, 0, 0]);
  });
  it('counts events that a row has twice', () => {
    expect(counts([row([1, 2, 3, 2, 2], 17)])).toEqual([0, 2, 0, 0, 1]);
  });
  it('counts rows that come again, and takes updates for what they are', () => {
    expect(counts([row([1, 2, 3], 7), row([1, 2, 3], 7)])).toEqual([0, 0, 1, 0, 0]);
    expect(counts([row([1, 2], 6), row([1, 2, 3], 7, { isUpdate: true })])).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(counts([row([1, 2, 3], 7), row([1], 1)])).toEqual([2, 0, 1, 0, 0]);
  });
  it('counts sums that are not those of their events', () => {
    expect(counts([row([1, 2, 3], 8)])).toEqual([0, 0, 0, 0, 1]);
  });
});
