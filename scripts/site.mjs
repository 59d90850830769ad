/**
 * The built site for tests: dist/site, built when it is missing or older than what it is made of.
 * "Older" is decided by a hash of the inputs' text, not by times, which a fresh clone scrambles.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tool } from './stages.mjs';

const INPUTS = ['src/sim', 'src/viz', 'scenarios', 'public', 'vite.config.ts', 'package-lock.json'];

export const siteFolder = join(root, 'dist/site');

function inputsHash() {
  const hash = createHash('sha256');
  for (const input of INPUTS) {
    for (const file of filesIn(input)) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** @returns {string[]} */
function filesIn(/** @type {string} */ input) {
  const path = join(root, input);
  if (!existsSync(path)) return [];
  if (/\.[a-z]+$/.test(input)) return [input];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}

/** Builds when needed and returns the folder. */
export function freshSite() {
  const stamp = join(root, 'dist/.site-inputs');
  const wanted = inputsHash();
  if (existsSync(siteFolder) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
    return siteFolder;
  // Beside the old one, then put in its place: a failed build leaves the old site alone, and two
  // builds at once do not empty each other's folder.
  const fresh = `${siteFolder}-${process.pid}`;
  const args = [tool('vite/bin/vite.js'), 'build', '--logLevel', 'warn', '--outDir', fresh];
  const built = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`The site does not build (npm run build):\n${built.stdout}${built.stderr}`);
  }
  rmSync(siteFolder, { recursive: true, force: true });
  renameSync(fresh, siteFolder);
  writeFileSync(stamp, wanted);
  return siteFolder;
}

// As a command: `npm run build`.
if (process.argv[1] === join(root, 'scripts/site.mjs')) {
  try {
    freshSite();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
  console.log('dist/site is up to date. It works under any sub-path: copy it anywhere.');
}
