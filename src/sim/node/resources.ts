/** A node's disk and cores at work: what was asked of them, and when it is done. */
import { InvariantError, invariant } from '../kernel/errors.ts';
import type { Handle } from '../kernel/handle.ts';
import { LONGEST_MICROS } from '../kernel/time.ts';
import type { SimMicros } from '../kernel/time.ts';
import type { CoreEvents } from './cpu.ts';
import { EVENT } from './events.ts';
import type { HostCore } from './host-core.ts';
import type { SimNode } from './node.ts';

export class Resources {
  readonly #core: HostCore;

  constructor(core: HostCore) {
    this.#core = core;
  }

  sync(node: SimNode, ticket: number): void {
    if (node.disk === null) throw new InvariantError(`${node.behaviour.component} has no disk`);
    this.#scheduleSync(node, node.disk.requestSync(ticket));
  }

  #scheduleSync(node: SimNode, takesMicros: number): void {
    if (takesMicros < 0) return;
    const slot = this.#core.slot(node, node.identity.index);
    const at = (this.#core.now + Math.min(takesMicros, LONGEST_MICROS)) as SimMicros;
    this.#core.kernel.queue.schedule(at, EVENT.synced, node.identity.index, slot);
  }

  synced(node: SimNode, slot: number): boolean {
    this.#core.payloads.give(slot);
    invariant(node.disk !== null, 'an fsync ended on a node without a disk');
    const tickets = node.disk.completeSync();
    this.#core.count(EVENT.synced, node, node.identity.index, 0, tickets[tickets.length - 1] ?? 0);
    for (let i = 0; i < tickets.length && node.exit === null; i++) {
      node.behaviour.onSynced?.(node.state, node.context, tickets[i] as number);
    }
    this.#scheduleSync(node, node.disk.beginNext());
    return true;
  }

  /** A new node's cores may schedule events from here on. */
  bind(node: SimNode): void {
    node.cpu.bind(new NodeCoreEvents(this.#core, node));
  }

  worked(node: SimNode, slot: number): boolean {
    if (!node.cpu.end(slot)) return false;
    const tag = node.cpu.endedTag;
    this.#core.count(EVENT.worked, node, node.identity.index, 0, tag | 0);
    node.behaviour.onWorked?.(node.state, node.context, tag);
    return true;
  }
}

/** The events of one node's cores. */
class NodeCoreEvents implements CoreEvents {
  readonly #core: HostCore;
  readonly #node: SimNode;

  constructor(core: HostCore, node: SimNode) {
    this.#core = core;
    this.#node = node;
  }

  get now(): number {
    return this.#core.now;
  }

  begin(atMicros: number, tag: number, account: number): void {
    const { payloads } = this.#core;
    const slot = this.slot();
    payloads.a[slot] = tag;
    payloads.b[slot] = account;
    this.schedule(atMicros, slot);
  }

  tagOf(slot: number): number {
    return this.#core.payloads.a[slot] as number;
  }

  accountOf(slot: number): number {
    return this.#core.payloads.b[slot] as number;
  }

  finish(slot: number): void {
    this.#core.payloads.give(slot);
  }

  slot(): number {
    return this.#core.slot(this.#node, this.#node.identity.index);
  }

  schedule(atMicros: number, slot: number): Handle {
    const { index } = this.#node.identity;
    return this.#core.kernel.queue.schedule(this.#reachable(atMicros), EVENT.worked, index, slot);
  }

  rearm(handle: Handle, atMicros: number): Handle {
    return this.#core.kernel.queue.rearm(handle, this.#reachable(atMicros));
  }

  /** Work that a slow processor stretches beyond the longest delay ends as if never. */
  #reachable(atMicros: number): SimMicros {
    return Math.min(atMicros, this.#core.now + LONGEST_MICROS) as SimMicros;
  }

  cancel(handle: Handle, slot: number): void {
    // Where it waits for a node that stands still, its slot is given back with the mailbox.
    if (this.#core.kernel.queue.cancel(handle)) this.#core.payloads.give(slot);
  }
}
