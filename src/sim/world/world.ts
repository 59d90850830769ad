/**
 * The world as checks, faults and stories may see it: read-only, and without any way to draw,
 * schedule or send. A node's state is typed by whoever knows its component.
 */
import type { Host } from '../node/host.ts';
import type { AnyBehaviour, NodeIndex, TypedBehaviour } from '../node/behaviour.ts';
import type { Cores } from '../node/cpu.ts';
import type { NodeStatus, SimNode } from '../node/node.ts';
import type { SimMicros } from '../kernel/time.ts';

export interface WorldNode {
  readonly index: NodeIndex;
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly zone: string;
  readonly component: string;
  readonly status: NodeStatus;
  /** How often it was started: 0 before its first start, more than 1 after a crash. */
  readonly starts: number;
  /** The behaviour's live state, or null while the node is down. Read it, keep nothing of it. */
  readonly state: unknown;
  readonly durable: unknown;
  readonly cores: Cores;
  readonly behaviour: AnyBehaviour;
  /** Roles that it plays now; none while down. */
  roles(): readonly string[];
}

/** The live state of a node of this component; null while it is down, or is of another one. */
export function stateOf<S>(behaviour: TypedBehaviour<S>, node: WorldNode): S | null {
  // A node's state is what its behaviour's `start` returned: this is the one place that says so.
  return node.behaviour === behaviour ? (node.state as S | null) : null;
}

export interface World {
  readonly now: SimMicros;
  /** The number of the event that ran last. */
  readonly event: number;
  readonly nodes: readonly WorldNode[];
  node(index: NodeIndex): WorldNode;
  /** Members of a group that were not retired, by ordinal. */
  group(name: string): readonly WorldNode[];
  groups(): readonly string[];
  /** Whether a packet sent now from one to the other would meet a cut. */
  isCut(from: NodeIndex, to: NodeIndex): boolean;
}

/** Reads through to the node, so that it is never stale. */
class NodeView implements WorldNode {
  readonly of: SimNode;

  constructor(node: SimNode) {
    this.of = node;
  }
  get index(): NodeIndex {
    return this.of.identity.index;
  }
  get id(): string {
    return this.of.identity.id;
  }
  get name(): string {
    return this.of.identity.name;
  }
  get group(): string {
    return this.of.identity.group;
  }
  get zone(): string {
    return this.of.identity.zone;
  }
  get component(): string {
    return this.of.behaviour.component;
  }
  get behaviour(): AnyBehaviour {
    return this.of.behaviour;
  }
  get status(): NodeStatus {
    return this.of.status;
  }
  get state(): unknown {
    return this.of.state;
  }
  get starts(): number {
    return this.of.restarts + 1;
  }
  get durable(): unknown {
    return this.of.disk?.durable ?? null;
  }
  get cores(): Cores {
    return this.of.cpu;
  }
  roles(): readonly string[] {
    return this.of.state === null ? NO_ROLES : this.of.behaviour.roles(this.of.state);
  }
}

const NO_ROLES: readonly string[] = Object.freeze([]);

interface GroupView {
  readonly members: readonly NodeIndex[];
  readonly nodes: readonly NodeView[];
}

/** Asked after nearly every event, so nothing is built anew unless nodes came or went. */
export class HostWorld implements World {
  readonly #host: Host;
  readonly #views: NodeView[] = [];
  readonly #groups = new Map<string, GroupView>();

  constructor(host: Host) {
    this.#host = host;
  }

  get now(): SimMicros {
    return this.#host.now;
  }
  get event(): number {
    return this.#host.kernel.eventNumber;
  }

  get nodes(): readonly WorldNode[] {
    const count = this.#host.nodes.length;
    // Spawned nodes appear at the end; a restore may have taken some away again.
    this.#views.length = Math.min(this.#views.length, count);
    for (let index = 0; index < count; index++) this.#view(index);
    return this.#views;
  }

  node(index: NodeIndex): WorldNode {
    return this.#view(index);
  }

  #view(index: NodeIndex): NodeView {
    const node = this.#host.node(index);
    const known = this.#views[index];
    if (known !== undefined && known.of === node) return known;
    const view = new NodeView(node);
    this.#views[index] = view;
    return view;
  }

  group(name: string): readonly WorldNode[] {
    const members = this.#host.groups.get(name) ?? NOBODY;
    const known = this.#groups.get(name);
    if (known !== undefined && known.members === members && this.#isFresh(known)) {
      return known.nodes;
    }
    const nodes = members.map((index) => this.#view(index));
    this.#groups.set(name, { members, nodes });
    return nodes;
  }

  #isFresh(group: GroupView): boolean {
    for (const view of group.nodes) if (this.#host.nodes[view.index] !== view.of) return false;
    return true;
  }

  groups(): readonly string[] {
    return [...this.#host.groups.keys()];
  }

  isCut(from: NodeIndex, to: NodeIndex): boolean {
    return this.#host.network.isCut(from, to);
  }
}

const NOBODY: readonly NodeIndex[] = Object.freeze([]);
