import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/viz/state/rows.ts';

const span = (from: number, until: number | null) => ({
  micros: from,
  until: until === null ? null : { micros: until, event: until },
});

describe('spans in rows', () => {
  it('share a row one after the other, and have rows of their own at one time', () => {
    expect(rowsOf([span(0, 5), span(5, 9), span(9, null)])).toEqual([0, 0, 0]);
    expect(rowsOf([span(0, null), span(3, 6), span(4, 8), span(7, 9)])).toEqual([0, 1, 2, 1]);
  });
});
