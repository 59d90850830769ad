/**
 * From a plan to the parts of a run: kernel, network, nodes, faults. Everything that a plan may
 * get wrong is found here, before the first event, and said in one sentence.
 */
import { validate } from '../contracts/validate.ts';
import { FaultSchedule } from '../faults/schedule.ts';
import { Injector } from '../faults/injector.ts';
import { ScenarioError, invariant } from '../kernel/errors.ts';
import type { Order } from '../kernel/event-queue.ts';
import { Kernel } from '../kernel/kernel.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { Network } from '../network/network.ts';
import { Topology } from '../network/topology.ts';
import { NodeClock } from '../node/clock.ts';
import { DEFAULT_DISK, Disk } from '../node/disk.ts';
import { Host } from '../node/host.ts';
import { SimNode } from '../node/node.ts';
import { makeCpu } from '../node/scheduling/index.ts';
import type { AnyBehaviour, NodeIndex } from '../node/behaviour.ts';
import { sampleMicros } from '../policies/distribution.ts';
import type { Distribution } from '../policies/distribution.ts';
import { HostWorld } from '../world/world.ts';
import type { GroupPlan, Plan } from './plan.ts';
import type { Registry } from './registry.ts';

export interface BuiltRun {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly host: Host;
  readonly world: HostWorld;
  readonly injector: Injector;
  readonly schedule: FaultSchedule;
  readonly growth: Growth;
}

export interface BuildOptions {
  readonly seed: number;
  readonly order: Order;
  readonly ablations: readonly string[];
}

export function build(plan: Plan, registry: Registry, options: BuildOptions): BuiltRun {
  const kernel = new Kernel(options.seed, options.order);
  const topology = new Topology(plan.network);
  const names: string[] = [];
  const network: Network = new Network(
    kernel.streams,
    (from, to) => topology.settings(host.node(from).identity, host.node(to).identity),
    (index) => names[index] ?? `#${index}`,
  );
  const host: Host = new Host(kernel, network, registry.messages, options.ablations);
  const growth = new Growth(plan, registry, host, topology, names);
  for (const group of plan.groups) growth.found(group);
  const world = new HostWorld(host);
  const injector = new Injector(host, world);
  const schedule = new FaultSchedule(plan.faults, plan.healAtMs ?? null, {
    streams: kernel.streams,
    injector,
    predicates: registry.predicates,
  });
  for (const node of host.nodes) host.life.boot(node);
  return { kernel, network, host, world, injector, schedule, growth };
}

/** Puts nodes into the run: those of the plan at first, others while it runs. */
export class Growth {
  readonly #plan: Plan;
  readonly #registry: Registry;
  readonly #host: Host;
  readonly #topology: Topology;
  readonly #names: string[];

  constructor(plan: Plan, registry: Registry, host: Host, topology: Topology, names: string[]) {
    this.#plan = plan;
    this.#registry = registry;
    this.#host = host;
    this.#topology = topology;
    this.#names = names;
  }

  /** Places a group's members; they are not booted yet. */
  found(group: GroupPlan): void {
    const members: NodeIndex[] = [];
    for (let ordinal = 1; ordinal <= group.count; ordinal++) {
      members.push(this.#place(group, ordinal, 0));
    }
    this.#host.groups.set(group.name, members);
  }

  /** Adds one member to a group, boots it, and tells whoever links to the group. */
  spawn(groupName: string): NodeIndex {
    const group = this.#plan.groups.find((g) => g.name === groupName);
    if (group === undefined) {
      throw new ScenarioError(`There is no group "${groupName}".`, {
        hint: didYouMean(
          groupName,
          this.#plan.groups.map((g) => g.name),
        ),
      });
    }
    const living = this.#host.groups.get(groupName) ?? [];
    const ordinal = this.#freeOrdinal(living);
    const earlier = this.#host.nodes.filter(
      (n) => n.identity.group === groupName && n.identity.ordinal === ordinal,
    );
    const index = this.#place(group, ordinal, earlier.length);
    this.#host.life.boot(this.#host.node(index));
    const members = [...living, index].sort((a, b) => this.#ordinalOf(a) - this.#ordinalOf(b));
    this.#host.life.setMembers(groupName, members);
    return index;
  }

  retire(index: NodeIndex): void {
    const node = this.#host.node(index);
    if (node.status === 'retired') return;
    const { group } = node.identity;
    this.#host.life.retire(node);
    const left = (this.#host.groups.get(group) ?? []).filter((other) => other !== index);
    this.#host.life.setMembers(group, left);
  }

  #ordinalOf(index: NodeIndex): number {
    return this.#host.node(index).identity.ordinal;
  }

  #freeOrdinal(living: readonly NodeIndex[]): number {
    const taken = new Set(living.map((index) => this.#ordinalOf(index)));
    let ordinal = 1;
    while (taken.has(ordinal)) ordinal += 1;
    return ordinal;
  }

  #place(group: GroupPlan, ordinal: number, incarnation: number): NodeIndex {
    const behaviour = this.#registry.components.get(group.component);
    invariant(behaviour !== undefined, 'a plan is validated before it is built');
    const index = this.#host.nodes.length;
    const id = `${group.name}/${ordinal}/${incarnation}`;
    this.#names[index] = id;
    const links = new Map<string, string>([['peers', group.name]]);
    for (const [role, target] of Object.entries(group.links ?? {})) links.set(role, target);
    const identity = {
      index,
      id,
      name: `${group.name}${ordinal}`,
      group: group.name,
      ordinal,
      incarnation,
      zone: this.#zoneOf(group, ordinal),
      config: validate(behaviour.config, group.config ?? {}, `groups/${group.name}/config`),
      links,
    };
    this.#host.add(
      new SimNode(identity, behaviour, {
        clock: this.#clockOf(group, id),
        cpu: makeCpu(group.scheduling ?? 'fifo', group.cores ?? 1),
        disk: this.#diskOf(group, behaviour, id),
      }),
    );
    return index;
  }

  #zoneOf(group: GroupPlan, ordinal: number): string {
    const { zones } = this.#topology;
    if (typeof group.placement === 'object') return group.placement.zone;
    return zones[(ordinal - 1) % zones.length] ?? 'zone';
  }

  #clockOf(group: GroupPlan, id: string): NodeClock {
    const stream = this.#host.kernel.streams.stream(`node/${id}/clock`);
    const draw = (d: Distribution | undefined): number =>
      d === undefined ? 0 : sampleMicros(d, stream);
    // A drift is drawn by the same distributions: their milliseconds stand for parts per million.
    const driftPpm = draw(group.clock?.driftPpm) / 1_000;
    return new NodeClock(Math.round(draw(group.clock?.offsetMs)), driftPpm);
  }

  #diskOf(group: GroupPlan, behaviour: AnyBehaviour, id: string): Disk | null {
    if (behaviour.durable === undefined) return null;
    const stream = this.#host.kernel.streams.stream(`node/${id}/disk`);
    return new Disk({ ...DEFAULT_DISK, ...group.disk }, behaviour.durable, stream);
  }
}
