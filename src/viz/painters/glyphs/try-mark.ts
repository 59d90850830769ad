/** The shape of a message that is no first try, as a mark on whoever sent such ones. */
import { OUTLINES, SHAPES } from '../../theme/shapes.ts';
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

const RADIUS = 4.4;

export function drawTryMark(
  pen: Pen,
  tokens: Tokens,
  kind: 'retry' | 'hedge',
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const corners = OUTLINES[SHAPES[kind]] ?? [];
  const color = tokens.flights[kind];
  pen.circle(x, y, RADIUS + 2.4).fill({ color: tokens.stage });
  pen.circle(x, y, RADIUS + 2.4).stroke({ width: 1, color });
  pen.poly(corners.map((value, i) => (i % 2 === 0 ? x : y) + value * RADIUS));
  pen.fill({ color });
}
