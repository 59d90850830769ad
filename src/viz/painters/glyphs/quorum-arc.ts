/**
 * Who has answered, of those who were asked: one piece of an arc for each, thick once it has
 * answered, thin before. So many pieces as are needed have a tick.
 */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

export interface QuorumArc {
  /** In the order of asking. */
  readonly answered: readonly boolean[];
  readonly needed: number;
}

/** The arc lies on the upper half, in parts of the whole circle. */
const WHOLE = 0.42;
const GAP = 0.012;
const TURN = 2 * Math.PI;

export function drawQuorumArc(
  pen: Pen,
  tokens: Tokens,
  { answered, needed }: QuorumArc,
  radius: number,
): void {
  const got = answered.filter((one) => one).length;
  const color = got >= needed ? tokens.pass : tokens.accent;
  const width = WHOLE / Math.max(1, answered.length);
  // Those that have answered stand together: how many they are is what counts.
  const sorted = [...answered].sort((a, b) => Number(b) - Number(a));
  sorted.forEach((has, i) => {
    const from = angleOf(-WHOLE / 2 + i * width + GAP / 2);
    const to = angleOf(-WHOLE / 2 + (i + 1) * width - GAP / 2);
    pen.moveTo(Math.cos(from) * radius, Math.sin(from) * radius).arc(0, 0, radius, from, to);
    pen.stroke({ width: has ? 5 : 1.6, color: has ? color : tokens.nodeEdge });
  });
  const end = angleOf(-WHOLE / 2 + needed * width);
  const [x, y] = [Math.cos(end), Math.sin(end)];
  pen.moveTo(x * (radius - 5), y * (radius - 5)).lineTo(x * (radius + 5), y * (radius + 5));
  pen.stroke({ width: 2, color: tokens.text });
}

/** From the top, clockwise. */
const angleOf = (part: number): number => (part - 0.25) * TURN;
