/** A triangle with an exclamation mark: something happened that must not. */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

export function drawAlarm(
  pen: Pen,
  tokens: Tokens,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const corners = [x, y - 9, x + 9, y + 6, x - 9, y + 6, x, y - 9];
  pen.poly(corners).fill({ color: tokens.stage });
  pen.poly(corners).stroke({ width: 1.8, color: tokens.fail });
  pen.moveTo(x, y - 4).lineTo(x, y + 1);
  pen.stroke({ width: 2, color: tokens.fail });
  pen.circle(x, y + 3.6, 1.2).fill({ color: tokens.fail });
}
