/**
 * The life of nodes: start, crash, pause, resume, retire, and who is a member of which group.
 *
 * Invariant: a crash takes the state, the calls, the timers, the scripts and the un-fsynced writes;
 * what the network still carries to the node reaches whatever life it finds there. A process that
 * ends itself, or is killed, ends between two handlers, never within one, and leaves its machine.
 *
 * Source of an orderly end: Kubernetes, Pod Lifecycle, Termination of Pods.
 */
import type { NodeFact } from '../contracts/facts.ts';
import { hashText } from '../kernel/trace-hash.ts';
import type { NodeIndex, TerminateStage } from './behaviour.ts';
import { EVENT } from './events.ts';
import type { HostCore } from './host-core.ts';
import type { SimNode } from './node.ts';
import type { Sockets } from './sockets.ts';

/** Where the delay before the signal uses the grace period up, there is a little more of it. */
const PRE_STOP_EXTENSION_MICROS = 2_000_000;
const STAGES: readonly TerminateStage[] = ['pre-stop', 'sigterm'];

export class Life {
  readonly #core: HostCore;
  readonly #sockets: Sockets;
  /** Told when a process has ended itself or was killed. */
  onEnd: ((node: NodeIndex) => void) | null = null;

  constructor(core: HostCore, sockets: Sockets) {
    this.#core = core;
    this.#sockets = sockets;
  }

  /** Schedules the node's start at the present moment. */
  boot(node: SimNode): void {
    const slot = this.#core.slot(node, node.identity.index);
    this.#core.kernel.queue.schedule(this.#core.now, EVENT.start, node.identity.index, slot);
  }

  start(node: SimNode, slot: number): boolean {
    this.#core.payloads.give(slot);
    if (node.status !== 'down') return false;
    node.status = 'up';
    node.restarts += 1;
    this.#core.count(EVENT.start, node, node.identity.index, 0, node.restarts);
    for (const [, group] of node.identity.links) {
      node.members.set(group, this.#core.groups.get(group) ?? []);
    }
    const { incarnation } = node.identity;
    node.context.tell({
      type: 'node.started',
      incarnation,
      restarts: node.restarts,
    } satisfies NodeFact);
    node.state = node.behaviour.start(node.context);
    return true;
  }

  /** Volatile state, calls, timers and un-fsynced writes are gone. */
  crash(node: SimNode): void {
    if (node.status === 'retired') return;
    if (node.status === 'down') {
      // A start that is due at this same moment is called off.
      node.epoch += 1;
      return;
    }
    this.#clear(node);
    node.disk?.crash(this.#core.now);
    node.status = 'down';
    node.context.tell({ type: 'node.crashed' });
    if (!node.isMachineDown) this.#sockets.closeAll(node);
    this.#core.taps.touched?.(node.identity.index);
  }

  /**
   * The process ends itself: asked for in a handler, done once that has returned. What does not run
   * within the event loop (an operator's action) is followed by an event of its own.
   */
  requestExit(node: SimNode, restartMicros: number | null): void {
    if (node.exit !== null) return;
    node.exit = { restartMicros };
    this.#core.later(node, EVENT.exit, this.#core.slot(node, node.identity.index), 0);
  }

  /** The event that follows an exit: nothing is left to do unless no handler has run since. */
  exitDue(node: SimNode, slot: number): boolean {
    this.#core.payloads.give(slot);
    this.#core.count(EVENT.exit, node, node.identity.index, 0, 0);
    return true;
  }

  /** Ends the process that asked for it. A crash in the meantime calls its restart off. */
  exit(node: SimNode): void {
    if (node.exit === null) return;
    const restartMicros = node.isHeldDown ? null : node.exit.restartMicros;
    this.#clear(node);
    node.disk?.crash(this.#core.now);
    node.status = 'down';
    node.context.tell({ type: 'node.exited', restartMicros } satisfies NodeFact);
    this.#sockets.closeAll(node);
    this.onEnd?.(node.identity.index);
    if (restartMicros === null) return;
    const slot = this.#core.slot(node, node.identity.index);
    this.#core.later(node, EVENT.start, slot, restartMicros);
  }

  /**
   * The process is to end: it is asked after `preStopMicros`, and killed when the grace period,
   * which began already, is over. Like a crash it calls off a start that is due.
   */
  terminate(node: SimNode, preStopMicros: number, graceMicros: number): void {
    if (node.status === 'retired') return;
    if (node.status === 'down') {
      node.epoch += 1;
      return;
    }
    const [preStopMs, graceMs] = [preStopMicros / 1_000, graceMicros / 1_000];
    node.context.tell({ type: 'node.terminating', preStopMs, graceMs } satisfies NodeFact);
    if (preStopMicros > 0) this.#signal(node, 'pre-stop', 0);
    this.#signal(node, 'sigterm', Math.min(preStopMicros, graceMicros));
    const isUsedUp = preStopMicros > 0 && preStopMicros >= graceMicros;
    const killMicros = graceMicros + (isUsedUp ? PRE_STOP_EXTENSION_MICROS : 0);
    this.#core.later(node, EVENT.kill, this.#core.slot(node, node.identity.index), killMicros);
    this.#core.taps.touched?.(node.identity.index);
  }

  #signal(node: SimNode, stage: TerminateStage, delayMicros: number): void {
    const slot = this.#core.slot(node, node.identity.index);
    this.#core.payloads.a[slot] = STAGES.indexOf(stage);
    this.#core.later(node, EVENT.terminate, slot, delayMicros);
  }

  terminateDue(node: SimNode, slot: number): boolean {
    const at = this.#core.payloads.a[slot] as number;
    this.#core.payloads.give(slot);
    this.#core.count(EVENT.terminate, node, node.identity.index, 0, at);
    const stage = STAGES[at] as TerminateStage;
    const { behaviour } = node;
    if (behaviour.onTerminate !== undefined) {
      behaviour.onTerminate(node.state, node.context, stage);
    } else if (stage === 'sigterm') {
      // The default action of the signal.
      node.exit = { restartMicros: 0 };
    }
    return true;
  }

  /** The grace period is over. */
  kill(node: SimNode, slot: number): boolean {
    this.#core.payloads.give(slot);
    this.#core.count(EVENT.kill, node, node.identity.index, 0, 0);
    node.context.tell({ type: 'node.killed' } satisfies NodeFact);
    node.exit = { restartMicros: 0 };
    return true;
  }

  pause(node: SimNode): void {
    if (node.status !== 'up') return;
    node.status = 'paused';
    node.context.tell({ type: 'node.paused' });
    this.#core.taps.touched?.(node.identity.index);
  }

  /** What waited is handled now, in the order in which it came. */
  resume(node: SimNode): void {
    if (node.status !== 'paused') return;
    node.status = 'up';
    node.context.tell({ type: 'node.resumed' });
    const waiting = node.mailbox;
    node.mailbox = [];
    for (let i = 0; i < waiting.length; i += 2) {
      const kind = waiting[i] as number;
      const slot = waiting[i + 1] as number;
      this.#core.kernel.queue.schedule(this.#core.now, kind, node.identity.index, slot);
    }
    this.#core.taps.touched?.(node.identity.index);
  }

  /** The node leaves for good; its place is never given again. */
  retire(node: SimNode): void {
    if (node.status === 'retired') return;
    this.#clear(node);
    node.status = 'retired';
    node.context.tell({ type: 'node.retired' });
    this.#core.taps.touched?.(node.identity.index);
  }

  /** The members of a group changed: whoever links to it is told, each by an event of its own. */
  setMembers(group: string, members: readonly NodeIndex[]): void {
    this.#core.groups.set(group, members);
    for (const node of this.#core.nodes) {
      if (node.status === 'down' || node.status === 'retired') continue;
      if (![...node.identity.links.values()].includes(group)) continue;
      const slot = this.#core.slot(node, node.identity.index);
      this.#core.payloads.ref[slot] = { group, members };
      this.#core.kernel.queue.schedule(this.#core.now, EVENT.members, node.identity.index, slot);
    }
  }

  tellMembers(node: SimNode, slot: number): boolean {
    const change = this.#core.payloads.ref[slot] as {
      group: string;
      members: readonly NodeIndex[];
    };
    this.#core.payloads.give(slot);
    node.members.set(change.group, change.members);
    this.#core.count(EVENT.members, node, node.identity.index, hashText(change.group), 0);
    node.behaviour.onMembers?.(node.state, node.context, change.group);
    return true;
  }

  #clear(node: SimNode): void {
    const { queue } = this.#core.kernel;
    for (const timer of node.timers.values()) {
      if (queue.cancel(timer.handle)) this.#core.payloads.give(timer.slot);
    }
    for (const [, call] of node.calls) {
      if (queue.cancel(call.handle)) this.#core.payloads.give(call.slot);
    }
    for (let i = 1; i < node.mailbox.length; i += 2)
      this.#core.payloads.give(node.mailbox[i] as number);
    node.timers.clear();
    node.calls.clear();
    node.scripts.clear();
    node.mailbox = [];
    node.cpu.crash();
    node.epoch += 1;
    node.state = null;
    node.exit = null;
  }
}
