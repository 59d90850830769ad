/** How the lines of a chart are told apart: by colour, and by dashes for those who see none. */
import type { Tokens } from './tokens.ts';

export interface LineStyle {
  readonly stroke: string;
  /** Lengths of strokes and gaps; empty: unbroken. */
  readonly dash: readonly number[];
}

const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2]];

/** Thirty of them differ: the numbers of colours and of dashes share no factor. */
export function lineStyle(index: number, tokens: Tokens): LineStyle {
  const { request, replication, acknowledgement, vote, heartbeat, control } = tokens.flights;
  const strokes = [request, replication, acknowledgement, vote, control, heartbeat];
  return {
    stroke: strokes[index % strokes.length]!,
    dash: DASHES[index % DASHES.length]!,
  };
}
