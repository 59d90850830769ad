/**
 * Calls that await their result. Invariant: a result comes exactly once, as long as the caller
 * lives and does not give the call up; whatever comes after it is counted as late.
 */
import type { Message } from '../contracts/contract.ts';
import { FIRST_TRY } from '../contracts/tries.ts';
import type { TryMark } from '../contracts/tries.ts';
import type { SimMicros } from '../kernel/time.ts';
import type { CallId, CallRef, CallResult, NodeIndex } from './behaviour.ts';
import { EVENT, ROLE } from './events.ts';
import type { HostCore } from './host-core.ts';
import type { Messages } from './messages.ts';
import type { SimNode } from './node.ts';
import type { Scripts } from './script-host.ts';

/** A call's number and its caller share one safe integer. */
const CALLERS_MAX = 65_536;
const numberOf = (call: CallRef): number => Math.floor(call / CALLERS_MAX);
const TIMED_OUT: CallResult = { outcome: 'unknown', error: { code: 'timeout' } };

export class Calls {
  readonly #core: HostCore;
  readonly #messages: Messages;
  readonly #scripts: Scripts;
  nextCall = 0;
  lateReplies = 0;

  constructor(core: HostCore, messages: Messages, scripts: Scripts) {
    this.#core = core;
    this.#messages = messages;
    this.#scripts = scripts;
  }

  /** Registers a call of a node and sends its request. */
  open(
    node: SimNode,
    to: NodeIndex,
    request: Message,
    timeout: number,
    tag: number,
    script: number,
    mark: TryMark = FIRST_TRY,
  ): CallId {
    const number = this.nextCall++;
    const ref = (number * CALLERS_MAX + node.identity.index) as CallRef;
    const slot = this.#core.slot(node, node.identity.index);
    const { payloads } = this.#core;
    payloads.a[slot] = ref;
    // Whom it waits for, and with what: should that process end, its machine looks here.
    payloads.b[slot] = to;
    payloads.ref[slot] = request;
    const due = (this.#core.now + timeout) as SimMicros;
    const handle = this.#core.kernel.queue.schedule(
      due,
      EVENT.callTimeout,
      node.identity.index,
      slot,
    );
    node.calls.add(number, { tag, script, handle, slot });
    if (this.#core.taps.calls !== null) {
      // The call of a script is made for what the script was begun for.
      const of = script < 0 ? tag : (node.scripts.get(script)?.tag ?? tag);
      const behalf = node.behaviour.onBehalf?.(node.state, of) ?? null;
      this.#core.taps.calls.opened(ref, node.identity.index, to, request, mark, behalf);
    }
    this.#messages.transmit(node, to, request, ROLE.request, ref, due, mark);
    return number as CallId;
  }

  /** Forgets a call of a node: its result never comes. False where none of that name is pending. */
  abandon(node: SimNode, id: CallId): boolean {
    const pending = node.calls.get(id);
    // The call of a script is the script's own: it waits for the result.
    if (pending === undefined || pending.script >= 0) return false;
    node.calls.take(id);
    this.#core.taps.calls?.ended(this.#core.payloads.a[pending.slot] as CallRef, null);
    if (this.#core.kernel.queue.cancel(pending.handle)) this.#core.payloads.give(pending.slot);
    return true;
  }

  /** The node that a call's answer goes to. */
  callerOf(call: CallRef): NodeIndex {
    // Not by a remainder: that of a double is dear.
    return call - numberOf(call) * CALLERS_MAX;
  }

  timeOut(node: SimNode, slot: number): boolean {
    const { payloads } = this.#core;
    const ref = payloads.a[slot] as CallRef;
    const to = payloads.b[slot] as NodeIndex;
    const request = payloads.ref[slot] as Message;
    payloads.give(slot);
    const pending = node.calls.take(numberOf(ref));
    if (pending === undefined) return false;
    this.#core.count(EVENT.callTimeout, node, node.identity.index, 0, 0);
    this.#messages.gaveUp(node, to, request);
    this.#core.taps.calls?.ended(ref, TIMED_OUT);
    this.#giveResult(node, pending.tag, pending.script, TIMED_OUT);
    return true;
  }

  /** A call ended; after its deadline, or after a crash of the caller, the answer is late. */
  finish(node: SimNode, ref: CallRef, result: CallResult): void {
    const pending = node.calls.take(numberOf(ref));
    if (pending === undefined) {
      this.lateReplies += 1;
      return;
    }
    if (this.#core.kernel.queue.cancel(pending.handle)) this.#core.payloads.give(pending.slot);
    this.#core.taps.calls?.ended(ref, result);
    this.#giveResult(node, pending.tag, pending.script, result);
  }

  #giveResult(node: SimNode, tag: number, script: number, result: CallResult): void {
    if (script >= 0) this.#scripts.resume(node, script, result);
    else node.behaviour.onResult?.(node.state, node.context, tag, result);
  }
}
