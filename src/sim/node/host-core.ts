/**
 * What the parts of the host share: the kernel, the network, the nodes, the payloads of pending
 * events and the taps.
 */
import type { MessageTable } from '../contracts/contract.ts';
import { InvariantError } from '../kernel/errors.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { SeededDraws } from '../kernel/seeded-draws.ts';
import { hashText } from '../kernel/trace-hash.ts';
import type { SimMicros } from '../kernel/time.ts';
import type { Network } from '../network/network.ts';
import type { NodeIndex } from './behaviour.ts';
import type { SimNode } from './node.ts';
import { Payloads } from './payloads.ts';
import { noTaps } from './taps.ts';

export class HostCore {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly table: MessageTable;
  /** Rules that this run has switched off. */
  readonly ablations: readonly string[];
  readonly payloads = new Payloads();
  /** Scratch: what it gives is valid until it is asked again. */
  readonly seeded = new SeededDraws();
  readonly nodes: SimNode[] = [];
  readonly taps = noTaps();
  /** Living members by group, in order of ordinal. */
  readonly groups = new Map<string, readonly NodeIndex[]>();
  #nextUnique = 0;
  readonly #words = new Map<string, number>();

  constructor(kernel: Kernel, network: Network, table: MessageTable, ablations: readonly string[]) {
    this.kernel = kernel;
    this.network = network;
    this.table = table;
    this.ablations = ablations;
  }

  get now(): SimMicros {
    return this.kernel.now;
  }

  node(index: NodeIndex): SimNode {
    const node = this.nodes[index];
    if (node === undefined) throw new InvariantError(`there is no node ${index}`);
    return node;
  }

  /** A number that no other call in this run returns. */
  unique(): number {
    return this.#nextUnique++;
  }

  /** A payload slot for an event of the target's present life. */
  slot(target: SimNode, source: NodeIndex): number {
    const slot = this.payloads.take();
    this.payloads.source[slot] = source;
    this.payloads.epoch[slot] = target.epoch;
    this.taps.causes?.scheduled(slot);
    return slot;
  }

  /** Schedules an event that a node causes for itself, `delayMicros` from now. */
  later(node: SimNode, kind: number, slot: number, delayMicros: number): void {
    const at = (this.now + delayMicros) as SimMicros;
    this.kernel.queue.schedule(at, kind, node.identity.index, slot);
  }

  /** Counts the event that is about to be handled. */
  count(kind: number, node: SimNode, source: NodeIndex, type: number, word: number): void {
    this.kernel.executed(kind, node.identity.index, source, type, word);
    this.taps.causes?.handled(kind, node.identity.index);
  }

  /** The word that stands for a text in the trace hash. */
  word(text: string): number {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const word = hashText(text);
    this.#words.set(text, word);
    return word;
  }

  get uniqueCount(): number {
    return this.#nextUnique;
  }
  set uniqueCount(count: number) {
    this.#nextUnique = count;
  }
}
