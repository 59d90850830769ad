/** A worker of a sweep: runs the seeds that it is handed and sends a row for each. */
import { parentPort, workerData } from 'node:worker_threads';
import { catalogue } from '../../scenarios/index.ts';
import { InvariantError, ScenarioError, Session, sweepRow } from '../sim/index.ts';
import type { AnyScenario } from '../sim/index.ts';
import { loadTypeScript } from './load-typescript.ts';
import type { FromWorker, SweepTask, ToWorker, WorkerError } from './sweep-message.ts';

const port = parentPort!;
const task = workerData as SweepTask;
const tell = (message: FromWorker) => port.postMessage(message);

async function scenariosOf(): Promise<readonly AnyScenario[]> {
  if (task.file === null) return catalogue;
  return [await loadTypeScript(task.file.path, task.file.target), ...catalogue];
}

function runSeed(seed: number, scenarios: readonly AnyScenario[]): void {
  const session = new Session({ ...task.spec, seed }, { scenarios });
  tell({ say: 'row', row: sweepRow(session.run()) });
}

function asData(error: unknown): WorkerError {
  const known = error instanceof ScenarioError;
  return {
    kind: known ? 'scenario' : error instanceof InvariantError ? 'invariant' : 'other',
    message: error instanceof Error ? error.message : String(error),
    path: known ? error.path : '',
    hint: known ? error.hint : '',
    stack: error instanceof Error ? (error.stack ?? '') : '',
  };
}

try {
  const scenarios = await scenariosOf();
  port.on('message', (message: ToWorker) => {
    for (const seed of message.seeds) {
      try {
        runSeed(seed, scenarios);
      } catch (error) {
        tell({ say: 'broken', seed, error: asData(error) });
      }
    }
    tell({ say: 'idle' });
  });
  tell({ say: 'ready' });
} catch (error) {
  tell({ say: 'error', error: asData(error) });
}
