/** Two bars: somebody stands still for others. */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

const WIDTH = 4;
const GAP = 4;
const HEIGHT = 13;

/** Around its middle. */
export function drawPause(pen: Pen, tokens: Tokens, { x, y }: { x: number; y: number }): void {
  const plate = { width: 2 * WIDTH + GAP + 6, height: HEIGHT + 6 };
  pen.roundRect(x - plate.width / 2, y - plate.height / 2, plate.width, plate.height, 3);
  pen.fill({ color: tokens.stage });
  for (const left of [x - GAP / 2 - WIDTH, x + GAP / 2]) {
    pen.roundRect(left, y - HEIGHT / 2, WIDTH, HEIGHT, 1).fill({ color: tokens.warning });
  }
}
