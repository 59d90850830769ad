/**
 * The host of all nodes: pops events, runs handlers, and carries out what behaviours ask for.
 *
 * Invariants: one handler runs at a time and to its end; an event for an earlier life of a node is
 * dropped unseen; what reaches a paused node waits in order and is handled when it resumes.
 */
import type { MessageTable } from '../contracts/contract.ts';
import { InvariantError, invariant } from '../kernel/errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Network } from '../network/network.ts';
import type { NodeIndex } from './behaviour.ts';
import { Calls } from './calls.ts';
import { NodeContext } from './context.ts';
import { ANY_EPOCH, EVENT } from './events.ts';
import { HostCore } from './host-core.ts';
import { Life } from './life.ts';
import { Messages } from './messages.ts';
import type { NodeImage, SimNode } from './node.ts';
import type { PayloadImage } from './payloads.ts';
import { Resources } from './resources.ts';
import { Scripts } from './script-host.ts';
import { Sockets } from './sockets.ts';
import { Timers } from './timers.ts';

export interface HostImage {
  readonly payloads: PayloadImage;
  /** The nodes themselves, too: one that was spawned later than here is there again. */
  readonly nodes: readonly { readonly node: SimNode; readonly image: NodeImage }[];
  readonly groups: readonly (readonly [string, readonly NodeIndex[]])[];
  readonly nextCall: number;
  readonly nextUnique: number;
  readonly lateReplies: number;
}

export class Host extends HostCore {
  readonly messages = new Messages(this);
  readonly scripts = new Scripts(this);
  readonly calls = new Calls(this, this.messages, this.scripts);
  readonly timers = new Timers(this);
  readonly resources = new Resources(this);
  readonly sockets = new Sockets(this, this.messages);
  readonly life = new Life(this, this.sockets);

  constructor(kernel: Kernel, network: Network, table: MessageTable, ablations: readonly string[]) {
    super(kernel, network, table, ablations);
    this.messages.calls = this.calls;
    this.scripts.calls = this.calls;
  }

  /** Adds a node, down; `life.boot` starts it. */
  add(node: SimNode): void {
    invariant(node.identity.index === this.nodes.length, 'nodes get their places in order');
    this.nodes.push(node);
    node.handlers = this.table.types.map((type) => node.behaviour.on[type]);
    node.context = new NodeContext(this, node);
    this.resources.bind(node);
  }

  /** Runs the event that the queue just popped. False: nothing handled it, so it is no event. */
  dispatch(): boolean {
    const { queue } = this.kernel;
    const kind = queue.kind;
    const slot = queue.payload;
    const node = this.node(queue.target);
    const epoch = this.payloads.epoch[slot];
    if ((epoch !== ANY_EPOCH && epoch !== node.epoch) || node.status === 'retired') {
      this.payloads.give(slot);
      return false;
    }
    // A process that stands still can be killed: nothing of it needs to run for that.
    if (node.status === 'paused' && kind !== EVENT.kill) {
      // That it waits is an event of its own: whoever resumes the node later finds it there.
      node.mailbox.push(kind, slot);
      this.count(EVENT.held, node, this.payloads.source[slot] as number, kind, 0);
      this.taps.touched?.(node.identity.index);
      return true;
    }
    if (node.status === 'down' && kind !== EVENT.start) {
      if (kind === EVENT.deliver && this.sockets.refuse(node, slot)) return true;
      this.payloads.give(slot);
      return false;
    }
    const handled = this.#handle(node, kind, slot);
    if (node.exit !== null) this.life.exit(node);
    if (handled) this.taps.touched?.(node.identity.index);
    return handled;
  }

  #handle(node: SimNode, kind: number, slot: number): boolean {
    switch (kind) {
      case EVENT.deliver:
        return this.messages.deliver(node, slot);
      case EVENT.timer:
        return this.timers.fire(node, slot);
      case EVENT.callTimeout:
        return this.calls.timeOut(node, slot);
      case EVENT.synced:
        return this.resources.synced(node, slot);
      case EVENT.worked:
        return this.resources.worked(node, slot);
      case EVENT.script:
        return this.scripts.wake(node, slot);
      case EVENT.members:
        return this.life.tellMembers(node, slot);
      case EVENT.start:
        return this.life.start(node, slot);
      case EVENT.exit:
        return this.life.exitDue(node, slot);
      case EVENT.terminate:
        return this.life.terminateDue(node, slot);
      case EVENT.kill:
        return this.life.kill(node, slot);
      default:
        throw new InvariantError(`event of unknown kind ${kind}`);
    }
  }

  save(): HostImage {
    return {
      payloads: this.payloads.save(),
      nodes: this.nodes.map((node) => ({ node, image: node.save() })),
      groups: [...this.groups],
      nextCall: this.calls.nextCall,
      nextUnique: this.uniqueCount,
      lateReplies: this.calls.lateReplies,
    };
  }

  /** Nodes spawned after the image was taken are forgotten: the re-run spawns them again. */
  restore(image: HostImage): void {
    this.payloads.restore(image.payloads);
    this.nodes.length = 0;
    for (const saved of image.nodes) {
      saved.node.restore(saved.image);
      this.nodes.push(saved.node);
    }
    this.groups.clear();
    for (const [group, members] of image.groups) this.groups.set(group, members);
    this.calls.nextCall = image.nextCall;
    this.uniqueCount = image.nextUnique;
    this.calls.lateReplies = image.lateReplies;
  }
}
