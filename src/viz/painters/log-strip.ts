/** The tail of a replicated log, below its server: a cell per entry, and how far it is certain. */
import { CELL_HEIGHT, CELL_WIDTH, drawCell } from './glyphs/log-cell.ts';
import type { CellFill } from './glyphs/log-cell.ts';
import { drawEnd } from './glyphs/log-marks.ts';
import type { End } from './glyphs/log-marks.ts';
import type { Brush } from './painter.ts';

export interface LogCell {
  readonly colour: string;
  readonly fill: CellFill;
  /** It ends a transaction, and is no record. */
  readonly end?: End;
  /** It is of a transaction that has not ended. */
  readonly isOpen?: boolean;
}

/** So much further down the next strip begins. */
export const STRIP_STEP = 40;

export const stripTop = (radius: number, place: number): number => radius + 13 + place * STRIP_STEP;

/** The strip of a server, in the middle below it. */
export function drawLogStrip(brush: Brush, cells: readonly LogCell[], caption: string): void {
  const { radius, tokens } = brush;
  const top = stripTop(radius, 0);
  const print = { size: 11, colour: tokens.muted, plate: { fill: tokens.stage } };
  if (cells.length === 0) return brush.label('empty log', 0, top + 7, print);
  drawCells(brush, cells, { x: (-cells.length * CELL_WIDTH) / 2, y: top });
  brush.label(caption, 0, top + CELL_HEIGHT + 11, print);
}

/** The upper left corner of the first one is at (x, y). */
export function drawCells(
  { over, tokens }: Brush,
  cells: readonly LogCell[],
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const width = cells.length * CELL_WIDTH;
  over.rect(x - 2, y - 2, width + 4, CELL_HEIGHT + 4).fill({ color: tokens.stage });
  cells.forEach((cell, i) => {
    const left = x + i * CELL_WIDTH;
    if (cell.end !== undefined) {
      return drawEnd(over, tokens, cell.end, left + CELL_WIDTH / 2, y + CELL_HEIGHT / 2);
    }
    if (cell.isOpen === true) {
      over.rect(left, y - 1, CELL_WIDTH, CELL_HEIGHT + 2);
      over.stroke({ width: 2, color: tokens.warning, alignment: 0 });
    }
    drawCell(over, tokens, cell, { x: left, y });
  });
}
