/** How many ended in which way, as one bar: ok full, failed with strokes across, unknown hollow. */
import type { Tokens } from '../../theme/tokens.ts';
import type { Tally } from '../painter.ts';
import { colourOf } from './marks.ts';
import type { Pen } from './pen.ts';

const HEIGHT = 5;

export function drawTally(
  pen: Pen,
  tokens: Tokens,
  tally: Tally,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): void {
  const all = tally.ok + tally.fail + tally.unknown;
  if (all === 0) return;
  let left = x;
  for (const outcome of ['ok', 'fail', 'unknown'] as const) {
    if (tally[outcome] === 0) continue;
    const long = Math.max(2, (tally[outcome] / all) * width);
    const color = colourOf(tokens, outcome);
    if (outcome === 'ok') pen.roundRect(left, y, long, HEIGHT, 1).fill({ color });
    else {
      pen.roundRect(left + 0.5, y + 0.5, long - 1, HEIGHT - 1, 1).stroke({ width: 1.2, color });
    }
    if (outcome === 'fail') {
      for (let at = left + 2; at < left + long; at += 3) pen.moveTo(at, y).lineTo(at, y + HEIGHT);
      pen.stroke({ width: 1.4, color });
    }
    left += long;
  }
}
