/**
 * The C++ reference: built with the machine's own compiler into the git-ignored cache folder, once
 * for each version of its source, and run as a process of its own.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./cpp/reference.cpp', import.meta.url));
const CACHE = fileURLToPath(new URL('../.cache/bench/', import.meta.url));
const FLAGS = ['-O3', '-std=c++17'];

export interface ReferenceRun {
  /** Of the order of all events, those of the warm-up too. */
  readonly hash: number;
  readonly nanosPerEvent: number;
}

export interface Reference {
  /** The compiler's own first line. */
  readonly compiler: string;
  run(workload: string, size: number, events: number): ReferenceRun;
}

/** Null where there is no C++ compiler. A compiler that cannot build the source is an error. */
export function buildReference(): Reference | null {
  const compiler = findCompiler();
  if (compiler === null) return null;
  const source = readFileSync(SOURCE);
  const key = createHash('sha256').update(source).update(compiler.version).update(FLAGS.join());
  const binary = `${CACHE}reference-${key.digest('hex').slice(0, 16)}`;
  if (!existsSync(binary)) {
    mkdirSync(CACHE, { recursive: true });
    // Under another name first: two runs at once, or one that is interrupted, leave no half a file.
    const draft = `${binary}.${process.pid}`;
    execFileSync(compiler.command, [...FLAGS, '-o', draft, SOURCE], { stdio: 'pipe' });
    renameSync(draft, binary);
  }
  return { compiler: compiler.version, run: (...args) => runBinary(binary, ...args) };
}

function findCompiler(): { command: string; version: string } | null {
  const named = process.env['CXX'];
  const commands = named === undefined || named === '' ? ['g++', 'clang++', 'c++'] : [named];
  for (const command of commands) {
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (status === 0) return { command, version: stdout.split('\n')[0]! };
  }
  return null;
}

function runBinary(binary: string, workload: string, size: number, events: number): ReferenceRun {
  const out = execFileSync(binary, [workload, String(size), String(events)], { encoding: 'utf8' });
  const [hash, nanosPerEvent] = out.split(' ').map(Number);
  if (hash === undefined || nanosPerEvent === undefined || Number.isNaN(nanosPerEvent)) {
    throw new Error(`the C++ reference printed ${JSON.stringify(out)}`);
  }
  return { hash, nanosPerEvent };
}
