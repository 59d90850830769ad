/** Two letters on a node's lower rim: what it is, or which role it plays. */
import type { Brush } from './painter.ts';

/** On a small screen letters grow: on the rim it keeps clear of the text above it. */
export function drawBadge(
  brush: Brush,
  badge: string,
  strong: boolean,
  y: number = brush.radius - 2,
): void {
  const { tokens } = brush;
  brush.label(badge, 0, y, {
    size: 11,
    colour: strong ? tokens.stage : tokens.text,
    bold: true,
    plate: { fill: strong ? tokens.leader : tokens.raised, edge: tokens.nodeEdge },
  });
}
