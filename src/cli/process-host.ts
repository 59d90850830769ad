/** The real process as a Host. */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { sentence } from './errors.ts';
import { EXIT } from './exit.ts';
import type { Host, Output } from './host.ts';
import { refusedWrite } from './write-file.ts';

export function processHost(entry: string): Host {
  return {
    words: process.argv.slice(2),
    cwd: workingFolder(),
    env: process.env,
    stdout: outputOf(process.stdout, 'Standard output'),
    stderr: outputOf(process.stderr, 'Standard error'),
    nowMillis: () => performance.now(),
    processors: availableParallelism(),
    invocation: entry.endsWith('.ts') ? 'npm run -s sim --' : 'faultline',
    onInterrupt,
  };
}

/** npm runs scripts in the root of the package, and says in INIT_CWD where the user stands. */
function workingFolder(): string {
  const { npm_lifecycle_event: script, INIT_CWD: started } = process.env;
  return script === 'sim' && started !== undefined ? started : process.cwd();
}

/**
 * A reader that goes away (`faultline list | head -1`) is no failure: what it does not want is
 * dropped, and the exit code stays what the run deserves. A full disk is one: nobody will see the
 * rest, so nothing goes on.
 */
function outputOf(stream: NodeJS.WriteStream, name: string): Output {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    open = false;
    if (error.code === 'EPIPE') return;
    // Standard error says it itself only where it is not what fails.
    if (stream !== process.stderr) {
      process.stderr.write(`error: ${sentence(refusedWrite(name, error))}\n`);
    }
    process.exit(EXIT.wrong);
  });
  return {
    write(text) {
      if (open) stream.write(text);
    },
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.isTTY === true ? stream.columns : 100;
    },
  };
}

function onInterrupt(stop: () => void): () => void {
  let asked = false;
  const heard = () => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    stop();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return () => {
    process.off('SIGINT', heard);
    process.off('SIGTERM', heard);
  };
}
