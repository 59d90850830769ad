/** What the main thread and a worker of a sweep tell each other. */
import type { RunSpec, SweepRow } from '../sim/index.ts';

/** Given once, when the worker is made. */
export interface SweepTask {
  /** Of every run but for the seed. */
  readonly spec: RunSpec;
  /** The scenario file to load, or null: the catalogue or the document of the specification. */
  readonly file: { readonly path: string; readonly target: string } | null;
}

export type ToWorker = { readonly say: 'run'; readonly seeds: readonly number[] };

export type FromWorker =
  | { readonly say: 'ready' }
  | { readonly say: 'row'; readonly row: SweepRow }
  /** The last batch is done. */
  | { readonly say: 'idle' }
  /** The run of this seed threw; the others go on. */
  | { readonly say: 'broken'; readonly seed: number; readonly error: WorkerError }
  /** The scenario cannot be loaded. */
  | { readonly say: 'error'; readonly error: WorkerError };

/** An error as data: classes do not survive the way between threads. */
export interface WorkerError {
  readonly kind: 'scenario' | 'invariant' | 'other';
  readonly message: string;
  readonly path: string;
  readonly hint: string;
  readonly stack: string;
}
