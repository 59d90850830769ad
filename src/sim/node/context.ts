/**
 * What a behaviour may do, carried out by the host.
 */
import type { Message } from '../contracts/contract.ts';
import type { Fact } from '../contracts/facts.ts';
import { FIRST_TRY, tryMark } from '../contracts/tries.ts';
import { InvariantError, invariant } from '../kernel/errors.ts';
import type { Stream } from '../kernel/random.ts';
import type { Duration, MonoMicros, WallMicros } from '../kernel/time.ts';
import type { CallId, CallOptions, CallRef, Context, NodeIndex } from './behaviour.ts';
import { NO_CALL } from './behaviour.ts';
import type { Cores } from './cpu.ts';
import { ROLE } from './events.ts';
import type { Calls } from './calls.ts';
import type { HostCore } from './host-core.ts';
import type { Life } from './life.ts';
import type { Messages } from './messages.ts';
import type { Resources } from './resources.ts';
import type { Scripts } from './script-host.ts';
import type { Timers } from './timers.ts';
import type { SimNode } from './node.ts';

const NOBODY: readonly NodeIndex[] = Object.freeze([]);

/** What a context needs of the host. */
export interface ContextHost extends HostCore {
  readonly messages: Messages;
  readonly calls: Calls;
  readonly timers: Timers;
  readonly resources: Resources;
  readonly scripts: Scripts;
  readonly life: Life;
}

export class NodeContext implements Context {
  readonly self: NodeIndex;
  readonly id: string;
  readonly config: unknown;
  readonly ablations: readonly string[];
  readonly #host: ContextHost;
  readonly #node: SimNode;
  /** The purposes that were asked for, and their streams: so few that to look beats a map. */
  readonly #purposes: string[] = [];
  readonly #streams: Stream[] = [];
  readonly #draws = new Map<string, () => number>();

  constructor(host: ContextHost, node: SimNode) {
    this.#host = host;
    this.#node = node;
    this.self = node.identity.index;
    this.id = node.identity.id;
    this.config = node.identity.config;
    this.ablations = host.ablations;
  }

  get life(): number {
    return this.#node.restarts;
  }

  get cores(): Cores {
    return this.#node.cpu;
  }

  get durable(): unknown {
    return this.#node.disk?.durable ?? null;
  }

  mono(): MonoMicros {
    return this.#node.clock.mono(this.#host.now);
  }

  wall(): WallMicros {
    return this.#node.clock.wall(this.#host.now);
  }

  stream(purpose: string): Stream {
    const purposes = this.#purposes;
    for (let at = 0; at < purposes.length; at++) {
      if (purposes[at] === purpose) return this.#streams[at] as Stream;
    }
    const stream = this.#host.kernel.streams.stream(`node/${this.id}/${purpose}`);
    purposes.push(purpose);
    this.#streams.push(stream);
    return stream;
  }

  draws(purpose: string): () => number {
    let draw = this.#draws.get(purpose);
    if (draw === undefined) {
      const stream = this.stream(purpose);
      draw = () => stream.uint32();
      this.#draws.set(purpose, draw);
    }
    return draw;
  }

  get links(): readonly string[] {
    return [...this.#node.identity.links.keys()].filter((role) => role !== 'peers');
  }

  seeded(seed: number, purpose: number): Stream {
    return this.#host.seeded.of(seed, purpose);
  }

  members(role: string): readonly NodeIndex[] {
    const group = this.#node.identity.links.get(role);
    if (group !== undefined) return this.#node.members.get(group) ?? [];
    const { component, links } = this.#node.behaviour;
    if (links[role]?.optional !== true) {
      throw new InvariantError(`${component} asks for a link ${role} that it does not declare`);
    }
    return NOBODY;
  }

  nameOf(node: NodeIndex): string {
    return this.#host.node(node).identity.name;
  }

  zoneOf(node: NodeIndex): string {
    return this.#host.node(node).identity.zone;
  }

  send(to: NodeIndex, message: Message): void {
    this.#host.messages.transmit(this.#node, to, message, ROLE.notice, NO_CALL, -1);
  }

  call(to: NodeIndex, request: Message, options: CallOptions): CallId {
    invariant(options.tag >= 0, 'a call tag is not negative');
    const timeout = this.#node.clock.trueDelay(options.timeout);
    const { tag, tryNumber, isHedge } = options;
    const mark = tryNumber === undefined ? FIRST_TRY : tryMark(tryNumber, isHedge === true);
    return this.#host.calls.open(this.#node, to, request, timeout, tag, -1, mark);
  }

  abandon(call: CallId): boolean {
    return this.#host.calls.abandon(this.#node, call);
  }

  timeLeft(): Duration | null {
    const { deadlineMicros } = this.#node;
    if (deadlineMicros < 0) return null;
    return Math.max(0, deadlineMicros - this.#host.now) as Duration;
  }

  reply(call: CallRef, message: Message): void {
    this.#answer(call, message, ROLE.reply);
  }

  refuse(call: CallRef, code: string, detail?: unknown): void {
    const error = { type: 'error', code, ...(detail === undefined ? {} : { detail }) };
    this.#answer(call, error, ROLE.error);
  }

  #answer(call: CallRef, message: Message, role: number): void {
    if (call === NO_CALL) return;
    const { calls, messages } = this.#host;
    messages.transmit(this.#node, calls.callerOf(call), message, role, call, -1);
  }

  setTimer(kind: string, key: number, delay: Duration): void {
    this.#host.timers.set(this.#node, kind, key, this.#node.clock.trueDelay(delay));
  }

  cancelTimer(kind: string, key: number): void {
    this.#host.timers.cancel(this.#node, kind, key);
  }

  write(record: object): void {
    const { disk, behaviour } = this.#node;
    if (disk === null) throw new InvariantError(`${behaviour.component} has no disk`);
    disk.write(record, this.#host.now);
  }

  sync(ticket: number): void {
    this.#host.resources.sync(this.#node, ticket);
  }

  work(demand: Duration, tag: number, priority = 0): void {
    this.#node.cpu.work(demand, tag, priority);
  }

  stall(duration: Duration): void {
    invariant(duration >= 0, 'a stall is not negative');
    if (duration > 0) this.#node.cpu.stall(duration);
  }

  exit(restartAfter: Duration | null): void {
    const delay = restartAfter === null ? null : this.#node.clock.trueDelay(restartAfter);
    this.#host.life.requestExit(this.#node, delay);
  }

  run(script: string, args: unknown, tag: number): void {
    this.#host.scripts.run(this.#node, script, args, tag);
  }

  unique(): number {
    return this.#host.unique();
  }

  tell(fact: Fact): void {
    this.#host.taps.fact?.(this.self, fact);
  }

  probe(channel: string, payload: unknown): void {
    this.#host.taps.probe?.(this.self, channel, payload);
  }
}
