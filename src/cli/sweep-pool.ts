/**
 * The worker threads of a sweep. Each asks for a few seeds, runs them and asks again, so that slow
 * seeds hold nobody up; who ran which seed leaves no trace in the result.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { InvariantError, ScenarioError } from '../sim/index.ts';
import type { SweepRow } from '../sim/index.ts';
import { packageRoot } from './site.ts';
import type { FromWorker, SweepTask, ToWorker, WorkerError } from './sweep-message.ts';

export interface PoolOptions {
  readonly task: SweepTask;
  readonly seeds: readonly number[];
  readonly jobs: number;
  /** The first worker has loaded the scenario: from now on runs are made. */
  readonly onReady: () => void;
  readonly onRow: (row: SweepRow) => void;
  /** The run of a seed threw. */
  readonly onBroken: (seed: number, error: Error) => void;
  /** Becomes true when the user wants to stop: what runs now is dropped. */
  readonly stopped: Promise<void>;
}

/** Resolves when every seed is done, or at once when the user stops it. */
export async function runPool(options: PoolOptions): Promise<void> {
  const queue = new SeedQueue(options.seeds, options.jobs);
  const workers: Worker[] = [];
  const lanes = Array.from({ length: Math.min(options.jobs, options.seeds.length) }, () => {
    const worker = startWorker(options.task);
    workers.push(worker);
    return serve(worker, queue, options);
  });
  try {
    await Promise.race([Promise.all(lanes), options.stopped]);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Hands out seeds in order, in batches that shrink towards the end. */
class SeedQueue {
  private readonly seeds: readonly number[];
  private readonly jobs: number;
  private at = 0;

  constructor(seeds: readonly number[], jobs: number) {
    this.seeds = seeds;
    this.jobs = jobs;
  }

  take(): readonly number[] {
    const left = this.seeds.length - this.at;
    const size = Math.min(left, Math.max(1, Math.min(16, Math.floor(left / (this.jobs * 4)))));
    this.at += size;
    return this.seeds.slice(this.at - size, this.at);
  }
}

function serve(worker: Worker, queue: SeedQueue, told: PoolOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = () => {
      const seeds = queue.take();
      if (seeds.length === 0) return resolve();
      const message: ToWorker = { say: 'run', seeds };
      worker.postMessage(message);
    };
    worker.on('message', (message: FromWorker) => {
      if (message.say === 'ready') told.onReady();
      if (message.say === 'row') told.onRow(message.row);
      else if (message.say === 'broken') told.onBroken(message.seed, errorOf(message.error));
      else if (message.say === 'error') reject(errorOf(message.error));
      else next();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code !== 0) reject(new Error(`a worker of the sweep ended with exit code ${code}`));
    });
  });
}

function errorOf(error: WorkerError): Error {
  if (error.kind === 'scenario') {
    return new ScenarioError(error.message, { path: error.path, hint: error.hint });
  }
  const thrown =
    error.kind === 'invariant' ? new InvariantError(error.message) : new Error(error.message);
  thrown.stack = error.stack;
  return thrown;
}

/**
 * Built, the address of the script ends in .js and runs as it is. From sources, a few words of
 * JavaScript turn the TypeScript loader on first: a worker does not inherit it on every Node. The
 * loader is told our own settings, by which `faultline` in the catalogue means these sources,
 * wherever the user stands.
 */
function startWorker(task: SweepTask): Worker {
  const script = new URL('./sweep-worker.ts', import.meta.url);
  if (!script.pathname.endsWith('.ts')) return new Worker(script, { workerData: task });
  const loader = import.meta.resolve('tsx/esm/api');
  const settings = { tsconfig: join(packageRoot(), 'tsconfig.json') };
  const boot =
    `import(${JSON.stringify(loader)}).then(({ register }) => { ` +
    `register(${JSON.stringify(settings)}); return import(${JSON.stringify(script.href)}); });`;
  return new Worker(boot, { eval: true, workerData: task, execArgv: [] });
}
