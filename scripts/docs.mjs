/**
 * `npm run docs`: writes the generated parts of the documentation. `--check` only compares and
 * exits with 1 when a part is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tsImport } from 'tsx/esm/api';
import { floorPicture } from './floors.mjs';
import { replaceBlock } from './markdown-block.mjs';

/** @type {typeof import('./cli-reference.ts')} */
const { cliReference } = await tsImport('./cli-reference.ts', import.meta.url);
/** @type {typeof import('./docs/reference.ts')} */
const { referencePages } = await tsImport('./docs/reference.ts', import.meta.url);

/** @type {typeof import('./docs/where-to-add.ts')} */
const { whereToAdd } = await tsImport('./docs/where-to-add.ts', import.meta.url);

const root = new URL('../', import.meta.url);

/** @type {readonly { file: string, block: string, content: () => string }[]} */
const parts = [
  { file: 'README.md', block: 'where-to-add', content: whereToAdd },
  { file: 'docs/ARCHITECTURE.md', block: 'floors', content: floorPicture },
  { file: 'docs/reference/cli.md', block: 'commands', content: cliReference },
  ...referencePages,
];

const onlyCheck = process.argv.includes('--check');
let stale = 0;
for (const part of parts) {
  const file = new URL(part.file, root);
  const before = readFileSync(file, 'utf8');
  const after = replaceBlock(before, part.block, part.content());
  if (after === before) continue;
  stale += 1;
  if (onlyCheck) console.error(`${part.file}: the part "${part.block}" is stale: npm run docs`);
  else {
    writeFileSync(file, after);
    console.log(`${part.file}: wrote the part "${part.block}"`);
  }
}
if (onlyCheck && stale > 0) process.exit(1);
