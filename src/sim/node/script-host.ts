/** Runs scripts for nodes: starts them, carries out what they ask for, hands them the results. */
import type { Message } from '../contracts/contract.ts';
import { tryMark } from '../contracts/tries.ts';
import type { TryMark } from '../contracts/tries.ts';
import { invariant } from '../kernel/errors.ts';
import type { SimMicros } from '../kernel/time.ts';
import type { NodeIndex } from './call.ts';
import { EVENT } from './events.ts';
import type { HostCore } from './host-core.ts';
import type { SimNode } from './node.ts';
import { ScriptRecord } from './script-record.ts';
import type { ScriptRequest } from './script.ts';

/** Results of scripts' calls come back under this tag; behaviours' tags are not negative. */
const SCRIPT_TAG = -1;

/** What scripts need of calls. */
export interface OpensCalls {
  open(
    node: SimNode,
    to: NodeIndex,
    request: Message,
    timeout: number,
    tag: number,
    script: number,
    mark: TryMark,
  ): unknown;
}

export class Scripts {
  readonly #core: HostCore;
  /** Set by the host: scripts make calls, and calls resume scripts. */
  calls!: OpensCalls;

  constructor(core: HostCore) {
    this.#core = core;
  }

  run(node: SimNode, name: string, args: unknown, tag: number): void {
    const script = node.behaviour.scripts?.find((s) => s.name === name);
    invariant(script !== undefined, `${node.behaviour.component} has no script ${name}`);
    const record = new ScriptRecord(script, args, tag);
    const id = this.#core.unique();
    node.scripts.add(id, record);
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
        const { to, tryNumber } = request;
        const timeout = node.clock.trueDelay(request.timeout);
        this.calls.open(
          node,
          to,
          request.request,
          timeout,
          SCRIPT_TAG,
          id,
          tryMark(tryNumber, false),
        );
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
    node.scripts.take(id);
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
