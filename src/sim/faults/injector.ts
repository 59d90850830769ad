/**
 * Injects faults and undoes them.
 *
 * Invariant: what a node or link suffers is a function of the set of faults in force, never of the
 * order in which they came and went. So crashes, pauses and factors are recomputed from that set,
 * and undoing in any order restores the node and the network exactly. The one exception is life
 * itself: the end of a process takes its node out of the pauses in force, since what stood still is
 * gone; and a process that was asked to end goes on ending when that is undone.
 */
import { compareText } from '../kernel/canonical.ts';
import { InvariantError } from '../kernel/errors.ts';
import { SLOWEST_FACTOR } from '../kernel/time.ts';
import type { Host } from '../node/host.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import type { PacketRule } from '../network/packet-rule.ts';
import {
  CutRule,
  DuplicateRule,
  LatencyRule,
  LinkSet,
  LossRule,
  PartitionRule,
  ReorderRule,
} from '../network/packet-rule.ts';
import { namesOf, resolve } from '../world/resolve.ts';
import type { Selector } from '../world/selector.ts';
import type { World } from '../world/world.ts';
import { SLOWEST_DRIFT_PPM } from './fault.ts';
import type { Fault } from './fault.ts';

/** A fault in force, with its targets as they were when it struck. Immutable. */
export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  readonly by: 'plan' | 'person';
  readonly nodes: readonly NodeIndex[];
  /** Of a partition: who hears whom. */
  readonly islands: readonly (readonly NodeIndex[])[];
  /** The island of those that the fault does not name; a node that is spawned later joins it. */
  readonly rest: readonly NodeIndex[];
  /** Of other cuts: directed links. */
  readonly cutLinks: readonly (readonly [NodeIndex, NodeIndex])[];
  readonly label: string;
}

/** Told of every change; observation only. */
export type FaultTap = (change: 'start' | 'end', active: ActiveFault) => void;

export class Injector {
  readonly #host: Host;
  readonly #world: World;
  #active: ActiveFault[] = [];
  tap: FaultTap | null = null;

  constructor(host: Host, world: World) {
    this.#host = host;
    this.#world = world;
    host.life.onEnd = (index) => this.#endPauses(index);
  }

  get active(): readonly ActiveFault[] {
    return this.#active;
  }

  /** Strikes. Returns false where the selection is empty or the id is taken: nothing happened. */
  inject(id: string, fault: Fault, by: 'plan' | 'person'): boolean {
    if (this.#active.some((a) => a.id === id)) return false;
    const active = this.#aim(id, fault, by);
    if (active.nodes.length === 0) return false;
    this.#active.push(active);
    const rule = this.#ruleOf(active);
    if (rule !== null) this.#host.network.install(rule);
    this.#strike(active, 'start');
    this.tap?.('start', active);
    return true;
  }

  /** Takes a fault back. False where none of that id is in force. */
  undo(id: string): boolean {
    const active = this.#active.find((a) => a.id === id);
    if (active === undefined) return false;
    this.#active = this.#active.filter((a) => a !== active);
    this.#host.network.uninstall(id);
    this.#strike(active, 'end');
    this.tap?.('end', active);
    return true;
  }

  undoAll(): void {
    for (const active of this.#active.slice()) this.undo(active.id);
  }

  #aim(id: string, fault: Fault, by: 'plan' | 'person'): ActiveFault {
    const find = (selector: Selector): readonly NodeIndex[] => resolve(this.#world, selector);
    const base = { id, fault, by, islands: [], rest: [], cutLinks: [] };
    const name = (nodes: readonly NodeIndex[]): string => namesOf(this.#world, nodes);
    switch (fault.type) {
      case 'partition': {
        const named = this.#islands(fault.groups);
        const rest = this.#othersThan(named.flat());
        const islands = rest.length === 0 ? named : [...named, rest];
        const label = `${islands.map(name).join(' | ')} cut apart`;
        // One island that holds everybody cuts nothing.
        return { ...base, islands, rest, nodes: islands.length < 2 ? [] : islands.flat(), label };
      }
      case 'one-way': {
        const from = find(fault.from);
        const to = find(fault.to);
        const label = `${name(from)} not heard by ${name(to)}`;
        return { ...base, nodes: union(from, to), cutLinks: pairs(from, to), label };
      }
      case 'cut-link': {
        const a = find(fault.a);
        const b = find(fault.b);
        const cutLinks = [...pairs(a, b), ...pairs(b, a)];
        return { ...base, nodes: union(a, b), cutLinks, label: `${name(a)} - ${name(b)} cut` };
      }
      case 'loss':
      case 'latency':
      case 'duplicate':
      case 'reorder': {
        const nodes = union(find(fault.from ?? 'all'), find(fault.to ?? 'all'));
        return { ...base, nodes, label: labelOfLinkFault(fault) };
      }
      case 'pause': {
        // What does not run cannot stand still; a crash ends a pause, and not the other way round.
        const isDown = (index: NodeIndex) => this.#host.node(index).status === 'down';
        const nodes = find(fault.target).filter((index) => !isDown(index));
        return { ...base, nodes, label: `pause ${name(nodes)}` };
      }
      case 'crash':
      case 'terminate':
      case 'clock-jump':
      case 'clock-drift':
      case 'slow-disk':
      case 'fsync-off':
      case 'slow-cpu': {
        const nodes = find(fault.target);
        return { ...base, nodes, label: `${fault.type} ${name(nodes)}` };
      }
    }
  }

  /** A node that is named twice belongs to the first island that names it. */
  #islands(groups: readonly Selector[]): readonly (readonly NodeIndex[])[] {
    const taken = new Set<NodeIndex>();
    const islands: (readonly NodeIndex[])[] = [];
    for (const group of groups) {
      const members = resolve(this.#world, group).filter((index) => !taken.has(index));
      for (const index of members) taken.add(index);
      if (members.length > 0) islands.push(members);
    }
    return islands;
  }

  #othersThan(named: readonly NodeIndex[]): readonly NodeIndex[] {
    return resolve(this.#world, 'all').filter((index) => !named.includes(index));
  }

  #ruleOf(active: ActiveFault): PacketRule | null {
    const { id, fault } = active;
    const stream = this.#host.kernel.streams.stream(`fault/${id}`);
    const links = (f: { readonly from?: Selector; readonly to?: Selector }): LinkSet =>
      new LinkSet(
        f.from === undefined ? null : resolve(this.#world, f.from),
        f.to === undefined ? null : resolve(this.#world, f.to),
      );
    switch (fault.type) {
      case 'partition':
        // The rest is named nowhere, so that a node that is spawned later belongs to it.
        return new PartitionRule(
          id,
          active.islands.filter((island) => island !== active.rest),
        );
      case 'one-way':
      case 'cut-link':
        return new CutRule(
          id,
          active.cutLinks.map(([from, to]) => new LinkSet([from], [to])),
        );
      case 'loss':
        return new LossRule(id, links(fault), fault.probability, fault.burst ?? null, stream);
      case 'latency':
        return new LatencyRule(id, links(fault), fault.factor ?? 1, fault.extra ?? null, stream);
      case 'duplicate':
        return new DuplicateRule(id, links(fault), fault.probability, stream);
      case 'reorder':
        return new ReorderRule(id, links(fault), fault.probability, fault.by, stream);
      case 'crash':
      case 'terminate':
      case 'pause':
      case 'clock-jump':
      case 'clock-drift':
      case 'slow-disk':
      case 'fsync-off':
      case 'slow-cpu':
        return null;
    }
  }

  /** Brings the touched nodes into the condition that the set in force asks for. */
  #strike(active: ActiveFault, change: 'start' | 'end'): void {
    const { fault } = active;
    for (const index of active.nodes) {
      const node = this.#host.node(index);
      switch (fault.type) {
        case 'crash':
          this.#setLife(index);
          if (change === 'start') this.#crash(index);
          else this.#restart(index);
          break;
        case 'terminate':
          this.#setLife(index);
          if (change === 'end') this.#restart(index);
          else this.#terminate(index, fault.preStopMs ?? 0, fault.graceMs ?? GRACE_MS);
          break;
        case 'pause':
          if (change === 'start') this.#host.life.pause(node);
          else if (!this.#suffers(index, 'pause')) this.#host.life.resume(node);
          break;
        case 'clock-jump':
          node.clock.jump((change === 'start' ? 1 : -1) * Math.round(fault.byMs * 1_000));
          break;
        case 'clock-drift':
          this.#setDrift(index);
          break;
        case 'slow-disk':
          this.#slowDisk(index);
          break;
        case 'fsync-off':
          node.disk?.switchOff(this.#suffers(index, 'fsync-off'));
          break;
        case 'slow-cpu':
          node.cpu.slow(this.#cpuFactor(index));
          break;
        case 'partition':
        case 'one-way':
        case 'cut-link':
        case 'loss':
        case 'latency':
        case 'duplicate':
        case 'reorder':
          break;
        default:
          fault satisfies never;
      }
    }
  }

  #suffers(index: NodeIndex, type: Fault['type']): boolean {
    return this.#active.some((a) => a.fault.type === type && a.nodes.includes(index));
  }

  /** What is said of its life by all faults in force. */
  #setLife(index: NodeIndex): void {
    const node = this.#host.node(index);
    node.isMachineDown = this.#on(index).some(({ fault }) => isMachineLoss(fault));
    node.isHeldDown = this.#suffers(index, 'crash') || this.#suffers(index, 'terminate');
  }

  #crash(index: NodeIndex): void {
    this.#host.life.crash(this.#host.node(index));
    this.#endPauses(index);
  }

  #terminate(index: NodeIndex, preStopMs: number, graceMs: number): void {
    const [preStop, grace] = [Math.round(preStopMs * 1_000), Math.round(graceMs * 1_000)];
    this.#host.life.terminate(this.#host.node(index), preStop, grace);
  }

  /** A pause ends with the process that it stopped: the next one runs. */
  #endPauses(index: NodeIndex): void {
    this.#active = this.#active.map((a) =>
      a.fault.type !== 'pause' || !a.nodes.includes(index)
        ? a
        : { ...a, nodes: a.nodes.filter((other) => other !== index) },
    );
  }

  #restart(index: NodeIndex): void {
    const node = this.#host.node(index);
    if (node.status === 'down' && !node.isHeldDown) this.#host.life.boot(node);
  }

  #setDrift(index: NodeIndex): void {
    const { clock } = this.#host.node(index);
    let ppm = clock.ownDriftPpm;
    for (const a of this.#on(index)) if (a.fault.type === 'clock-drift') ppm += a.fault.ppm;
    // No timer of a clock that stands still would run out.
    ppm = Math.max(ppm, Math.min(clock.ownDriftPpm, SLOWEST_DRIFT_PPM));
    // The same rate again would be another state of the clock that tells the same time.
    if (clock.save().driftPpm !== ppm) clock.setDrift(this.#host.now, ppm);
  }

  #cpuFactor(index: NodeIndex): number {
    let factor = 1;
    for (const a of this.#on(index)) if (a.fault.type === 'slow-cpu') factor *= a.fault.factor;
    return Math.min(factor, SLOWEST_FACTOR);
  }

  #slowDisk(index: NodeIndex): void {
    let factor = 1;
    let extraMs = 0;
    for (const { fault } of this.#on(index)) {
      if (fault.type !== 'slow-disk') continue;
      factor *= fault.factor ?? 1;
      extraMs += fault.extraMs ?? 0;
    }
    this.#host
      .node(index)
      .disk?.slow(Math.min(factor, SLOWEST_FACTOR), Math.round(extraMs * 1_000));
  }

  /** In the order of their ids, so that products of doubles do not depend on history. */
  #on(index: NodeIndex): readonly ActiveFault[] {
    return this.#active
      .filter((a) => a.nodes.includes(index))
      .sort((a, b) => compareText(a.id, b.id));
  }

  /** Packet rules are saved by the network, conditions of nodes by the nodes. */
  save(): readonly ActiveFault[] {
    return this.#active.slice();
  }

  restore(image: readonly ActiveFault[]): void {
    this.#active = image.slice();
    for (const { identity } of this.#host.nodes) this.#setLife(identity.index);
  }
}

/** Kubernetes terminationGracePeriodSeconds. */
const GRACE_MS = 30_000;

const isMachineLoss = (fault: Fault): boolean => fault.type === 'crash' && fault.machineUp !== true;

const union = (a: readonly NodeIndex[], b: readonly NodeIndex[]): readonly NodeIndex[] => [
  ...new Set([...a, ...b]),
];

function pairs(
  from: readonly NodeIndex[],
  to: readonly NodeIndex[],
): (readonly [NodeIndex, NodeIndex])[] {
  return from.flatMap((a) => to.filter((b) => b !== a).map((b) => [a, b] as const));
}

function labelOfLinkFault(
  fault: Extract<Fault, { type: 'loss' | 'latency' | 'duplicate' | 'reorder' }>,
): string {
  const percent = (p: number): string => `${Math.round(p * 1_000) / 10} %`;
  switch (fault.type) {
    case 'loss':
      return `${percent(fault.probability)} of packets lost`;
    case 'duplicate':
      return `${percent(fault.probability)} of packets twice`;
    case 'reorder':
      return `${percent(fault.probability)} of packets held back`;
    case 'latency':
      if (fault.factor === undefined && fault.extra === undefined) {
        throw new InvariantError('a latency fault without factor and extra passed its schema');
      }
      return fault.factor === undefined ? 'links slower' : `links ${fault.factor} times as slow`;
  }
}
