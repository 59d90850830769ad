/** A node's disk and cores at work: what was asked of them, and when it is done. */
import { InvariantError, invariant } from '../kernel/errors.ts';
import type { SimMicros } from '../kernel/time.ts';
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
    const at = (this.#core.now + takesMicros) as SimMicros;
    this.#core.kernel.queue.schedule(at, EVENT.synced, node.identity.index, slot);
  }

  synced(node: SimNode, slot: number): boolean {
    this.#core.payloads.give(slot);
    invariant(node.disk !== null, 'an fsync ended on a node without a disk');
    const tickets = node.disk.completeSync();
    this.#core.count(EVENT.synced, node, node.identity.index, 0, tickets[tickets.length - 1] ?? 0);
    for (let i = 0; i < tickets.length; i++) {
      node.behaviour.onSynced?.(node.state, node.context, tickets[i] as number);
    }
    this.#scheduleSync(node, node.disk.beginNext());
    return true;
  }

  work(node: SimNode, demandMicros: number, tag: number): void {
    const takes = node.cpu.request(demandMicros, tag);
    if (takes >= 0) this.#scheduleWork(node, takes, tag);
  }

  #scheduleWork(node: SimNode, takesMicros: number, tag: number): void {
    const slot = this.#core.slot(node, node.identity.index);
    this.#core.payloads.a[slot] = tag;
    const at = (this.#core.now + takesMicros) as SimMicros;
    this.#core.kernel.queue.schedule(at, EVENT.worked, node.identity.index, slot);
  }

  worked(node: SimNode, slot: number): boolean {
    const tag = this.#core.payloads.a[slot] as number;
    this.#core.payloads.give(slot);
    this.#core.count(EVENT.worked, node, node.identity.index, 0, tag | 0);
    if (node.cpu.release()) this.#scheduleWork(node, node.cpu.nextMicros, node.cpu.nextTag);
    node.behaviour.onWorked?.(node.state, node.context, tag);
    return true;
  }
}
