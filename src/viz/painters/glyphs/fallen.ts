/**
 * Records that a log has dropped, as cells that fall out of it.
 *
 * Invariant: it is a function of the simulated moment, so that scrubbing back shows the same.
 */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

/** What fell, and when. */
export interface Cut {
  readonly dropped: number;
  readonly atMicros: number;
}

const FALL_MICROS = 1_000_000;
const STEPS = 12;
const DEPTH = 20;
const CELLS_MAX = 8;

/** How much of the fall is left, in steps; 0: it is over, or has not begun. */
export function fallStep({ atMicros }: Cut, micros: number): number {
  const gone = micros - atMicros;
  return gone < 0 ? 0 : Math.max(0, STEPS - Math.floor((gone * STEPS) / FALL_MICROS));
}

/** The first of them stood with its upper left corner at (x, y). */
export function drawFallen(
  pen: Pen,
  tokens: Tokens,
  cut: Cut,
  at: {
    readonly micros: number;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  },
): void {
  const left = fallStep(cut, at.micros) / STEPS;
  if (left === 0) return;
  const y = at.y + (1 - left) * DEPTH;
  for (let i = 0; i < Math.min(cut.dropped, CELLS_MAX); i++) {
    pen.roundRect(at.x + i * at.width + 1, y, at.width - 2, at.height, 1);
    pen.fill({ color: tokens.fault, alpha: left * 0.5 });
    pen.roundRect(at.x + i * at.width + 1, y, at.width - 2, at.height, 1);
    pen.stroke({ width: 1.4, color: tokens.fault, alpha: left });
  }
}
