/** What a replica is to its partition: a crown, as many as its leader has, or not as many. */
import type { Tokens } from '../../theme/tokens.ts';
import { drawCrown } from './crown.ts';
import type { Pen } from './pen.ts';

export type ReplicaPart = 'leader' | 'in-sync' | 'out-of-sync';

/** Around (x, y); a small one is 10 units wide. */
export function drawReplicaMark(
  pen: Pen,
  tokens: Tokens,
  part: ReplicaPart,
  { x, y, size = 1 }: { readonly x: number; readonly y: number; readonly size?: number },
): void {
  if (part === 'leader') {
    return drawCrown(pen, tokens, { x, y: y + 4 * size, size: 0.55 * size });
  }
  const isIn = part === 'in-sync';
  const ink = { width: 1.8 * size, color: isIn ? tokens.pass : tokens.fail } as const;
  pen.roundRect(x - 6 * size, y - 6 * size, 12 * size, 12 * size, 2).fill({ color: tokens.stage });
  for (const side of [-1, 1]) {
    const at = y + side * 2.2 * size;
    pen.moveTo(x - 4.5 * size, at).lineTo(x + 4.5 * size, at);
  }
  pen.stroke(ink);
  if (isIn) return;
  pen.moveTo(x - 3 * size, y + 5.5 * size).lineTo(x + 3 * size, y - 5.5 * size);
  pen.stroke(ink);
}
