/** The real process as a Host. */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { EXIT } from './exit.ts';
import type { Host, Output } from './host.ts';

export function processHost(entry: string): Host {
  return {
    words: process.argv.slice(2),
    cwd: workingFolder(),
    env: process.env,
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
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
 * dropped, and the exit code stays what the run deserves.
 */
function outputOf(stream: NodeJS.WriteStream): Output {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    open = false;
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
