/**
 * Runs scripts for a node: resumes a generator with each result, and rebuilds one after a restore
 * by feeding a fresh generator the results that the old one had received, with effects muted.
 */
import { InvariantError, invariant } from '../kernel/errors.ts';
import type { SimMicros } from '../kernel/time.ts';
import type { Calls } from './calls.ts';
import { EVENT } from './events.ts';
import type { HostCore } from './host-core.ts';
import type { SimNode } from './node.ts';
import type { Script, ScriptRequest, ScriptRun } from './script.ts';

/** Results of scripts' calls come back under this tag; behaviours' tags are not negative. */
const SCRIPT_TAG = -1;

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

export class Scripts {
  readonly #core: HostCore;
  /** Set by the host: scripts make calls, and calls resume scripts. */
  calls!: Calls;

  constructor(core: HostCore) {
    this.#core = core;
  }

  run(node: SimNode, name: string, args: unknown, tag: number): void {
    const script = node.behaviour.scripts?.find((s) => s.name === name);
    invariant(script !== undefined, `${node.behaviour.component} has no script ${name}`);
    const record = new ScriptRecord(script, args, tag);
    const id = this.#core.unique();
    node.scripts.set(id, record);
    this.#advance(node, id, record, record.begin());
  }

  resume(node: SimNode, id: number, value: unknown): void {
    const record = node.scripts.get(id);
    invariant(record !== undefined, 'a result came for a script that is gone');
    this.#advance(node, id, record, record.resume(value));
  }

  #advance(
    node: SimNode,
    id: number,
    record: ScriptRecord,
    first: IteratorResult<ScriptRequest, unknown>,
  ): void {
    let step = first;
    while (step.done !== true) {
      const request = step.value;
      if (request.do === 'call') {
        const { to, timeout } = request;
        this.calls.open(node, to, request.request, timeout, SCRIPT_TAG, id);
        return;
      }
      if (request.do === 'sleep') {
        const slot = this.#core.slot(node, node.identity.index);
        this.#core.payloads.a[slot] = id;
        const at = (this.#core.now + node.clock.trueDelay(request.duration)) as SimMicros;
        this.#core.kernel.queue.schedule(at, EVENT.script, node.identity.index, slot);
        return;
      }
      step = record.resume(node.context.stream(request.purpose).below(request.below));
    }
    node.scripts.delete(id);
    node.behaviour.onScript?.(node.state, node.context, record.tag, step.value);
  }

  wake(node: SimNode, slot: number): boolean {
    const id = this.#core.payloads.a[slot] as number;
    this.#core.payloads.give(slot);
    this.#core.count(EVENT.script, node, node.identity.index, 0, id | 0);
    this.resume(node, id, undefined);
    return true;
  }
}
