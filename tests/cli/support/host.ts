/** A command line without a process: words in; texts and the exit code out. */
import type { ExitCode } from '../../../src/cli/exit.ts';
import type { Host, Output } from '../../../src/cli/host.ts';
import { runCli } from '../../../src/cli/program.ts';

export interface Said {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface FakeHost extends Host {
  readonly out: () => string;
  readonly err: () => string;
  /** As Ctrl-C. */
  readonly interrupt: () => void;
}

export interface FakeOptions {
  readonly cwd?: string;
  readonly env?: Host['env'];
  readonly terminal?: boolean;
  readonly onWrite?: (text: string) => void;
}

export function fakeHost(words: readonly string[], options: FakeOptions = {}): FakeHost {
  const texts = { out: '', err: '' };
  const stops = new Set<() => void>();
  let millis = 0;
  const output = (name: 'out' | 'err'): Output => ({
    write(text) {
      texts[name] += text;
      options.onWrite?.(text);
    },
    isTerminal: options.terminal === true,
    columns: 100,
  });
  return {
    words,
    cwd: options.cwd ?? process.cwd(),
    env: options.env ?? {},
    stdout: output('out'),
    stderr: output('err'),
    // Every look at the clock is a tenth of a second later.
    nowMillis: () => (millis += 100),
    processors: 2,
    invocation: 'faultline',
    onInterrupt(stop) {
      stops.add(stop);
      return () => stops.delete(stop);
    },
    out: () => texts.out,
    err: () => texts.err,
    interrupt: () => stops.forEach((stop) => stop()),
  };
}

/** Runs one command line in this process. */
export async function cli(words: readonly string[], options: FakeOptions = {}): Promise<Said> {
  const host = fakeHost(words, options);
  const code = await runCli(host);
  return { code, out: host.out(), err: host.err() };
}

/** What an error must be: one line on standard error, nothing on standard output, no stack. */
export function oneSentence(said: Said): string {
  const lines = said.err.trimEnd().split('\n');
  if (said.out !== '' || lines.length !== 1 || /\n\s+at /.test(said.err)) {
    throw new Error(`not one sentence: ${JSON.stringify(said)}`);
  }
  return lines[0]!;
}
