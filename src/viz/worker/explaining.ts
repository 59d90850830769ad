/**
 * Finds the messages behind a finding: goes over the run once more, aside and in slices, as the
 * command `run` does for what it prints under a finding.
 *
 * Invariant: only the newest question is answered.
 */
import type { ProofRun, RunSpec } from '../../sim/index.ts';
import type { Engine } from './engine-port.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

type Question = Extract<ToWorker, { readonly type: 'explain' }>;

export class Explaining {
  readonly during = 'explain';
  readonly #engine: Engine;
  readonly #post: (message: FromWorker) => void;
  #under: { readonly question: Question; readonly run: Pick<ProofRun, 'slice' | 'result'> } | null =
    null;

  constructor(engine: Engine, post: (message: FromWorker) => void) {
    this.#engine = engine;
    this.#post = post;
  }

  /** The run has become another one, or nobody wants to know any more. */
  forget(): void {
    this.#under = null;
  }

  ask(question: Question, spec: RunSpec): void {
    this.#under = { question, run: this.#engine.explain(spec, question.finding) };
  }

  get hasWork(): boolean {
    return this.#under !== null;
  }

  slice(): void {
    if (this.#under === null || this.#under.run.slice()) return;
    const { question, run } = this.#under;
    this.#under = null;
    const { generation, finding } = question;
    this.#post({ type: 'explanation', generation, finding, proof: run.result() });
  }
}
