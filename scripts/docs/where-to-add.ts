/** The README's "where to add" table is that of docs/ADDING.md, with its links made to fit. */
import { readFileSync } from 'node:fs';

const source = new URL('../../docs/ADDING.md', import.meta.url);

export function whereToAdd(): string {
  const rows = readFileSync(source, 'utf8').split('\n');
  const first = rows.findIndex((row) => row.startsWith('| to add '));
  const length = rows.slice(first).findIndex((row) => !row.startsWith('|'));
  return rows
    .slice(first, first + length)
    .map((row) =>
      row.replaceAll('](#', '](docs/ADDING.md#').replaceAll('](reference', '](docs/reference'),
    )
    .join('\n');
}
