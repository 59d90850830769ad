/**
 * A bar that fills: how much there is of what there can be. What is full has a lid, so that it is
 * told by its shape, too.
 */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

export interface FillBar {
  /** Its upper left corner. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** 0 to 1; what lies outside is cut off. */
  readonly share: number;
  readonly colour: string;
}

/** Fills upwards where it is higher than wide, else to the right. */
export function drawFillBar(pen: Pen, tokens: Tokens, bar: FillBar): void {
  const { x, y, width, height, colour } = bar;
  const share = Math.min(1, Math.max(0, bar.share));
  const upright = height > width;
  pen.roundRect(x, y, width, height, 2).fill({ color: tokens.stage });
  if (share > 0) {
    // However little there is, it can be seen.
    const long = Math.max(2, share * (upright ? height : width));
    if (upright) pen.roundRect(x, y + height - long, width, long, 2);
    else pen.roundRect(x, y, long, height, 2);
    pen.fill({ color: colour });
  }
  pen.roundRect(x, y, width, height, 2).stroke({ width: 1.2, color: tokens.nodeEdge });
  if (share < 1) return;
  if (upright) pen.moveTo(x - 3, y - 2).lineTo(x + width + 3, y - 2);
  else pen.moveTo(x + width + 2, y - 3).lineTo(x + width + 2, y + height + 3);
  pen.stroke({ width: 3, color: tokens.fault });
}

/** Each doubling rises by the same: one that waits is seen, and a thousand fit. */
export const doublings = (count: number, max: number): number =>
  max <= 0 ? 0 : Math.min(1, Math.log2(1 + count) / Math.log2(1 + max));
