/**
 * Places that are taken one by one: discs for connections of a pool, squares for cores. Busy is
 * filled, idle hollow, and what is not there yet a dot. Many places are one bar in three parts.
 */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

export interface Slots {
  readonly x: number;
  readonly y: number;
  /** It is not wider than this; it is centred on x. */
  readonly width: number;
  readonly max: number;
  readonly busy: number;
  readonly idle: number;
  readonly as: 'discs' | 'squares';
}

const STEP_MAX = 9;
const STEP_MIN = 6;

export function drawSlots(pen: Pen, tokens: Tokens, slots: Slots): void {
  const { x, width, max } = slots;
  const step = Math.min(STEP_MAX, width / max);
  if (step < STEP_MIN) return drawParts(pen, tokens, slots);
  for (let i = 0; i < max; i++) {
    drawSlot(pen, tokens, slots, i, x + (i - (max - 1) / 2) * step, step * 0.36);
  }
}

function drawSlot(pen: Pen, tokens: Tokens, slots: Slots, i: number, x: number, r: number): void {
  const { y, busy, idle, as } = slots;
  const isBusy = i < busy;
  if (!isBusy && i >= busy + idle) {
    pen.circle(x, y, 1).fill({ color: tokens.muted });
    return;
  }
  if (as === 'discs') pen.circle(x, y, r);
  else pen.roundRect(x - r, y - r, 2 * r, 2 * r, 1);
  if (isBusy) pen.fill({ color: tokens.accent });
  else pen.stroke({ width: 1.4, color: tokens.nodeEdge });
}

/** Busy is full height, idle half, and what is not there a line. */
function drawParts(pen: Pen, tokens: Tokens, { x, y, width, max, busy, idle }: Slots): void {
  const left = x - width / 2;
  const unit = width / max;
  pen
    .moveTo(left, y)
    .lineTo(left + width, y)
    .stroke({ width: 1.4, color: tokens.nodeEdge });
  if (idle > 0) {
    pen.roundRect(left + busy * unit, y - 2, Math.max(1.5, idle * unit), 4, 1);
    pen.fill({ color: tokens.nodeEdge });
  }
  if (busy > 0) {
    pen.roundRect(left, y - 4, Math.max(1.5, busy * unit), 8, 1).fill({ color: tokens.accent });
  }
}
