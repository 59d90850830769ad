/** The name of a node, in the room that its outline leaves for it at that height. */
import { widthAt } from './outline.ts';
import type { Outline } from './outline.ts';
import type { Brush } from './painter.ts';

/** Letters are so high above and below the middle of their line. */
const HALF_LINE = 5;
/** Between the letters and the edge, on both sides together. */
const EDGE = 5;

export function drawName(
  brush: Brush,
  name: string,
  { y, size, outline }: { readonly y: number; readonly size: number; readonly outline: Outline },
): void {
  const { radius, tokens } = brush;
  const over = widthAt(outline, radius, y - HALF_LINE);
  const under = widthAt(outline, radius, y + HALF_LINE);
  const room = Math.min(over, under) - EDGE;
  const colours = { colour: tokens.text, halo: tokens.node };
  brush.label(name, 0, y, { ...colours, size, bold: true, room });
}
