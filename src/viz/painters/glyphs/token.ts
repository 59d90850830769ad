/** The number of a fencing token, as a coin. */
import type { Brush } from '../painter.ts';

/** Its middle is at (x, y). */
export function drawToken(
  { over, tokens, label }: Brush,
  token: number,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const text = String(token);
  const half = Math.max(9, 4 + text.length * 4);
  over.roundRect(x - half, y - 9, 2 * half, 18, 9).fill({ color: tokens.stage });
  over.roundRect(x - half, y - 9, 2 * half, 18, 9).stroke({ width: 1.6, color: tokens.leader });
  label(text, x, y, { size: 11, colour: tokens.text, bold: true });
}
