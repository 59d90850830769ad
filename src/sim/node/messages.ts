/** Packets on their way, and what happens when one arrives. */
import type { Message, MessageEntry } from '../contracts/contract.ts';
import type { TcpAlive, TcpKeepalive } from '../contracts/tcp.ts';
import { FIRST_TRY } from '../contracts/tries.ts';
import type { TryMark } from '../contracts/tries.ts';
import { InvariantError } from '../kernel/errors.ts';
import type { SimMicros } from '../kernel/time.ts';
import { FATE_DELIVERED } from '../network/network.ts';
import type { CallError, CallRef, CallResult, NodeIndex } from './behaviour.ts';
import { NO_CALL } from './behaviour.ts';
import { ANY_EPOCH, EVENT, ROLE } from './events.ts';
import type { HostCore } from './host-core.ts';
import type { SimNode } from './node.ts';

const MET_MAX = 16;

/** What messages need of calls. */
export interface EndsCalls {
  finish(node: SimNode, call: CallRef, result: CallResult): void;
}

export class Messages {
  readonly #core: HostCore;
  /** The first types that were met: to look through a few is faster than a map. */
  readonly #met: MessageEntry[] = [];
  /** Set by the host: replies end calls, and calls send messages. */
  calls!: EndsCalls;

  constructor(core: HostCore) {
    this.#core = core;
  }

  /**
   * Puts a packet on its way. `call` names the call it belongs to, or is NO_CALL; `deadline` is
   * when the caller of a request gives up, or -1. The mark is for whoever watches: no packet
   * carries it.
   */
  transmit(
    from: SimNode,
    to: NodeIndex,
    message: Message,
    role: number,
    call: CallRef,
    deadline: number,
    mark: TryMark = FIRST_TRY,
  ): void {
    const { network } = this.#core;
    const now = this.#core.now;
    // An error is the host's own, in the name of a node: no contract has it.
    const keepsOrder = role !== ROLE.error && this.#entryOf(message.type).keepsOrder;
    network.route(from.identity.index, to, now, keepsOrder);
    const { fate, dueMicros, copyDueMicros } = network;
    this.#core.taps.sent?.(from.identity.index, to, message, now, dueMicros, fate, mark);
    if (role === ROLE.reply || role === ROLE.error) this.#core.taps.calls?.answered(call, message);
    if (fate !== FATE_DELIVERED) return;
    this.#schedulePacket(from.identity.index, to, message, role, call, deadline, dueMicros);
    if (copyDueMicros >= 0) this.#copy(from, to, message, role, call, deadline, mark);
  }

  /** The caller has given up waiting: it closes the connection, and opens another one. */
  gaveUp(from: SimNode, to: NodeIndex, request: Message): void {
    if (!this.#entryOf(request.type).keepsOrder) return;
    this.#core.network.reconnect(from.identity.index, to);
  }

  /** A second copy of the packet. Apart: it is rare, and the code of every packet stays short. */
  #copy(
    from: SimNode,
    to: NodeIndex,
    message: Message,
    role: number,
    call: CallRef,
    deadline: number,
    mark: TryMark,
  ): void {
    const { now } = this.#core;
    const { copyDueMicros: due } = this.#core.network;
    const { index } = from.identity;
    this.#core.taps.sent?.(index, to, message, now, due, FATE_DELIVERED, mark);
    this.#schedulePacket(index, to, message, role, call, deadline, due);
  }

  #schedulePacket(
    from: NodeIndex,
    to: NodeIndex,
    message: Message,
    role: number,
    call: CallRef,
    deadline: number,
    due: number,
  ): void {
    const { payloads } = this.#core;
    const slot = payloads.take();
    this.#core.taps.causes?.scheduled(slot);
    payloads.source[slot] = from;
    // A packet outlives a crash of its target: whatever life it finds there, it reaches.
    payloads.epoch[slot] = ANY_EPOCH;
    payloads.role[slot] = role;
    payloads.a[slot] = call;
    payloads.b[slot] = deadline;
    payloads.ref[slot] = message;
    this.#core.kernel.queue.schedule(due as SimMicros, EVENT.deliver, to, slot);
  }

  deliver(node: SimNode, slot: number): boolean {
    const { payloads } = this.#core;
    const message = payloads.ref[slot] as Message;
    const from = payloads.source[slot] as number;
    const role = payloads.role[slot] as number;
    const call = payloads.a[slot] as CallRef;
    const deadline = payloads.b[slot] as number;
    payloads.give(slot);
    if (role === ROLE.error) {
      const error = message as unknown as CallError;
      this.#core.count(EVENT.deliver, node, from, this.#core.word(error.code), 0);
      this.calls.finish(node, call, this.#failure(error));
      return true;
    }
    const entry = this.#entryOf(message.type);
    this.#core.count(EVENT.deliver, node, from, entry.word, entry.spec.digest(message));
    if (role === ROLE.reply) {
      this.calls.finish(node, call, { outcome: 'ok', value: message });
      return true;
    }
    const handler = node.handlers[entry.place];
    if (handler === undefined) {
      if (role === ROLE.request) this.#unhandled(node, message, call);
      return true;
    }
    if (role === ROLE.request) this.#core.taps.calls?.received(call);
    node.deadlineMicros = deadline;
    handler(node.state, node.context, message, from, role === ROLE.request ? call : NO_CALL);
    node.deadlineMicros = -1;
    return true;
  }

  /** What no process handles; whether one lives its machine knows. */
  #unhandled(node: SimNode, message: Message, call: CallRef): void {
    if (message.type !== 'tcp.keepalive') return node.context.refuse(call, 'not-supported');
    const { life } = message as TcpKeepalive;
    if (life === node.restarts) node.context.reply<TcpAlive>(call, { type: 'tcp.alive' });
    else node.context.refuse(call, 'connection-reset');
  }

  #entryOf(type: string): MessageEntry {
    const met = this.#met;
    for (let at = 0; at < met.length; at++) {
      const entry = met[at] as MessageEntry;
      if (entry.type === type) return entry;
    }
    const entry = this.#core.table.get(type);
    if (entry === undefined) {
      throw new InvariantError(`no contract of this run has a message ${type}`);
    }
    if (met.length < MET_MAX) met.push(entry);
    return entry;
  }

  #failure(error: CallError): CallResult {
    return { outcome: this.#core.table.isDefinite(error.code) ? 'fail' : 'unknown', error };
  }
}
