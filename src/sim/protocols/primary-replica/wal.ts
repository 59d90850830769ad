/**
 * Where two logs part: by the histories of their timelines, as pg_rewind finds it.
 *
 * A timeline begins when a standby is promoted; whoever did it is part of its name, so two that
 * were promoted from one timeline do not meet in the next.
 *
 * Differs: PostgreSQL knows a timeline by its number alone, and two servers promoted apart may give
 * the same one; Patroni prevents that by its leader key.
 *
 * Source: PostgreSQL, pg_rewind (findCommonAncestorTimeline) and timeline history files
 */
import type { TimelineStart } from '../../contracts/replica.ts';

export type TimelineHistory = readonly TimelineStart[];

const isSame = (a: TimelineStart, b: TimelineStart): boolean =>
  a.timeline === b.timeline && a.by === b.by && a.from === b.from;

/**
 * The last record that a log of `history`, `end` records long, has in common with the primary's;
 * null: it is a part of that, or goes on where that ends.
 */
export function divergence(
  primary: TimelineHistory,
  history: TimelineHistory,
  end: number,
): number | null {
  let at = 0;
  while (primary[at + 1] !== undefined && history[at + 1] !== undefined) {
    if (!isSame(primary[at + 1]!, history[at + 1]!)) break;
    at += 1;
  }
  const primaryLeft = primary[at + 1]?.from ?? Infinity;
  const left = history[at + 1]?.from ?? end;
  const common = Math.min(primaryLeft, left);
  return end > common ? common : null;
}

/** The history of a log that was cut off after the record `at`. */
export const cutHistory = (history: TimelineHistory, at: number): TimelineHistory =>
  Object.freeze(history.filter(({ from }, i) => i === 0 || from < at));

export const currentTimeline = (history: TimelineHistory): number =>
  history[history.length - 1]?.timeline ?? 1;
