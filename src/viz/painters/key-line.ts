/** A key below its node, and what it holds, value by value. */
import type { Brush } from './painter.ts';

export interface ValueBox {
  readonly text: string;
  /** It is not the only one, or not for good: its edge and its letters stand out. */
  readonly standsOut: boolean;
}

const LINE = 18;
const LETTERS_MAX = 14;
/** A letter of small print is about as wide as this. */
const LETTER = 5.8;
const PADDING = 11;

const cut = (text: string): string =>
  text.length > LETTERS_MAX ? `${text.slice(0, LETTERS_MAX - 1)}…` : text;

/** The `place`th line from `top` on; `note` follows the boxes. */
export function drawKeyLine(
  brush: Brush,
  { top, place }: { readonly top: number; readonly place: number },
  { key, values, note }: { key: string; values: readonly ValueBox[]; note?: string },
): void {
  const { tokens } = brush;
  const y = top + place * LINE;
  const boxes = [{ text: `${key}:`, box: null }, ...values.map(boxed)];
  if (note !== undefined) boxes.push({ text: note, box: null });
  const texts = boxes.map(({ text }) => cut(text));
  const widths = texts.map((text) => text.length * LETTER + PADDING);
  let x = -widths.reduce((sum, width) => sum + width, 0) / 2;
  boxes.forEach(({ box }, i) => {
    const edge = box?.standsOut === true ? tokens.warning : tokens.nodeEdge;
    brush.label(texts[i]!, x + widths[i]! / 2, y, {
      size: 11,
      colour: box === null ? tokens.muted : tokens.text,
      bold: box?.standsOut === true,
      plate: box === null ? { fill: tokens.stage } : { fill: tokens.raised, edge },
    });
    x += widths[i]!;
  });
}

const boxed = (box: ValueBox): { text: string; box: ValueBox | null } => ({ text: box.text, box });
