/**
 * The name of a node, in the room that its outline leaves at that height, and a line below it. From
 * afar, where that cannot be read, it is its first letters and its number.
 */
import { widthAt } from './outline.ts';
import type { Outline } from './outline.ts';
import type { Brush } from './painter.ts';

/** Letters are so high above and below the middle of their line. */
const HALF_LINE = 5;
/** Between the letters and the edge, on both sides together. */
const EDGE = 5;

/** What the outline leaves for a line in its height `y`; a wider one is outlined. */
function lineIn({ radius, tokens }: Brush, outline: Outline, y: number) {
  const over = widthAt(outline, radius, y - HALF_LINE);
  const under = widthAt(outline, radius, y + HALF_LINE);
  return { room: Math.min(over, under) - EDGE, colour: tokens.text, halo: tokens.node };
}

export function drawName(
  brush: Brush,
  name: string,
  { y, size, outline }: { readonly y: number; readonly size: number; readonly outline: Outline },
): void {
  brush.label(name, 0, y, { ...lineIn(brush, outline, y), size, bold: true, isName: true });
}

/** Where the name and the line below it stand. Afar letters have grown and need more room. */
const NEAR = { name: -13, line: 3, downName: -4, down: 13 } as const;
const AFAR = { name: -18, line: 4, downName: -11, down: 12 } as const;
const TITLE_SIZE = 17;

/** The name of a server and a short line below it, above the badge on its lower rim. */
export function drawTitle(brush: Brush, name: string, line: string, outline: Outline): void {
  const at = brush.near ? NEAR : AFAR;
  drawName(brush, name, { size: TITLE_SIZE, outline, y: line === '' ? 0 : at.name });
  if (line === '') return;
  brush.label(line, 0, at.line, { ...lineIn(brush, outline, at.line), size: 11 });
}

/** A server that says nothing of itself: it is down, or about to begin. */
export function drawSilent(
  brush: Brush,
  name: string,
  isDown: boolean,
  outline: Outline,
  size: number = TITLE_SIZE,
): void {
  const at = brush.near ? NEAR : AFAR;
  drawName(brush, name, { size, outline, y: at.downName });
  if (!isDown) return;
  brush.label('down', 0, at.down, { size: 11, colour: brush.tokens.fail, bold: true });
}
