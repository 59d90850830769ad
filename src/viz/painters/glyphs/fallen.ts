/**
 * Records that a log has dropped, as cells that fall out of it.
 *
 * Invariant: it is a function of the simulated moment, so that scrubbing back shows the same.
 */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

/** When it fell. */
export interface Cut {
  readonly atMicros: number;
}

const FALL_MICROS = 1_000_000;
const STEPS = 12;
/** So deep it falls: no deeper than the room that there is below its log. */
export const FALL_DEPTH = 9;

/** How much of the fall is left, in steps; 0: it is over, or has not begun. */
export function fallStep({ atMicros }: Cut, micros: number): number {
  const gone = micros - atMicros;
  return gone < 0 ? 0 : Math.max(0, STEPS - Math.floor((gone * STEPS) / FALL_MICROS));
}

/** So many; the first of them stood with its upper left corner at (x, y). */
export function drawFallen(
  pen: Pen,
  tokens: Tokens,
  cut: Cut,
  at: {
    readonly micros: number;
    readonly count: number;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  },
): void {
  const left = fallStep(cut, at.micros) / STEPS;
  if (left === 0) return;
  const y = at.y + (1 - left) * FALL_DEPTH;
  for (let i = 0; i < at.count; i++) {
    pen.roundRect(at.x + i * at.width + 1, y, at.width - 2, at.height, 1);
    pen.fill({ color: tokens.fault, alpha: 0.2 + left * 0.3 });
    pen.roundRect(at.x + i * at.width + 1, y, at.width - 2, at.height, 1);
    pen.stroke({ width: 1.4, color: tokens.fault, alpha: 0.4 + left * 0.6 });
  }
}

/** What fell stood further left than is shown: an arrow with its tip at (x, y). */
export function drawFallenBefore(
  pen: Pen,
  tokens: Tokens,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  pen.poly([x, y, x + 6, y - 4, x + 6, y + 4]).fill({ color: tokens.fault });
  pen.moveTo(x + 6, y).lineTo(x + 14, y);
  pen.stroke({ width: 2, color: tokens.fault });
}
