/** A padlock: somebody waits for what another one holds. */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

export function drawLock(
  pen: Pen,
  tokens: Tokens,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const color = tokens.warning;
  pen.moveTo(x - 4, y - 2).lineTo(x - 4, y - 5);
  pen.arc(x, y - 5, 4, Math.PI, 2 * Math.PI).lineTo(x + 4, y - 2);
  pen.stroke({ width: 2, color });
  pen.roundRect(x - 7, y - 3, 14, 11, 2).fill({ color });
  pen.circle(x, y + 2.5, 1.8).fill({ color: tokens.stage });
}
