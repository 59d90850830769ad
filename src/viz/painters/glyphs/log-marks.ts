/** Marks on the cells of a log: what ends a transaction, and up to where readers of it may go. */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

export type End = 'commit' | 'abort';

const ARM = 3;

/** A tick or a cross with its middle at (x, y). */
export function drawEnd(pen: Pen, tokens: Tokens, end: End, x: number, y: number): void {
  const ink = {
    width: 1.8,
    color: end === 'commit' ? tokens.pass : tokens.fail,
    cap: 'round',
  } as const;
  if (end === 'commit') {
    pen
      .moveTo(x - ARM, y)
      .lineTo(x - 1, y + ARM)
      .lineTo(x + ARM, y - ARM)
      .stroke(ink);
    return;
  }
  pen
    .moveTo(x - ARM, y - ARM)
    .lineTo(x + ARM, y + ARM)
    .stroke(ink);
  pen
    .moveTo(x + ARM, y - ARM)
    .lineTo(x - ARM, y + ARM)
    .stroke(ink);
}

/** A wedge with its tip at (x, y), the border where the last stable offset is. */
export function drawStable(pen: Pen, tokens: Tokens, x: number, y: number): void {
  pen.poly([x, y, x - 4, y - 6, x + 4, y - 6]).fill({ color: tokens.warning });
}
