/**
 * The host of all nodes: pops events, runs handlers, and carries out what behaviours ask for.
 *
 * Invariants: one handler runs at a time and to its end; an event for an earlier life of a node is
 * dropped unseen; what reaches a paused node waits in order and is handled when it resumes.
 */
import type { Message, MessageTable } from '../contracts/contract.ts';
import type { NodeFact } from '../contracts/facts.ts';
import { InvariantError, invariant } from '../kernel/errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { hashText } from '../kernel/trace-hash.ts';
import type { SimMicros } from '../kernel/time.ts';
import { FATE_DELIVERED } from '../network/network.ts';
import type { Network } from '../network/network.ts';
import type { CallError, CallRef, CallResult, NodeIndex } from './behaviour.ts';
import { NO_CALL } from './behaviour.ts';
import { NodeContext } from './context.ts';
import type { NodeImage, SimNode } from './node.ts';
import { Payloads } from './payloads.ts';
import type { PayloadImage } from './payloads.ts';
import { noTaps } from './taps.ts';
import { ScriptRecord } from './script-host.ts';
import type { ScriptRequest } from './script.ts';

/** Kinds of events. Their numbers enter the trace hash: never renumber. */
export const EVENT = {
  deliver: 1,
  timer: 2,
  callTimeout: 3,
  synced: 4,
  worked: 5,
  script: 6,
  members: 7,
  start: 8,
  held: 9,
} as const;

/** What a delivered packet is. */
export const ROLE = { notice: 0, request: 1, reply: 2, error: 3 } as const;

/** Results of scripts' calls come back under this tag; behaviours' tags are not negative. */
const SCRIPT_TAG = -1;

export interface HostImage {
  readonly payloads: PayloadImage;
  readonly nodes: readonly NodeImage[];
  readonly groups: readonly (readonly [string, readonly NodeIndex[]])[];
  readonly nextCall: number;
  readonly nextUnique: number;
  readonly lateReplies: number;
}

export class Host {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly table: MessageTable;
  readonly payloads = new Payloads();
  readonly nodes: SimNode[] = [];
  readonly taps = noTaps();
  /** Living members by group, in order of ordinal. */
  readonly groups = new Map<string, readonly NodeIndex[]>();
  lateReplies = 0;
  #nextCall = 0;
  #nextUnique = 0;
  readonly #kindIds = new Map<string, number>();
  readonly #codeWords = new Map<string, number>();

  /** Rules that this run has switched off. */
  readonly ablations: readonly string[];

  constructor(kernel: Kernel, network: Network, table: MessageTable, ablations: readonly string[]) {
    this.ablations = ablations;
    this.kernel = kernel;
    this.network = network;
    this.table = table;
  }

  get now(): SimMicros {
    return this.kernel.now;
  }

  node(index: NodeIndex): SimNode {
    const node = this.nodes[index];
    if (node === undefined) throw new InvariantError(`there is no node ${index}`);
    return node;
  }

  // --- what happens next ---------------------------------------------------------------------

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
    if (node.status === 'paused') {
      // That it waits is an event of its own: whoever resumes the node later finds it there.
      node.mailbox.push(kind, slot);
      this.#count(EVENT.held, node, this.payloads.source[slot] as number, kind, 0);
      this.taps.touched?.(node.identity.index);
      return true;
    }
    if (node.status === 'down' && kind !== EVENT.start) {
      this.payloads.give(slot);
      return false;
    }
    const handled = this.#handle(node, kind, slot);
    if (handled) this.taps.touched?.(node.identity.index);
    return handled;
  }

  #handle(node: SimNode, kind: number, slot: number): boolean {
    switch (kind) {
      case EVENT.deliver:
        return this.#deliver(node, slot);
      case EVENT.timer:
        return this.#fireTimer(node, slot);
      case EVENT.callTimeout:
        return this.#timeOut(node, slot);
      case EVENT.synced:
        return this.#synced(node, slot);
      case EVENT.worked:
        return this.#worked(node, slot);
      case EVENT.script:
        return this.#wakeScript(node, slot);
      case EVENT.members:
        return this.#tellMembers(node, slot);
      case EVENT.start:
        return this.#start(node, slot);
      default:
        throw new InvariantError(`event of unknown kind ${kind}`);
    }
  }

  // --- messages ------------------------------------------------------------------------------

  /** Puts a packet on its way. `call` names the call it belongs to, or is NO_CALL. */
  transmit(from: SimNode, to: NodeIndex, message: Message, role: number, call: CallRef): void {
    const { network } = this;
    const now = this.now;
    network.route(from.identity.index, to, now);
    const { fate, dueMicros, copyDueMicros } = network;
    this.taps.sent?.(from.identity.index, to, message, now, dueMicros, fate);
    if (fate !== FATE_DELIVERED) return;
    this.#schedulePacket(from.identity.index, to, message, role, call, dueMicros);
    if (copyDueMicros < 0) return;
    this.taps.sent?.(from.identity.index, to, message, now, copyDueMicros, FATE_DELIVERED);
    this.#schedulePacket(from.identity.index, to, message, role, call, copyDueMicros);
  }

  #schedulePacket(
    from: NodeIndex,
    to: NodeIndex,
    message: Message,
    role: number,
    call: CallRef,
    due: number,
  ): void {
    const target = this.node(to);
    const slot = this.#slot(target, from);
    this.payloads.role[slot] = role;
    this.payloads.a[slot] = call;
    this.payloads.ref[slot] = message;
    // A packet outlives a crash of its target: whatever life it finds there, it reaches.
    this.payloads.epoch[slot] = ANY_EPOCH;
    this.kernel.queue.schedule(due as SimMicros, EVENT.deliver, to, slot);
  }

  #deliver(node: SimNode, slot: number): boolean {
    const { payloads } = this;
    const message = payloads.ref[slot] as Message;
    const from = payloads.source[slot] as number;
    const role = payloads.role[slot] as number;
    const call = payloads.a[slot] as CallRef;
    payloads.give(slot);
    if (role === ROLE.error) {
      const error = message as unknown as CallError;
      this.#count(EVENT.deliver, node, from, this.#codeWord(error.code), 0);
      this.#finishCall(node, call, this.#failure(error));
      return true;
    }
    const entry = this.table.get(message.type);
    invariant(entry !== undefined, `no contract of this run has a message ${message.type}`);
    this.#count(EVENT.deliver, node, from, entry.word, entry.spec.digest(message));
    if (role === ROLE.reply) {
      this.#finishCall(node, call, { outcome: 'ok', value: message });
      return true;
    }
    const handler = node.behaviour.on[message.type];
    if (handler === undefined) {
      if (role === ROLE.request) node.context.refuse(call, 'not-supported');
      return true;
    }
    handler(node.state, node.context, message, from, role === ROLE.request ? call : NO_CALL);
    return true;
  }

  #failure(error: CallError): CallResult {
    return { outcome: this.table.isDefinite(error.code) ? 'fail' : 'unknown', error };
  }

  // --- calls ---------------------------------------------------------------------------------

  /** Registers a call of a node and sends its request. */
  openCall(
    node: SimNode,
    to: NodeIndex,
    request: Message,
    timeout: number,
    tag: number,
    script: number,
  ): void {
    const ref = (this.#nextCall * CALLERS_MAX + node.identity.index) as CallRef;
    this.#nextCall += 1;
    const slot = this.#slot(node, node.identity.index);
    this.payloads.a[slot] = ref;
    const due = (this.now + timeout) as SimMicros;
    const handle = this.kernel.queue.schedule(due, EVENT.callTimeout, node.identity.index, slot);
    node.calls.set(ref, { tag, script, handle, slot });
    this.transmit(node, to, request, ROLE.request, ref);
  }

  /** The node that a call's answer goes to. */
  callerOf(call: CallRef): NodeIndex {
    return call % CALLERS_MAX;
  }

  #timeOut(node: SimNode, slot: number): boolean {
    const ref = this.payloads.a[slot] as CallRef;
    this.payloads.give(slot);
    const pending = node.calls.get(ref);
    if (pending === undefined) return false;
    node.calls.delete(ref);
    this.#count(EVENT.callTimeout, node, node.identity.index, 0, 0);
    this.#giveResult(node, pending.tag, pending.script, TIMED_OUT);
    return true;
  }

  #finishCall(node: SimNode, ref: CallRef, result: CallResult): void {
    const pending = node.calls.get(ref);
    if (pending === undefined) {
      this.lateReplies += 1;
      return;
    }
    node.calls.delete(ref);
    if (this.kernel.queue.cancel(pending.handle)) this.payloads.give(pending.slot);
    this.#giveResult(node, pending.tag, pending.script, result);
  }

  #giveResult(node: SimNode, tag: number, script: number, result: CallResult): void {
    if (script >= 0) this.#resumeScript(node, script, result);
    else node.behaviour.onResult?.(node.state, node.context, tag, result);
  }

  // --- timers, disk, cores -------------------------------------------------------------------

  timerKey(kind: string, key: number): number {
    return this.#kindId(kind) * TIMER_KEYS + key;
  }

  setTimer(node: SimNode, kind: string, key: number, delayMicros: number): void {
    const { queue } = this.kernel;
    const at = (this.now + delayMicros) as SimMicros;
    const id = this.timerKey(kind, key);
    const armed = node.timers.get(id);
    if (armed !== undefined && queue.cancel(armed.handle)) {
      armed.handle = queue.schedule(at, EVENT.timer, node.identity.index, armed.slot);
      armed.setMicros = this.now;
      armed.firesMicros = at;
      return;
    }
    const slot = this.#slot(node, node.identity.index);
    this.payloads.a[slot] = id;
    const handle = queue.schedule(at, EVENT.timer, node.identity.index, slot);
    const timer = { kind, key, handle, slot, setMicros: this.now, firesMicros: at };
    node.timers.set(id, timer);
  }

  cancelTimer(node: SimNode, kind: string, key: number): void {
    const id = this.timerKey(kind, key);
    const armed = node.timers.get(id);
    if (armed === undefined) return;
    node.timers.delete(id);
    if (this.kernel.queue.cancel(armed.handle)) this.payloads.give(armed.slot);
  }

  #fireTimer(node: SimNode, slot: number): boolean {
    const id = this.payloads.a[slot] as number;
    const armed = node.timers.get(id);
    this.payloads.give(slot);
    // A timer that waited for a paused node may have been cancelled or armed again since.
    if (armed === undefined || armed.slot !== slot) return false;
    node.timers.delete(id);
    this.#count(EVENT.timer, node, node.identity.index, this.#codeWord(armed.kind), armed.key | 0);
    node.behaviour.onTimer?.(node.state, node.context, armed.kind, armed.key);
    return true;
  }

  sync(node: SimNode, ticket: number): void {
    invariant(node.disk !== null, `${node.behaviour.component} has no disk`);
    this.#scheduleSync(node, node.disk.requestSync(ticket));
  }

  #scheduleSync(node: SimNode, takesMicros: number): void {
    if (takesMicros < 0) return;
    const slot = this.#slot(node, node.identity.index);
    const at = (this.now + takesMicros) as SimMicros;
    this.kernel.queue.schedule(at, EVENT.synced, node.identity.index, slot);
  }

  #synced(node: SimNode, slot: number): boolean {
    this.payloads.give(slot);
    invariant(node.disk !== null, 'an fsync ended on a node without a disk');
    const tickets = node.disk.completeSync();
    this.#count(EVENT.synced, node, node.identity.index, 0, tickets[tickets.length - 1] ?? 0);
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
    const slot = this.#slot(node, node.identity.index);
    this.payloads.a[slot] = tag;
    const at = (this.now + takesMicros) as SimMicros;
    this.kernel.queue.schedule(at, EVENT.worked, node.identity.index, slot);
  }

  #worked(node: SimNode, slot: number): boolean {
    const tag = this.payloads.a[slot] as number;
    this.payloads.give(slot);
    this.#count(EVENT.worked, node, node.identity.index, 0, tag | 0);
    if (node.cpu.release()) this.#scheduleWork(node, node.cpu.nextMicros, node.cpu.nextTag);
    node.behaviour.onWorked?.(node.state, node.context, tag);
    return true;
  }

  // --- scripts -------------------------------------------------------------------------------

  runScript(node: SimNode, name: string, args: unknown, tag: number): void {
    const script = node.behaviour.scripts?.find((s) => s.name === name);
    invariant(script !== undefined, `${node.behaviour.component} has no script ${name}`);
    const record = new ScriptRecord(script, args, tag);
    const id = this.unique();
    node.scripts.set(id, record);
    this.#advanceScript(node, id, record, record.begin());
  }

  #resumeScript(node: SimNode, id: number, value: unknown): void {
    const record = node.scripts.get(id);
    invariant(record !== undefined, 'a result came for a script that is gone');
    this.#advanceScript(node, id, record, record.resume(value));
  }

  #advanceScript(
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
        this.openCall(node, to, request.request, timeout, SCRIPT_TAG, id);
        return;
      }
      if (request.do === 'sleep') {
        const slot = this.#slot(node, node.identity.index);
        this.payloads.a[slot] = id;
        const at = (this.now + node.clock.trueDelay(request.duration)) as SimMicros;
        this.kernel.queue.schedule(at, EVENT.script, node.identity.index, slot);
        return;
      }
      step = record.resume(node.context.stream(request.purpose).below(request.below));
    }
    node.scripts.delete(id);
    node.behaviour.onScript?.(node.state, node.context, record.tag, step.value);
  }

  #wakeScript(node: SimNode, slot: number): boolean {
    const id = this.payloads.a[slot] as number;
    this.payloads.give(slot);
    this.#count(EVENT.script, node, node.identity.index, 0, id | 0);
    this.#resumeScript(node, id, undefined);
    return true;
  }

  // --- life ----------------------------------------------------------------------------------

  /** Adds a node, down; `boot` starts it. */
  add(node: SimNode): void {
    invariant(node.identity.index === this.nodes.length, 'nodes get their places in order');
    this.nodes.push(node);
    node.context = new NodeContext(this, node);
  }

  /** Schedules the node's start at the present moment. */
  boot(node: SimNode): void {
    const slot = this.#slot(node, node.identity.index);
    this.kernel.queue.schedule(this.now, EVENT.start, node.identity.index, slot);
  }

  #start(node: SimNode, slot: number): boolean {
    this.payloads.give(slot);
    if (node.status !== 'down') return false;
    node.status = 'up';
    node.restarts += 1;
    this.#count(EVENT.start, node, node.identity.index, 0, node.restarts);
    for (const [, group] of node.identity.links) {
      node.members.set(group, this.groups.get(group) ?? []);
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
    if (node.status === 'down' || node.status === 'retired') return;
    this.#clear(node);
    node.disk?.crash(this.now);
    node.status = 'down';
    node.context.tell({ type: 'node.crashed' });
    this.taps.touched?.(node.identity.index);
  }

  pause(node: SimNode): void {
    if (node.status !== 'up') return;
    node.status = 'paused';
    node.context.tell({ type: 'node.paused' });
    this.taps.touched?.(node.identity.index);
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
      this.kernel.queue.schedule(this.now, kind, node.identity.index, slot);
    }
    this.taps.touched?.(node.identity.index);
  }

  /** The node leaves for good; its place is never given again. */
  retire(node: SimNode): void {
    if (node.status === 'retired') return;
    this.#clear(node);
    node.status = 'retired';
    node.context.tell({ type: 'node.retired' });
    this.taps.touched?.(node.identity.index);
  }

  /** The members of a group changed: whoever links to it is told, each by an event of its own. */
  setMembers(group: string, members: readonly NodeIndex[]): void {
    this.groups.set(group, members);
    for (const node of this.nodes) {
      if (node.status === 'down' || node.status === 'retired') continue;
      if (![...node.identity.links.values()].includes(group)) continue;
      const slot = this.#slot(node, node.identity.index);
      this.payloads.ref[slot] = { group, members };
      this.kernel.queue.schedule(this.now, EVENT.members, node.identity.index, slot);
    }
  }

  #tellMembers(node: SimNode, slot: number): boolean {
    const change = this.payloads.ref[slot] as { group: string; members: readonly NodeIndex[] };
    this.payloads.give(slot);
    node.members.set(change.group, change.members);
    this.#count(EVENT.members, node, node.identity.index, hashText(change.group), 0);
    node.behaviour.onMembers?.(node.state, node.context, change.group);
    return true;
  }

  #clear(node: SimNode): void {
    const { queue } = this.kernel;
    for (const timer of node.timers.values()) {
      if (queue.cancel(timer.handle)) this.payloads.give(timer.slot);
    }
    for (const call of node.calls.values()) {
      if (queue.cancel(call.handle)) this.payloads.give(call.slot);
    }
    for (let i = 1; i < node.mailbox.length; i += 2) this.payloads.give(node.mailbox[i] as number);
    node.timers.clear();
    node.calls.clear();
    node.scripts.clear();
    node.mailbox = [];
    node.cpu.crash();
    node.epoch += 1;
    node.state = null;
  }

  // --- small things --------------------------------------------------------------------------

  unique(): number {
    return this.#nextUnique++;
  }

  #slot(target: SimNode, source: NodeIndex): number {
    const slot = this.payloads.take();
    this.payloads.source[slot] = source;
    this.payloads.epoch[slot] = target.epoch;
    return slot;
  }

  #count(kind: number, node: SimNode, source: NodeIndex, type: number, word: number): void {
    this.kernel.executed(kind, node.identity.index, source, type, word);
  }

  #kindId(kind: string): number {
    const known = this.#kindIds.get(kind);
    if (known !== undefined) return known;
    const id = this.#kindIds.size;
    this.#kindIds.set(kind, id);
    return id;
  }

  #codeWord(text: string): number {
    const known = this.#codeWords.get(text);
    if (known !== undefined) return known;
    const word = hashText(text);
    this.#codeWords.set(text, word);
    return word;
  }

  save(): HostImage {
    return {
      payloads: this.payloads.save(),
      nodes: this.nodes.map((node) => node.save()),
      groups: [...this.groups],
      nextCall: this.#nextCall,
      nextUnique: this.#nextUnique,
      lateReplies: this.lateReplies,
    };
  }

  /** Nodes spawned after the image was taken are forgotten: the re-run spawns them again. */
  restore(image: HostImage): void {
    this.payloads.restore(image.payloads);
    this.nodes.length = image.nodes.length;
    image.nodes.forEach((saved, i) => this.node(i).restore(saved));
    this.groups.clear();
    for (const [group, members] of image.groups) this.groups.set(group, members);
    this.#nextCall = image.nextCall;
    this.#nextUnique = image.nextUnique;
    this.lateReplies = image.lateReplies;
  }
}

/** A call's number and its caller share one safe integer. */
const CALLERS_MAX = 65_536;
const TIMER_KEYS = 4_294_967_296;
/** Of a packet: it is not tied to one life of its target. */
export const ANY_EPOCH = -1;
const TIMED_OUT: CallResult = { outcome: 'unknown', error: { code: 'timeout' } };
