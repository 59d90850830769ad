/**
 * Who gets how much, as a ring: one arc for each, as long as its share. Whoever gets nothing keeps
 * a short arc. In pieces: sent away for a while; thin with a stroke across: down.
 */
import type { Tokens } from '../../theme/tokens.ts';
import type { Pen } from './pen.ts';

export interface Sharer {
  readonly share: number;
  readonly state: 'well' | 'ejected' | 'down';
}

/** In parts of the whole ring. */
const GAP = 0.016;
const SHARE_MIN = 0.05;
const DASH = 0.012;
const TURN = 2 * Math.PI;
/** More cannot be told apart: the inspector lists them. */
export const SHARERS_MAX = 16;

export function drawShareRing(
  pen: Pen,
  tokens: Tokens,
  sharers: readonly Sharer[],
  radius: number,
): void {
  const shown = sharers.slice(0, SHARERS_MAX);
  const widths = shown.map(({ share }) => Math.max(SHARE_MIN, share));
  const whole = widths.reduce((sum, width) => sum + width, 0);
  let from = 0;
  shown.forEach(({ state }, i) => {
    const width = widths[i]! / whole;
    const gap = shown.length > 1 ? Math.min(GAP, width / 4) : 0;
    drawArc(pen, tokens, state, radius, from + gap / 2, from + width - gap / 2);
    from += width;
  });
}

function drawArc(
  pen: Pen,
  tokens: Tokens,
  state: Sharer['state'],
  radius: number,
  from: number,
  to: number,
): void {
  if (state === 'well') {
    arc(pen, radius, from, to);
    pen.stroke({ width: 6, color: tokens.pass });
  } else if (state === 'ejected') {
    for (let at = from; at < to; at += 2 * DASH) arc(pen, radius, at, Math.min(to, at + DASH));
    pen.stroke({ width: 6, color: tokens.unknown });
  } else {
    arc(pen, radius, from, to);
    pen.stroke({ width: 1.6, color: tokens.fail });
    const middle = angleOf((from + to) / 2);
    const [x, y] = [Math.cos(middle) * radius, Math.sin(middle) * radius];
    pen.moveTo(x - 4, y - 4).lineTo(x + 4, y + 4);
    pen.moveTo(x + 4, y - 4).lineTo(x - 4, y + 4);
    pen.stroke({ width: 2.4, color: tokens.fail });
  }
}

const angleOf = (part: number): number => (part - 0.25) * TURN;

function arc(pen: Pen, radius: number, from: number, to: number): void {
  const [start, end] = [angleOf(from), angleOf(to)];
  pen.moveTo(Math.cos(start) * radius, Math.sin(start) * radius);
  pen.arc(0, 0, radius, start, end);
}
