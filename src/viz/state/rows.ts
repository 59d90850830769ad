/** Spans over time in rows, so that no two of one row overlap. */
import type { Moment } from './position.ts';

export interface Span {
  readonly micros: number;
  /** Null: it lasts. */
  readonly until: Moment | null;
}

/** The row of each span, in the order of `spans`: the first one that is free when it begins. */
export function rowsOf(spans: readonly Span[]): number[] {
  const ends: number[] = [];
  return spans.map((span) => {
    const free = ends.findIndex((end) => end <= span.micros);
    const row = free < 0 ? ends.length : free;
    ends[row] = span.until?.micros ?? Infinity;
    return row;
  });
}
