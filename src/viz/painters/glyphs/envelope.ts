/** A small envelope: something that is kept for somebody who was not there. */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

const HALF_WIDTH = 6;
const HALF_HEIGHT = 4;

export function drawEnvelope(
  pen: Pen,
  tokens: Tokens,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const color = tokens.warning;
  pen.roundRect(x - HALF_WIDTH, y - HALF_HEIGHT, 2 * HALF_WIDTH, 2 * HALF_HEIGHT, 1);
  pen.fill({ color: tokens.stage });
  pen.roundRect(x - HALF_WIDTH, y - HALF_HEIGHT, 2 * HALF_WIDTH, 2 * HALF_HEIGHT, 1);
  pen.stroke({ width: 1.4, color });
  pen.moveTo(x - HALF_WIDTH, y - HALF_HEIGHT).lineTo(x, y + 1);
  pen.lineTo(x + HALF_WIDTH, y - HALF_HEIGHT);
  pen.stroke({ width: 1.4, color });
}
