import { describe, expect, it } from 'vitest';
import { checkStaleness } from 'faultline';
import { historyOf } from '../support/histories.ts';

const write = (p: number, value: number, call: number, ret: number) => ({
  p,
  f: 'write',
  key: 'x',
  in: value,
  call,
  ret,
});
const read = (p: number, value: number | null, call: number, ret: number) => ({
  p,
  f: 'read',
  key: 'x',
  out: value,
  call,
  ret,
});

describe('staleness', () => {
  const three = [write(0, 1, 0, 1), write(0, 2, 2, 3), write(0, 3, 4, 5)];

  it('counts the newer versions that were acknowledged before the read was called', () => {
    const result = checkStaleness(historyOf([...three, read(1, 1, 8, 9), read(2, 3, 8, 9)]));
    expect(result.verdict).toBe('pass');
    expect(result.reads).toBe(2);
    // A position is 100 ms: version 2 was acknowledged at 300 ms, the read was called at 800 ms.
    expect(result.stale).toEqual([{ id: 3, versions: 2, micros: 500_000 }]);
    expect([result.versionsMost, result.microsMost]).toEqual([2, 500_000]);
  });

  it('fails beyond a bound of versions or of time, not at it', () => {
    const ops = historyOf([...three, read(1, 1, 8, 9)]);
    expect(checkStaleness(ops, { versionsMax: 2 }).verdict).toBe('pass');
    expect(checkStaleness(ops, { versionsMax: 1 }).verdict).toBe('fail');
    expect(checkStaleness(ops, { microsMax: 500_000 }).verdict).toBe('pass');
    const late = checkStaleness(ops, { microsMax: 499_999 });
    expect(late.verdict).toBe('fail');
    expect(late.because).toEqual([
      'c1 read x = 1 at 0.800 s and missed 2 newer versions, the first of them 0.500 s before.',
    ]);
    expect(late.explanation?.culprit).toBe(3);
  });

  it('does not call a write newer that overlaps the one read, or the read itself', () => {
    const overlapping = [write(0, 1, 0, 5), write(1, 2, 1, 4), read(2, 1, 6, 7)];
    expect(checkStaleness(historyOf(overlapping)).stale).toEqual([]);
    const concurrent = [write(0, 1, 0, 1), write(0, 2, 2, 6), read(2, 1, 5, 7)];
    expect(checkStaleness(historyOf(concurrent)).stale).toEqual([]);
  });

  it('goes by the order of versions where the store tells it', () => {
    const overlapping = historyOf([write(0, 1, 0, 5), write(1, 2, 1, 4), read(2, 1, 6, 7)]);
    const version = (_: string, value: unknown) => Number(value);
    expect(checkStaleness(overlapping, { version }).stale).toHaveLength(1);
  });

  it('every acknowledged write is newer than the initial value, a lost one is not', () => {
    const unknown = { p: 3, f: 'write', key: 'x', in: 9, call: 1 };
    expect(checkStaleness(historyOf([...three, unknown, read(1, null, 8, 9)])).versionsMost).toBe(
      3,
    );
  });

  it('a value of nobody fails, values that repeat are refused, no read is unknown', () => {
    expect(checkStaleness(historyOf([read(0, 7, 0, 1)])).verdict).toBe('fail');
    expect(() => checkStaleness(historyOf([write(0, 1, 0, 1), write(0, 1, 2, 3)]))).toThrow(
      'unique',
    );
    expect(checkStaleness(historyOf(three)).verdict).toBe('unknown');
  });
});
