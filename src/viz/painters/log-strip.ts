/** The tail of a replicated log, below its server: a cell per entry, and how far it is certain. */
import { drawEnd } from './glyphs/log-marks.ts';
import type { End } from './glyphs/log-marks.ts';
import type { Brush } from './painter.ts';

export interface LogCell {
  /** Of its term, or of its ballot. */
  readonly colour: string;
  /** It will never be lost: the whole cell is filled. */
  readonly isFixed: boolean;
  /** Of one that is not certain: this server keeps it on disk. Its floor is filled. */
  readonly isHeld: boolean;
  /** It ends a transaction, and is no record. */
  readonly end?: End;
  /** It is of a transaction that has not ended. */
  readonly isOpen?: boolean;
}

export const CELL_WIDTH = 11;
export const CELL_HEIGHT = 13;

/** So much further down the next strip begins. */
export const STRIP_STEP = 40;

export const stripTop = (radius: number, place: number): number => radius + 13 + place * STRIP_STEP;

/** The `place`th strip below its server. */
export function drawLogStrip(
  brush: Brush,
  cells: readonly LogCell[],
  caption: string,
  place = 0,
): void {
  const { over, radius, tokens } = brush;
  const top = stripTop(radius, place);
  const print = { size: 11, colour: tokens.muted, plate: { fill: tokens.stage } };
  if (cells.length === 0) return brush.label('empty log', 0, top + 7, print);
  const width = cells.length * CELL_WIDTH;
  over.rect(-width / 2 - 2, top - 2, width + 4, CELL_HEIGHT + 4).fill({ color: tokens.stage });
  cells.forEach(({ colour, isFixed, isHeld, end, isOpen = false }, i) => {
    const x = -width / 2 + i * CELL_WIDTH;
    if (end !== undefined) {
      return drawEnd(over, tokens, end, x + CELL_WIDTH / 2, top + CELL_HEIGHT / 2);
    }
    if (isOpen) {
      over.rect(x, top - 1, CELL_WIDTH, CELL_HEIGHT + 2);
      over.stroke({ width: 2, color: tokens.warning, alignment: 0 });
    }
    over.rect(x + 1, top, CELL_WIDTH - 2, CELL_HEIGHT);
    if (isFixed) {
      over.fill({ color: colour }).rect(x + 1, top, CELL_WIDTH - 2, CELL_HEIGHT);
      over.stroke({ width: 1, color: tokens.nodeEdge, alignment: 1 });
      return;
    }
    over.stroke({ width: 1, color: tokens.nodeEdge, alignment: 1 });
    if (!isHeld) return;
    over.rect(x + 2, top + CELL_HEIGHT - 5, CELL_WIDTH - 4, 4).fill({ color: colour });
  });
  brush.label(caption, 0, top + CELL_HEIGHT + 11, print);
}
