/**
 * Files that the user asked for: a wrong place is the user's mistake, said before the run; a full
 * disk is told in one sentence, and a reader that goes away (`--trace /dev/stdout | head`) in none.
 */
import { closeSync, openSync, statSync, writeFileSync } from 'node:fs';
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
  const file = new OutputFile(name, host);
  file.write(text);
  file.close();
}

/** A file that is written piece by piece. */
export class OutputFile {
  private readonly name: string;
  private readonly file: number;
  /** False once nobody reads any more. */
  private wanted = true;

  constructor(name: string, host: Host) {
    this.name = name;
    const path = outputPath(name, host);
    this.file = orRefused(name, () => openSync(path, 'w'));
  }

  write(text: string): void {
    if (!this.wanted) return;
    try {
      writeFileSync(this.file, text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw refusedWrite(this.name, error);
      this.wanted = false;
    }
  }

  close(): void {
    orRefused(this.name, () => closeSync(this.file));
  }
}

function orRefused<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw refusedWrite(name, error);
  }
}

const WHY = new Map([
  ['ENOSPC', 'no space is left'],
  ['EACCES', 'it may not be written'],
  ['EROFS', 'its disk is read-only'],
]);

/** `name` is a file as the user wrote it, or "standard output". */
export function refusedWrite(name: string, error: unknown): ScenarioError {
  const code = (error as NodeJS.ErrnoException).code ?? 'an unknown error';
  const why = WHY.get(code);
  const reason = why === undefined ? `(${code})` : `(${code}: ${why})`;
  return new ScenarioError(`${name} cannot be written ${reason}.`);
}
