/** Spans over time in rows, so that no two of one row overlap, as far as there is room for rows. */
import type { Moment } from './position.ts';

export interface Span {
  readonly micros: number;
  /** Null: it lasts. */
  readonly until: Moment | null;
}

const endOf = ({ until }: Span): number => until?.micros ?? Infinity;

/** The row of each span, in the order of `spans`: the first one that is free when it begins. */
export function rowsOf(spans: readonly Span[]): number[] {
  const ends: number[] = [];
  return spans.map((span) => {
    const free = ends.findIndex((end) => end <= span.micros);
    const row = free < 0 ? ends.length : free;
    ends[row] = endOf(span);
    return row;
  });
}

/** A part of a row: a span of its own, or those at that time for which there is no row left. */
export interface Stretch<T extends Span> {
  readonly row: number;
  readonly fromMicros: number;
  readonly untilMicros: number;
  readonly spans: readonly T[];
}

/** Spans in so many rows: where they do not suffice, the last one is for all the others. */
export function stretchesOf<T extends Span>(spans: readonly T[], rowsMax: number): Stretch<T>[] {
  const rows = rowsOf(spans);
  const isCrowded = rows.some((row) => row >= rowsMax);
  const own = isCrowded ? rowsMax - 1 : rowsMax;
  const alone = spans.map((span, i) => ({
    row: rows[i]!,
    fromMicros: span.micros,
    untilMicros: endOf(span),
    spans: [span],
  }));
  const others = spans.filter((_, i) => rows[i]! >= own);
  return [...alone.filter(({ row }) => row < own), ...together(others, own)];
}

/** A stretch ends wherever one of them begins or ends. */
function together<T extends Span>(spans: readonly T[], row: number): Stretch<T>[] {
  const borders = [...new Set(spans.flatMap((span) => [span.micros, endOf(span)]))];
  borders.sort((a, b) => a - b);
  return borders.slice(1).flatMap((untilMicros, i) => {
    const fromMicros = borders[i]!;
    const here = spans.filter((span) => span.micros <= fromMicros && endOf(span) > fromMicros);
    return here.length === 0 ? [] : [{ row, fromMicros, untilMicros, spans: here }];
  });
}
