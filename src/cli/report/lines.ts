/** Lines with a label at the left: the layout that every text report shares. */
import { wrap } from '../format.ts';
import type { Paint } from '../paint.ts';

const LABEL_WIDTH = 11;
export const TEXT_WIDTH = 100;

/** `  label    value`, further lines of the value below the first. */
export function labelled(label: string, value: string | readonly string[], paint: Paint): string {
  const values = typeof value === 'string' ? [value] : value;
  return values
    .map((line, index) => {
      const head = (index === 0 ? label : '').padEnd(LABEL_WIDTH);
      return `  ${paint.dim(head)}${line}`.trimEnd();
    })
    .join('\n');
}

/** A text that may be long, broken at the width of the report and indented. */
export function paragraph(text: string, indent: number): string {
  const margin = ' '.repeat(indent);
  return wrap(text, TEXT_WIDTH - indent)
    .map((line) => margin + line)
    .join('\n');
}

/** No wider than so many letters. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 3)}...`;

/** Cells in columns; the last column is as long as it likes. Widths are of the plain texts. */
export function columns(rows: readonly (readonly Cell[])[], gap = 2): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.text.length)));
  }
  return rows.map((row) =>
    row
      .map((cell, at) => {
        const shown = cell.shown ?? cell.text;
        const fill = ' '.repeat(widths[at]! - cell.text.length);
        const before = cell.side === 'right' ? fill + shown : shown;
        if (at === row.length - 1) return before;
        return before + (cell.side === 'right' ? '' : fill) + ' '.repeat(gap);
      })
      .join('')
      .trimEnd(),
  );
}

export interface Cell {
  readonly text: string;
  /** The text with colour. */
  readonly shown?: string;
  /** Where it stands in its column; left if it is not said. */
  readonly side?: 'right';
}
