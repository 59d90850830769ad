/** A bucket of permissions: its level is what may still be taken. */
import type { Tokens } from '../../theme/tokens.ts';
import type { LegendLine } from '../painter.ts';
import { drawMarks } from './marks.ts';
import type { Pen } from './pen.ts';

export interface Bucket {
  /** The middle of its rim. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** 0 to 1; null where nobody here knows. */
  readonly share: number | null;
}

/** Its floor is so much narrower than its rim. */
const FLOOR = 0.68;

export function drawBucket(pen: Pen, tokens: Tokens, bucket: Bucket): void {
  const { x, y, width, height } = bucket;
  const share = Math.min(1, Math.max(0, bucket.share ?? 0));
  const floor = y + height;
  const half = (at: number): number => (width / 2) * (FLOOR + (1 - FLOOR) * at);
  if (share > 0) {
    const top = floor - share * height;
    const points = [x - half(share), top, x + half(share), top, x + half(0), floor];
    pen.poly([...points, x - half(0), floor]).fill({ color: tokens.accent, alpha: 0.55 });
    pen.moveTo(x - half(share), top).lineTo(x + half(share), top);
    pen.stroke({ width: 2, color: tokens.accent });
  }
  pen
    .moveTo(x - half(1), y)
    .lineTo(x - half(0), floor)
    .lineTo(x + half(0), floor);
  pen.lineTo(x + half(1), y).stroke({ width: 2, color: tokens.nodeEdge });
  if (bucket.share === null) drawQuestion(pen, tokens, { x, y: floor - 12 });
  if (share > 0 || bucket.share === null) return;
  // Empty is a cross on its floor, not only the want of a colour.
  pen.moveTo(x - 4, floor - 10).lineTo(x + 4, floor - 3);
  pen.moveTo(x + 4, floor - 10).lineTo(x - 4, floor - 3);
  pen.stroke({ width: 1.8, color: tokens.fail });
}

function drawQuestion(
  pen: Pen,
  tokens: Tokens,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  pen
    .moveTo(x - 3, y)
    .arc(x, y, 3, Math.PI, 2.3 * Math.PI)
    .lineTo(x, y + 5.5);
  pen.stroke({ width: 1.8, color: tokens.text });
  pen.circle(x, y + 9, 1.2).fill({ color: tokens.text });
}

const bucketLine = (share: number, text: string): LegendLine => ({
  mark: {
    shape: 'glyph',
    draw: (pen, tokens) => drawBucket(pen, tokens, { x: 0, y: -10, width: 22, height: 20, share }),
  },
  text,
});

export const BUCKET_LEGEND: readonly LegendLine[] = [
  bucketLine(
    0.6,
    'Bucket: what may still pass. Each request that is let in drains it; time fills it.',
  ),
  bucketLine(0, 'Bucket with a cross: empty, nothing passes.'),
  {
    mark: {
      shape: 'glyph',
      draw: (pen, tokens) => drawMarks(pen, tokens, ['ok', 'fail'], { x: 0, y: 0 }),
    },
    text: 'Below a limiter, its newest decisions: let in a disc, refused a cross.',
  },
];
