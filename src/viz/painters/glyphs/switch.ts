/** A circuit breaker as what its name says: a switch of a circuit, by its states. */
import type { Tokens } from '../../theme/tokens.ts';
import type { LegendLine } from '../painter.ts';
import type { Pen } from './pen.ts';

const HALF = 8;
/** How far the lever is lifted, as a slope. */
const LIFT: ReadonlyMap<string, number> = new Map([
  ['open', -0.9],
  ['half-open', -0.38],
]);

/** Closed: the lever lies. Open: it stands up. Half-open: lifted a little, in pieces. */
export function drawSwitch(
  pen: Pen,
  tokens: Tokens,
  state: string,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const isOpen = state === 'open';
  const isHalf = state === 'half-open';
  const color = isOpen ? tokens.fail : isHalf ? tokens.unknown : tokens.pass;
  const slope = LIFT.get(state) ?? 0;
  pen.roundRect(x - HALF - 5, y - 10, 2 * HALF + 10, 16, 4).fill({ color: tokens.stage });
  pen.roundRect(x - HALF - 5, y - 10, 2 * HALF + 10, 16, 4).stroke({ width: 1.2, color });
  for (const [from, to] of isHalf ? DASHES : WHOLE) {
    pen.moveTo(x - HALF + from, y + from * slope).lineTo(x - HALF + to, y + to * slope);
  }
  pen.stroke({ width: 2.4, color, cap: 'round' });
  pen.circle(x - HALF, y, 2.4).fill({ color: tokens.text });
  pen.circle(x + HALF, y, 2.4).fill({ color: tokens.text });
}

const WHOLE: readonly (readonly [number, number])[] = [[0, 14]];
const DASHES: readonly (readonly [number, number])[] = [
  [0, 6],
  [10, 15],
];

const mark = (state: string): LegendLine['mark'] => ({
  shape: 'glyph',
  draw: (pen, tokens) => drawSwitch(pen, tokens, state, { x: 0, y: 2 }),
});

export const BREAKER_LEGEND: readonly LegendLine[] = [
  { mark: mark('closed'), text: 'Circuit breaker, closed: calls get through.' },
  { mark: mark('open'), text: 'Circuit breaker, open: calls fail at once, without a request.' },
  { mark: mark('half-open'), text: 'Circuit breaker, half-open: a few calls may try.' },
];
