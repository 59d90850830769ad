/**
 * How the newest of something ended, as a row of marks: each ending has a shape of its own. A disc
 * is good, a cross bad, a ring neither. Of caches besides: half a disc is stale, a stroke waits,
 * and what points down was thrown out.
 */
import type { Tokens } from '../../theme/tokens.ts';
import type { Outcome } from '../painter.ts';
import type { Pen } from './pen.ts';

const STEP = 7.5;

export type MarkKind = Outcome | 'stale' | 'wait' | 'evicted';

export const colourOf = (tokens: Tokens, outcome: Outcome): string =>
  outcome === 'ok' ? tokens.pass : outcome === 'fail' ? tokens.fail : tokens.unknown;

/** Centred on (x, y), the last on the right: a disc ok, a cross failed, a ring unknown. */
export function drawMarks(
  pen: Pen,
  tokens: Tokens,
  kinds: readonly MarkKind[],
  at: { readonly x: number; readonly y: number },
): void {
  kinds.forEach((kind, i) => {
    const x = at.x + (i - (kinds.length - 1) / 2) * STEP;
    drawMark(pen, tokens, kind, { x, y: at.y });
  });
}

function drawMark(
  pen: Pen,
  tokens: Tokens,
  kind: MarkKind,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  switch (kind) {
    case 'ok':
      pen.circle(x, y, 2.8).fill({ color: tokens.pass });
      return;
    case 'unknown':
      pen.circle(x, y, 2.4).stroke({ width: 1.4, color: tokens.unknown });
      return;
    case 'fail':
      pen.moveTo(x - 2.6, y - 2.6).lineTo(x + 2.6, y + 2.6);
      pen.moveTo(x + 2.6, y - 2.6).lineTo(x - 2.6, y + 2.6);
      pen.stroke({ width: 1.8, color: tokens.fail });
      return;
    case 'stale':
      pen.circle(x, y, 2.4).stroke({ width: 1.2, color: tokens.pass });
      pen
        .moveTo(x - 2.4, y)
        .arc(x, y, 2.4, -Math.PI, 0)
        .fill({ color: tokens.pass });
      return;
    case 'wait':
      pen
        .moveTo(x - 2.6, y)
        .lineTo(x + 2.6, y)
        .stroke({ width: 1.8, color: tokens.muted });
      return;
    case 'evicted':
      pen.poly([x - 3, y - 2.4, x + 3, y - 2.4, x, y + 3]).fill({ color: tokens.fault });
  }
}
