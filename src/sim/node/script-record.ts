/**
 * A script as it runs: its name, its arguments and the results it received. After a restore a fresh
 * generator is fed the results that the old one had received, with effects muted.
 */
import { InvariantError } from '../kernel/errors.ts';
import type { Script, ScriptRequest, ScriptRun } from './script.ts';

export class ScriptRecord {
  readonly script: Script;
  readonly args: unknown;
  readonly tag: number;
  /** Every value that it was handed so far, in order. */
  readonly received: unknown[];
  #generator: ScriptRun<unknown> | null = null;

  constructor(script: Script, args: unknown, tag: number, received: unknown[] = []) {
    this.script = script;
    this.args = args;
    this.tag = tag;
    this.received = received;
  }

  /** Starts it and returns its first request, or its value. */
  begin(): IteratorResult<ScriptRequest, unknown> {
    this.#generator = this.script.run(this.args as never);
    return this.#generator.next();
  }

  /** Hands it a value and returns its next request, or its value. */
  resume(value: unknown): IteratorResult<ScriptRequest, unknown> {
    const generator = this.#generator ?? this.#rebuild();
    this.received.push(value);
    return generator.next(value);
  }

  /** A record for a checkpoint: without the generator, which is made again on the next resume. */
  copy(): ScriptRecord {
    return new ScriptRecord(this.script, this.args, this.tag, this.received.slice());
  }

  #rebuild(): ScriptRun<unknown> {
    const generator = this.script.run(this.args as never);
    let step = generator.next();
    for (const value of this.received) {
      if (step.done === true) {
        throw new InvariantError(`script ${this.script.name} ended early when it was rebuilt`);
      }
      step = generator.next(value);
    }
    this.#generator = generator;
    return generator;
  }
}
