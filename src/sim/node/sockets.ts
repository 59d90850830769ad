/**
 * What a machine does for the connections of a process that has ended on it: it refuses what comes,
 * resets what others wait for, and tells those who keep connections that they are closed.
 *
 * Invariants: a machine that is gone says nothing at all; what the process has answered is never
 * reset, nor what has not reached it yet, which is refused when it does.
 *
 * Source: RFC 9293, 3.10.7.1 (a segment for a connection that does not exist is answered by a
 * reset), 3.5.2.
 * Differs: a request is refused also where it comes over a connection that was open, which a real
 * machine resets: here it is known that it had no effect.
 */
import type { Message } from '../contracts/contract.ts';
import type { NodeFact } from '../contracts/facts.ts';
import type { TcpClosed } from '../contracts/tcp.ts';
import type { CallRef } from './call.ts';
import { NO_CALL } from './call.ts';
import { ANY_EPOCH, EVENT, ROLE } from './events.ts';
import type { HostCore } from './host-core.ts';
import type { Messages } from './messages.ts';
import type { SimNode } from './node.ts';

const errorOf = (code: string): Message => Object.freeze({ type: 'error', code });
const REFUSED = errorOf('connection-refused');
const RESET = errorOf('connection-reset');

export class Sockets {
  readonly #core: HostCore;
  readonly #messages: Messages;

  constructor(core: HostCore, messages: Messages) {
    this.#core = core;
    this.#messages = messages;
  }

  /** A packet reached a node without a process. False: nobody answers it. */
  refuse(node: SimNode, slot: number): boolean {
    const { payloads } = this.#core;
    if (node.isMachineDown || payloads.role[slot] !== ROLE.request) return false;
    const message = payloads.ref[slot] as Message;
    const entry = this.#core.table.get(message.type);
    if (entry === undefined || !entry.isOverConnections) return false;
    const from = payloads.source[slot] as number;
    const call = payloads.a[slot] as CallRef;
    payloads.give(slot);
    this.#core.count(EVENT.refused, node, from, entry.word, entry.spec.digest(message));
    this.#messages.transmit(node, from, REFUSED, ROLE.error, call, -1);
    return true;
  }

  /** The process of this node has ended, and its machine has not. */
  closeAll(node: SimNode): void {
    const calls = this.#resetCallers(node);
    if (calls > 0) node.context.tell({ type: 'node.reset', calls } satisfies NodeFact);
    this.#tellPeers(node);
  }

  /** Whoever waits for an answer of the process is told that none comes. */
  #resetCallers(node: SimNode): number {
    const { payloads, nodes, table } = this.#core;
    const { index } = node.identity;
    const onTheWay = this.#callsOnTheWay();
    let count = 0;
    for (const caller of nodes) {
      for (const [, { slot }] of caller.calls) {
        if (payloads.b[slot] !== index) continue;
        const call = payloads.a[slot] as CallRef;
        const { type } = payloads.ref[slot] as Message;
        if (onTheWay.has(call) || table.get(type)?.isOverConnections !== true) continue;
        this.#messages.transmit(node, caller.identity.index, RESET, ROLE.error, call, -1);
        count += 1;
      }
    }
    return count;
  }

  /** Calls whose request, or whose answer, is in the network. Looked for once in a process. */
  #callsOnTheWay(): Set<number> {
    const { epoch, role, a, ref } = this.#core.payloads;
    const calls = new Set<number>();
    for (let slot = 0; slot < ref.length; slot++) {
      // Of all events only packets are tied to no life of their target.
      const isPacket = ref[slot] !== null && epoch[slot] === ANY_EPOCH;
      if (isPacket && role[slot] !== ROLE.notice) calls.add(a[slot] as number);
    }
    return calls;
  }

  /** Those whom it links to, where they keep connections. */
  #tellPeers(node: SimNode): void {
    const { links, index } = node.identity;
    const message: TcpClosed = { type: 'tcp.closed', life: node.restarts };
    const told = new Set<number>([index]);
    for (const [role, group] of links) {
      if (role === 'peers') continue;
      for (const other of this.#core.groups.get(group) ?? []) {
        const keeps = this.#core.node(other).behaviour.on[message.type] !== undefined;
        if (!keeps || told.has(other)) continue;
        told.add(other);
        this.#messages.transmit(node, other, message, ROLE.notice, NO_CALL, -1);
      }
    }
  }
}
