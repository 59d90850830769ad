/** The shape of a message that is no first try, as a mark on whoever tries again. */
import { OUTLINES, SHAPES } from '../../theme/shapes.ts';
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

const RADIUS = 4.4;

export function drawRetry(
  pen: Pen,
  tokens: Tokens,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const corners = OUTLINES[SHAPES.retry] ?? [];
  pen.circle(x, y, RADIUS + 2.4).fill({ color: tokens.stage });
  pen.circle(x, y, RADIUS + 2.4).stroke({ width: 1, color: tokens.flights.retry });
  pen.poly(corners.map((value, i) => (i % 2 === 0 ? x : y) + value * RADIUS));
  pen.fill({ color: tokens.flights.retry });
}
