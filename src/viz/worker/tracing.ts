/**
 * Goes over a run once more, aside and in slices, with its calls written down, up to a moment that
 * the page asks about. It is kept, so that a later moment costs only what lies between.
 *
 * Invariant: only the newest question is answered, and of the moment that it names.
 */
import type { RunSpec } from '../../sim/index.ts';
import type { Engine, TracedRun } from './engine-port.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

const EVENTS_PER_SLICE = 20_000;

type Question = Extract<ToWorker, { readonly type: 'requests' }>;

export class Tracing {
  readonly during = 'requests';
  readonly #engine: Engine;
  readonly #post: (message: FromWorker) => void;
  #run: TracedRun | null = null;
  #question: Question | null = null;

  constructor(engine: Engine, post: (message: FromWorker) => void) {
    this.#engine = engine;
    this.#post = post;
  }

  /** The run has become another one. */
  forget(): void {
    this.#run = null;
    this.#question = null;
  }

  ask(question: Question, spec: RunSpec): void {
    const { event, micros } = question.position;
    const run = this.#run;
    const isPast = run !== null && (run.eventNumber > event || run.nowMicros > micros);
    if (run === null || isPast) this.#run = this.#engine.trace(spec);
    this.#question = question;
  }

  get hasWork(): boolean {
    return this.#question !== null;
  }

  slice(): void {
    const run = this.#run;
    const question = this.#question;
    if (run === null || question === null) return;
    const { generation, node, position } = question;
    const left = position.event - run.eventNumber;
    if (left > 0) run.advance({ events: Math.min(left, EVENTS_PER_SLICE) });
    if (run.eventNumber < position.event && run.ended === null) return;
    // Between two events: no event lies on the way, time passes and acts are done.
    if (run.nowMicros < position.micros) run.advance({ untilMicros: position.micros });
    this.#question = null;
    const requests = run.slowest(node);
    this.#post({ type: 'requests', generation, node, position, requests });
  }
}
