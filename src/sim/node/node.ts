/**
 * A node as the host holds it: identity, life, clocks, disk, cores, calls and timers.
 */
import { clonePlain } from '../kernel/clone.ts';
import { RisingMap } from '../kernel/rising-map.ts';
import type { Handle } from '../kernel/wheel.ts';
import type { AnyBehaviour, Context, Handler, NodeIndex } from './behaviour.ts';
import type { ClockImage, NodeClock } from './clock.ts';
import type { Cpu, CpuImage } from './cpu.ts';
import type { Disk, DiskImage } from './disk.ts';
import type { ScriptRecord } from './script-record.ts';

export type NodeStatus = 'up' | 'down' | 'paused' | 'retired';

/** What never changes about a node. */
export interface NodeIdentity {
  readonly index: NodeIndex;
  /** `group/ordinal/incarnation`. */
  readonly id: string;
  /** Short: group and ordinal, `n3`. */
  readonly name: string;
  readonly group: string;
  readonly ordinal: number;
  readonly incarnation: number;
  readonly zone: string;
  readonly config: unknown;
  /** Groups by role. */
  readonly links: ReadonlyMap<string, string>;
}

/** A call that awaits its result. */
export interface PendingCall {
  readonly tag: number;
  /** The script that waits for it, or -1: then the behaviour does. */
  readonly script: number;
  readonly handle: Handle;
  readonly slot: number;
}

/** What a process asked for when it ended itself. */
export interface Exit {
  /** After so long it starts again; null: not by itself. */
  readonly restartMicros: number | null;
}

export interface ArmedTimer {
  readonly kind: string;
  /** What stands for the kind in the trace hash. */
  readonly word: number;
  readonly key: number;
  handle: Handle;
  slot: number;
  setMicros: number;
  firesMicros: number;
}

export interface NodeImage {
  readonly status: NodeStatus;
  readonly epoch: number;
  readonly restarts: number;
  readonly state: unknown;
  readonly clock: ClockImage;
  readonly cpu: CpuImage;
  readonly disk: DiskImage | null;
  readonly calls: readonly (readonly [number, PendingCall])[];
  readonly timers: readonly (readonly [number, ArmedTimer])[];
  readonly mailbox: readonly number[];
  readonly scripts: readonly (readonly [number, ScriptRecord])[];
  readonly members: readonly (readonly [string, readonly NodeIndex[]])[];
  readonly exit: Exit | null;
}

export class SimNode {
  readonly identity: NodeIdentity;
  readonly behaviour: AnyBehaviour;
  readonly clock: NodeClock;
  readonly cpu: Cpu;
  readonly disk: Disk | null;
  /** Set by the host right after construction: the context needs the node and the host. */
  context!: Context;
  /** Of its behaviour, by the place of the message's type; set by the host. */
  handlers: readonly (Handler | undefined)[] = [];

  status: NodeStatus = 'down';
  /** Raised by every crash: events of an earlier life are stale. */
  epoch = 0;
  restarts = -1;
  /** The behaviour's state, or null while down. */
  state: unknown = null;
  /** Of the request that is being handled: when its caller gives up, or -1. */
  deadlineMicros = -1;
  /** By the number of the call. */
  readonly calls = new RisingMap<PendingCall>();
  /** By `timerKey` of the host. */
  timers = new Map<number, ArmedTimer>();
  /** Events that wait for a paused node: kind and payload slot in turn. */
  mailbox: number[] = [];
  readonly scripts = new RisingMap<ScriptRecord>();
  /** Members by group as this node was last told. */
  members = new Map<string, readonly NodeIndex[]>();
  /** The process ends itself when the handler that runs has returned. */
  exit: Exit | null = null;
  /**
   * By the faults in force, which whoever injects them sets, also after a restore: whether its
   * machine is gone, so that nobody speaks for a dead process; and whether it may not start.
   */
  isMachineDown = false;
  isHeldDown = false;

  constructor(
    identity: NodeIdentity,
    behaviour: AnyBehaviour,
    parts: { readonly clock: NodeClock; readonly cpu: Cpu; readonly disk: Disk | null },
  ) {
    this.identity = identity;
    this.behaviour = behaviour;
    this.clock = parts.clock;
    this.cpu = parts.cpu;
    this.disk = parts.disk;
  }

  save(): NodeImage {
    const { behaviour } = this;
    const alive = this.status === 'up' || this.status === 'paused';
    return {
      status: this.status,
      epoch: this.epoch,
      restarts: this.restarts,
      state: !alive ? null : behaviour.save ? behaviour.save(this.state) : clonePlain(this.state),
      clock: this.clock.save(),
      cpu: this.cpu.save(),
      disk: this.disk?.save() ?? null,
      calls: [...this.calls],
      timers: [...this.timers].map(([key, timer]) => [key, { ...timer }] as const),
      mailbox: this.mailbox.slice(),
      scripts: [...this.scripts].map(([id, script]) => [id, script.copy()] as const),
      members: [...this.members],
      exit: this.exit,
    };
  }

  restore(image: NodeImage): void {
    const { behaviour } = this;
    this.status = image.status;
    this.epoch = image.epoch;
    this.restarts = image.restarts;
    const alive = image.status === 'up' || image.status === 'paused';
    this.state = !alive
      ? null
      : behaviour.restore
        ? behaviour.restore(image.state)
        : clonePlain(image.state);
    this.clock.restore(image.clock);
    this.cpu.restore(image.cpu);
    if (this.disk !== null && image.disk !== null) this.disk.restore(image.disk);
    this.calls.clear();
    for (const [number, call] of image.calls) this.calls.add(number, call);
    this.timers = new Map(image.timers.map(([key, timer]) => [key, { ...timer }]));
    this.mailbox = image.mailbox.slice();
    this.scripts.clear();
    for (const [id, script] of image.scripts) this.scripts.add(id, script.copy());
    this.members = new Map(image.members);
    this.exit = image.exit;
  }
}
