/**
 * `npm run build:lib`: what `npm pack` ships besides the site. The compiler, without checking types
 * once more (`npm test` has), writes one JavaScript
 * file and one declaration for each source file into dist/lib and rewrites `.ts` in import paths;
 * nothing is bundled, so a stack trace of a user names our files. `faultline` in a catalogue
 * scenario resolves to this very package, by its own exports.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tool } from './stages.mjs';

const out = join(root, 'dist/lib');
rmSync(out, { recursive: true, force: true });
const args = [tool('typescript/bin/tsc'), '-p', 'tsconfig.lib.json'];
const result = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
if (result.status !== 0) process.exit(result.status ?? 1);

// The compiler rewrites import paths in JavaScript, but neither in declarations nor in the
// addresses of worker scripts.
const inDeclaration = /((?:from |import\()['"]\.{1,2}\/[^'"]*)\.tsx?(['"])/g;
const inAddress = /(new URL\(['"]\.{1,2}\/[^'"]*)\.ts(['"], import\.meta\.url\))/g;
for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = join(entry.parentPath, entry.name);
  const text = readFileSync(file, 'utf8');
  const pattern = entry.name.endsWith('.d.ts') ? inDeclaration : inAddress;
  const rewritten = text.replace(pattern, '$1.js$2');
  if (rewritten !== text) writeFileSync(file, rewritten);
}

const binary = join(out, 'src/cli/main.js');
if (existsSync(binary)) {
  const text = readFileSync(binary, 'utf8');
  if (!text.startsWith('#!')) writeFileSync(binary, `#!/usr/bin/env node\n${text}`);
  chmodSync(binary, 0o755);
}
