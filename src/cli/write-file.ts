/** Files that the user asked for: a wrong place is the user's mistake, said before the run. */
import { statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ScenarioError } from '../sim/index.ts';
import type { Host } from './host.ts';

/** The absolute path; throws when nothing can be written there. */
export function outputPath(name: string, host: Host): string {
  const path = resolve(host.cwd, name);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ScenarioError(`${name} is a folder, so no file can be written there.`);
  }
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ScenarioError(`The folder of ${name} does not exist.`);
  }
  return path;
}

export function writeText(name: string, text: string, host: Host): void {
  try {
    writeFileSync(outputPath(name, host), text);
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    throw new ScenarioError(
      `${name} cannot be written (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}
