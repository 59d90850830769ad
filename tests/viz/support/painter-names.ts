/** The components that have a painter, read from the registry's text: Pixi itself needs a page. */
import { readFileSync } from 'node:fs';

export function painterNames(): string[] {
  const file = new URL('../../../src/viz/painters/registry.ts', import.meta.url);
  const text = readFileSync(file, 'utf8');
  const table = /const painters = \{([\s\S]*?)\} satisfies/.exec(text)?.[1] ?? '';
  return [...table.matchAll(/'([^']+)':/g)].map((match) => match[1]!);
}
