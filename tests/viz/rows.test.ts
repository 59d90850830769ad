import { describe, expect, it } from 'vitest';
import { rowsOf, stretchesOf } from '../../src/viz/state/rows.ts';

const span = (from: number, until: number | null) => ({
  micros: from,
  until: until === null ? null : { micros: until, event: until },
});

describe('spans in rows', () => {
  it('share a row one after the other, and have rows of their own at one time', () => {
    expect(rowsOf([span(0, 5), span(5, 9), span(9, null)])).toEqual([0, 0, 0]);
    expect(rowsOf([span(0, null), span(3, 6), span(4, 8), span(7, 9)])).toEqual([0, 1, 2, 1]);
  });

  it('are alone in their rows, and share the last one where there are more at once', () => {
    const three = [span(0, null), span(1, 9), span(4, 8)];
    expect(stretchesOf(three, 3).map(({ row, spans }) => [row, spans.length])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    const five = [...three, span(5, 7), span(6, null)];
    const [, , ...rest] = stretchesOf(five, 3);
    expect(
      rest.map(({ row, fromMicros, untilMicros, spans }) => [
        row,
        fromMicros,
        untilMicros,
        spans.map((one) => five.indexOf(one)).join(),
      ]),
    ).toEqual([
      [2, 4, 5, '2'],
      [2, 5, 6, '2,3'],
      [2, 6, 7, '2,3,4'],
      [2, 7, 8, '2,4'],
      [2, 8, Infinity, '4'],
    ]);
  });

  it('never lie on each other in a row, whatever there is of them', () => {
    // Steps that share no factor with the length: many ways to overlap.
    const spans = Array.from({ length: 40 }, (_, i) => span(3 * i, 3 * i + 1 + ((i * 17) % 41)));
    const stretches = stretchesOf(spans, 4);
    for (const a of stretches) {
      for (const b of stretches) {
        if (a === b || a.row !== b.row) continue;
        expect(a.untilMicros <= b.fromMicros || b.untilMicros <= a.fromMicros).toBe(true);
      }
    }
    expect(new Set(stretches.flatMap(({ spans: here }) => here)).size).toBe(spans.length);
    expect(Math.max(...stretches.map(({ row }) => row))).toBe(3);
  });
});
