/**
 * The world as checks, faults and stories may see it: read-only, and without any way to draw,
 * schedule or send. A node's state is typed by whoever knows its component.
 */
import type { Host } from '../node/host.ts';
import type { AnyBehaviour, NodeIndex } from '../node/behaviour.ts';
import type { NodeStatus } from '../node/node.ts';
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
  readonly behaviour: AnyBehaviour;
  /** Roles that it plays now; none while down. */
  roles(): readonly string[];
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

export class HostWorld implements World {
  readonly #host: Host;
  #views: WorldNode[] = [];

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
    const { nodes } = this.#host;
    // Spawned nodes appear at the end; a restore may have taken some away again.
    if (this.#views.length > nodes.length) this.#views.length = nodes.length;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i];
      if (node !== undefined && this.#views[i]?.id !== node.identity.id) {
        this.#views[i] = viewNode(this.#host, i);
      }
    }
    return this.#views;
  }

  node(index: NodeIndex): WorldNode {
    return this.nodes[index] ?? viewNode(this.#host, index);
  }

  group(name: string): readonly WorldNode[] {
    return (this.#host.groups.get(name) ?? []).map((index) => this.node(index));
  }

  groups(): readonly string[] {
    return [...this.#host.groups.keys()];
  }

  isCut(from: NodeIndex, to: NodeIndex): boolean {
    return this.#host.network.isCut(from, to);
  }
}

/** Reads through to the host, so that it is never stale. */
function viewNode(host: Host, index: NodeIndex): WorldNode {
  const { identity, behaviour } = host.node(index);
  return {
    index,
    id: identity.id,
    name: identity.name,
    group: identity.group,
    zone: identity.zone,
    component: behaviour.component,
    behaviour,
    get status() {
      return host.node(index).status;
    },
    get starts() {
      return host.node(index).restarts + 1;
    },
    get state() {
      return host.node(index).state;
    },
    get durable() {
      return host.node(index).disk?.durable ?? null;
    },
    roles() {
      const { state } = host.node(index);
      return state === null ? [] : behaviour.roles(state);
    },
  };
}
