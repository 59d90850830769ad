/** One cell of the strip of a log: how much of it is filled tells how certain its record is. */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

/**
 * `whole`: it will never be lost. `floor`: this server keeps it on disk. `rim`: it may be lost, and
 * whose it is matters all the same. `none`: it may be lost.
 */
export type CellFill = 'whole' | 'floor' | 'rim' | 'none';

export const CELL_WIDTH = 11;
export const CELL_HEIGHT = 13;

const EDGE = 1;
const RIM = 1.5;
const FLOOR = 4;

/** Its upper left corner is at (x, y). The colour is of its term, or of its ballot. */
export function drawCell(
  pen: Pen,
  tokens: Tokens,
  { fill, colour }: { readonly fill: CellFill; readonly colour: string },
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const paint = (inset: number, color: string): void => {
    const width = CELL_WIDTH - 2 - 2 * inset;
    pen.roundRect(x + 1 + inset, y + inset, width, CELL_HEIGHT - 2 * inset, 0).fill({ color });
  };
  paint(0, tokens.nodeEdge);
  paint(EDGE, fill === 'whole' || fill === 'rim' ? colour : tokens.stage);
  if (fill === 'rim') paint(EDGE + RIM, tokens.stage);
  if (fill !== 'floor') return;
  pen.roundRect(x + 2, y + CELL_HEIGHT - EDGE - FLOOR, CELL_WIDTH - 4, FLOOR, 0);
  pen.fill({ color: colour });
}
