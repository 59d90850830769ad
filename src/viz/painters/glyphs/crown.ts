/** A crown: who takes himself for the primary. Two on one map are a split brain. */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

/** The middle of its foot is at (x, y). */
export function drawCrown(
  pen: Pen,
  tokens: Tokens,
  { x, y, size = 1 }: { readonly x: number; readonly y: number; readonly size?: number },
): void {
  const corners = [-12, 0, -14, -13, -6, -6, 0, -16, 6, -6, 14, -13, 12, 0, -12, 0];
  const points = corners.map((at, i) => at * size + (i % 2 === 0 ? x : y));
  pen.poly(points).fill({ color: tokens.leader });
  pen.poly(points).stroke({ width: 1.4, color: tokens.stage });
}
