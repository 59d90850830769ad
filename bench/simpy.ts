/**
 * The SimPy model of the request path, where there is a Python with SimPy 3 (Debian:
 * python3-simpy3): the same stations, links and histogram, in a process of its own.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./simpy/request_path.py', import.meta.url));

export interface SimpyRun {
  readonly answered: number;
  readonly microsPerRequest: number;
  readonly meanMs: number;
  readonly hitRatio: number;
}

export interface Simpy {
  /** "SimPy 3.0.11, Python 3.11.2". */
  readonly version: string;
  /** With timeouts each call is waited for at most so long, as in our own model. */
  run(requests: number, seed: number, mode: 'timeouts' | 'plain'): SimpyRun;
}

const VERSION =
  'import platform, simpy; print(f"SimPy {simpy.__version__}, Python {platform.python_version()}")';

/** Null where no Python has it. PYTHON names another one. */
export function findSimpy(): Simpy | null {
  const named = process.env['PYTHON'];
  const commands = named === undefined || named === '' ? ['/usr/bin/python3', 'python3'] : [named];
  for (const command of commands) {
    const { status, stdout } = spawnSync(command, ['-c', VERSION], { encoding: 'utf8' });
    if (status !== 0 || !/^SimPy [3-9]/.test(stdout)) continue;
    return { version: stdout.trim(), run: (...args) => runModel(command, args) };
  }
  return null;
}

function runModel(command: string, args: readonly (string | number)[]): SimpyRun {
  const out = execFileSync(command, [SOURCE, ...args.map(String)], { encoding: 'utf8' });
  const [answered, microsPerRequest, meanMs, hitRatio] = out.split(' ').map(Number);
  if (answered === undefined || hitRatio === undefined || Number.isNaN(hitRatio)) {
    throw new Error(`the SimPy model printed ${JSON.stringify(out)}`);
  }
  return { answered, microsPerRequest: microsPerRequest!, meanMs: meanMs!, hitRatio };
}
